"""The sources behind the disagreements: several light curves and classes, one place on the sky."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scope.data.same_source import source_numbers
from scope.data.sky import mean_position, source_name


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
