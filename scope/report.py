"""The report of the disagreements: a page to read, a table to work on, the plan of the upload."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from scope.candidates import Candidate, group_candidates, is_missing, links
from scope.crossmatch import sexagesimal
from scope.disagreements import Summary, find_disagreements
from scope.files import atomic_path, write_json
from scope.known import known_sources
from scope.pages import template
from scope.params import DisagreementParams, FritzParams
from scope.push import plan
from scope.tables import read_table

DECIMALS = {"ra": "{:.7f}", "dec": "{:.7f}", "dnn": "{:.4f}", "xgb": "{:.4f}"}
OTHER = "{:.8g}"
# What a scanner looks at first; the table has all.
SHOWN_FEATURES = {
    "wmean": "mean brightness [mag]",
    "median": "median brightness [mag]",
    "i90r": "5-95 % range [mag]",
    "significance": "significance of the period",
    "f1_power": "share of chi2 that the Fourier model explains",
    "skew": "skewness",
    "inv_vonneumannratio": "1 / von Neumann ratio",
    "stetson_k": "Stetson K",
    "n_ztf_alerts": "ZTF alerts",
    "Gaia_EDR3__phot_g_mean_mag": "Gaia G [mag]",
    "Gaia_EDR3__parallax": "Gaia parallax [mas]",
    "AllWISE__w1mpro": "WISE W1 [mag]",
}


@dataclass(frozen=True)
class Origin:
    """Where disagreements come from.

    Attributes
    ----------
    data_set : its name
    md5 : of the file the disagreements, or the scores, were read from
    names : tag -> name of the class, for those known
    """

    data_set: str
    md5: str
    names: dict[str, str] = field(default_factory=dict)


def report_scores(
    path: Path,
    out: Path,
    params: DisagreementParams,
    fritz: FritzParams,
    known: Path | None = None,
    names: dict[str, str] | None = None,
) -> Summary:
    """Report the disagreements in a table of scores, as SCoPe publishes them, to the folder `out`.

    Writes report.html, report.csv and receipt.json.

    Parameters
    ----------
    path : CSV, Parquet or HDF5 with `_id`, `ra`, `dec` [deg], `<tag>_dnn` and `<tag>_xgb`
    known : table of the light curves already known (`_id`, `ra`, `dec`; `obj_id` if there)
    names : tag -> name of the class

    Raises
    ------
    DataError : a table cannot be read or breaks the rules of `find_disagreements`
    """
    scores = read_table(path)
    found, summary = find_disagreements(
        scores, None if known is None else known_sources(known), params, str(path)
    )
    origin = Origin(path.name.split(".")[0], file_md5(path), names or {})
    write_report(found, summary, origin, (params, replace(fritz, mode="plan")), out)
    return summary


Send = Callable[[list[Candidate]], dict[str, Any]]


def file_md5(path: Path) -> str:
    """Return the md5 of a file's bytes, as DVC names a version of it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def write_report(
    found: pd.DataFrame,
    summary: Summary,
    origin: Origin,
    params: tuple[DisagreementParams, FritzParams],
    out: Path,
    send: Send | None = None,
) -> None:
    """Write report.html, report.csv and receipt.json to the folder `out`.

    They are the same to the byte, unless `send` uploads the sources: it returns what the receipt
    then says of the upload (see scope.uploads.upload_disagreements).
    """
    disagreements, fritz = params
    candidates = group_candidates(found, disagreements.radius_arcsec)
    receipt = plan(candidates, fritz, origin.data_set, disagreements.radius_arcsec)
    receipt["data_md5"] = origin.md5
    if send is not None:
        receipt |= send(candidates)
    with atomic_path(out / "report.csv") as temporary:
        csv_text(found).to_csv(temporary, index=False, lineterminator="\n")
    write_json(receipt, out / "receipt.json")
    with atomic_path(out / "report.html") as temporary:
        page = render(found, candidates, summary, origin, receipt)
        temporary.write_text(page, encoding="utf-8")


def csv_text(found: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its numbers as text: scores to 4, degrees to 7 decimals."""
    text = {}
    for name in found.columns:
        column = found[name]
        if pd.api.types.is_float_dtype(column):
            form = DECIMALS.get(str(name), OTHER)
            text[name] = pd.Series(
                ["" if pd.isna(one) else form.format(one) for one in column], dtype="str"
            )
        else:
            text[name] = column.reset_index(drop=True)
    return pd.DataFrame(text, columns=found.columns)


def render(
    found: pd.DataFrame,
    candidates: list[Candidate],
    summary: Summary,
    origin: Origin,
    receipt: dict[str, Any],
) -> str:
    """Return the page: self-contained, no address is opened by reading it."""
    from scope.report_figures import score_plane, sky_map

    return template("fritz_report.html.j2").render(
        origin=origin,
        summary=summary,
        receipt=receipt,
        total=len(found),
        light_curves=found["_id"].nunique(),
        classes=class_rows(summary, origin.names),
        cards=[card(one, origin.names, receipt.get("uploaded", {})) for one in candidates],
        has_spread=bool({"dnn_std", "xgb_std"} & set(found.columns)),
        plane=score_plane(found, summary),
        sky=sky_map(candidates),
    )


def class_rows(summary: Summary, names: dict[str, str]) -> list[dict[str, Any]]:
    """Return one row a class, those with most disagreements first."""
    rows = [
        {"tag": tag, "name": names.get(tag, tag), "found": n["dnn"] + n["xgb"], **n}
        for tag, n in summary.counts.items()
    ]
    return sorted(rows, key=lambda row: (-row["found"], row["tag"]))


def card(candidate: Candidate, names: dict[str, str], uploaded: dict[str, Any]) -> dict[str, Any]:
    """Return what the page shows of one source; `uploaded` is that of the receipt."""
    first = candidate.rows[0]
    fate = uploaded.get(candidate.name)
    ra, dec = sexagesimal(candidate.ra, candidate.dec)
    shown = [name for name in SHOWN_FEATURES if not is_missing(first.get(name))]
    return {
        "name": candidate.name,
        "ra": ra,
        "dec": dec,
        "degrees": f"{candidate.ra:.6f} {candidate.dec:+.6f}",
        "period": "" if is_missing(first["period"]) else f"{first['period']:.8g}",
        "gap": f"{candidate.largest_gap():.2f}",
        "rows": [_row(row, names) for row in candidate.rows],
        "features": [(SHOWN_FEATURES[name], f"{first[name]:.4g}") for name in shown],
        "links": links(candidate, fate["page"] if fate else None),
        "fate": fate,
    }


def _spread(value: Any) -> str:
    """Return a spread of scores as text, empty where an algorithm has one model only."""
    return "" if is_missing(value) else f"{value:.3f}"


def _row(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    where = [
        f"{key} {row[key]:.0f}" for key in ("field", "ccd", "quad") if not is_missing(row[key])
    ]
    filter_name = row["filter"] if isinstance(row["filter"], str) else f"{row['filter']:.0f}"
    if not is_missing(row["filter"]):
        where.append(f"filter {filter_name}")
    return {
        "light_curve": row["_id"],
        "obj_id": "" if is_missing(row["obj_id"]) else row["obj_id"],
        "tag": row["tag"],
        "name": names.get(row["tag"], row["tag"]),
        "sure": row["sure"],
        **{name: f"{row[name]:.3f}" for name in ("dnn", "xgb")},
        **{name: _spread(row.get(name)) for name in ("dnn_std", "xgb_std")},
        "where": ", ".join(where),
    }
