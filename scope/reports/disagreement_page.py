"""The folder reports/fritz: a page of the disagreements to read, a table, the receipt of push."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from scope.base.files import atomic_path, write_json
from scope.config.disagreements import DisagreementParams
from scope.config.fritz import FritzParams
from scope.disagreements.candidates import Candidate, group_candidates
from scope.disagreements.rule import Summary
from scope.fritz.plan import plan
from scope.reports.figures import score_plane, sky_map
from scope.reports.source_cards import source_cards
from scope.reports.templating import template

DECIMALS = {"ra": "{:.7f}", "dec": "{:.7f}", "dnn": "{:.4f}", "xgb": "{:.4f}"}
OTHER = "{:.8g}"


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
    return template("disagreements.html.j2").render(
        origin=origin,
        summary=summary,
        receipt=receipt,
        total=len(found),
        light_curves=found["_id"].nunique(),
        classes=class_rows(summary, origin.names),
        cards=source_cards(candidates, origin.names, receipt.get("uploaded", {})),
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
