"""The sources behind the disagreements: several light curves and classes, one place on the sky."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
import pandas as pd

from scope.data.same_source import source_numbers
from scope.data.sky import mean_position, source_name

FRITZ = "https://fritz.science"
SEARCH_ARCSEC = 5.0  # radius of the searches that the links start


@dataclass(frozen=True)
class Candidate:
    """One source that a person should look at.

    Attributes
    ----------
    name : ZTFJHHMMSS.ss+DDMMSS.s
    ra, dec : mean over its light curves [deg]
    rows : its disagreements, one a light curve and class, the widest apart first
    """

    name: str
    ra: float
    dec: float
    rows: list[dict[str, Any]]

    def largest_gap(self) -> float:
        """Return how far its two scores differ where they differ most."""
        return max(abs(float(row["dnn"]) - float(row["xgb"])) for row in self.rows)


def group_candidates(found: pd.DataFrame, radius_arcsec: float) -> list[Candidate]:
    """Return the sources of the disagreements, the widest apart first, then by name.

    Light curves belong together as `scope.data.same_source.group_sources` has it.
    """
    if found.empty:
        return []
    gap = (found["dnn"] - found["xgb"]).abs()
    # Tag and _id break ties, so that the pages come out the same each time.
    ordered = found.assign(gap=gap).sort_values(
        ["gap", "tag", "_id"], ascending=[False, True, True]
    )
    ordered = ordered.drop(columns="gap")
    groups: dict[int, list[dict[str, Any]]] = {}
    numbers = source_numbers(ordered, radius_arcsec).tolist()
    for number, row in zip(numbers, ordered.to_dict("records"), strict=True):
        groups.setdefault(number, []).append({str(name): value for name, value in row.items()})
    candidates = [_candidate(rows) for rows in groups.values()]
    return sorted(candidates, key=lambda one: (-one.largest_gap(), one.name))


def is_missing(value: Any) -> bool:
    """Say whether a value of a row is null or NaN."""
    return bool(pd.isna(value))


def _candidate(rows: list[dict[str, Any]]) -> Candidate:
    # A light curve counts once for the position, in however many classes it disagrees.
    places = np.array(list({row["_id"]: (row["ra"], row["dec"]) for row in rows}.values()))
    ra, dec = mean_position(places[:, 0], places[:, 1])
    return Candidate(source_name(ra, dec), ra, dec, rows)


def links(candidate: Candidate, page: str | None = None) -> dict[str, str]:
    """Return where to look the source up: archive -> address of a search by its position.

    `page` is the address of the source's page on Fritz, where it is known.
    """
    # Six digits are 4 mas, a thousandth of the radius.
    ra, dec = f"{candidate.ra:.6f}", f"{candidate.dec:.6f}"
    degrees = f"{SEARCH_ARCSEC / 3600.0:.6f}"
    place = quote(f"{ra} {candidate.dec:+.6f}")
    return {
        "Fritz": page
        or f"{FRITZ}/api/sources?" + urlencode({"ra": ra, "dec": dec, "radius": degrees}),
        "SIMBAD": "https://simbad.cds.unistra.fr/simbad/sim-coo?"
        + urlencode({"Coord": f"{ra} {dec}", "Radius": SEARCH_ARCSEC, "Radius.unit": "arcsec"}),
        "Gaia": "https://vizier.cds.unistra.fr/viz-bin/VizieR-4?"
        # I/355 is Gaia DR3 in VizieR's numbering.
        + f"-source=I/355/gaiadr3&-c={place}&-c.rs={SEARCH_ARCSEC:g}",
        "ZTF": "https://irsa.ipac.caltech.edu/cgi-bin/ZTF/nph_light_curves?"
        + f"POS=CIRCLE+{ra}+{dec}+{degrees}&FORMAT=CSV",
        "Pan-STARRS": "https://ps1images.stsci.edu/cgi-bin/ps1cutouts?"
        + urlencode({"pos": f"{ra} {dec}", "filter": "color"}),
        "ALeRCE": "https://alerce.online/?"
        + urlencode({"ra": ra, "dec": dec, "radius": f"{SEARCH_ARCSEC:g}"}),
    }
