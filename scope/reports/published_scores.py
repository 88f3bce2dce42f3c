"""The page of the disagreements in a table of scores that exists already."""

from dataclasses import replace
from pathlib import Path

from scope.base.hashing import file_md5
from scope.config.disagreements import DisagreementParams
from scope.config.fritz import FritzParams
from scope.disagreements.known import known_sources
from scope.disagreements.rule import Summary, find_disagreements
from scope.reports.disagreement_page import Origin, write_report
from scope.tables.reading import read_table


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
