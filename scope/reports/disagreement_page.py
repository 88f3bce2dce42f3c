"""The report of the disagreements: a page to read, a table to work on, the plan of the upload."""

from scope.base.hashing import file_md5
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from scope.disagreements.candidates import Candidate, group_candidates, is_missing, links
from scope.data.sky import sexagesimal
from scope.disagreements.rule import Summary, find_disagreements
from scope.base.files import atomic_path, write_json
from scope.disagreements.known import known_sources
from scope.reports.templating import template
from scope.config.disagreements import DisagreementParams
from scope.config.fritz import FritzParams
from scope.fritz.plan import plan
from scope.tables.reading import read_table

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


Send = Callable[[list[Candidate]], dict[str, Any]]


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
    then says of the upload (see scope.fritz.uploads.upload_disagreements).
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
    from scope.reports.figures import score_plane, sky_map

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
