"""Stage validate: hold the training table against the data contract, stop where it fails."""

import logging
from collections import Counter
from pathlib import Path

from scope.base.params import read_section
from scope.base.stage import run
from scope.config.dataset import DatasetParams, union_of
from scope.config.taxonomy import Taxonomy, TaxonomyEntry, label_names
from scope.config.training import read_class
from scope.config.validation import ValidationParams
from scope.data.contract import Contract, ValidationError
from scope.data.contract_check import check
from scope.data.contract_docs import PAGE_FILE, summary, write_report
from scope.tables.reading import read_table

log = logging.getLogger("scope.validate")


def main(table: str, dropped: str, out_dir: str) -> None:
    """Write the report on `table` below `out_dir`; ValidationError where a critical rule fails."""
    frame = read_table(Path(table))
    reasons = Counter(read_table(Path(dropped), ["reason"])["reason"])
    report = check(frame, read_contract())
    write_report(report, reasons, Path(out_dir))
    page = Path(out_dir) / PAGE_FILE
    if report.broken("warning"):
        log.warning("%s, see %s:\n%s", table, page, summary(report, "warning"))
    critical = len(report.broken("critical"))
    if critical:
        raise ValidationError(
            f"{table} breaks the data contract in {critical} critical points; the whole report is "
            f"{page}\n{summary(report, 'critical')}"
        )
    log.info("%s keeps to all critical rules of the data contract", table)


def read_contract() -> Contract:
    """Return what the parameters ask of the training table."""
    dataset = read_section("dataset", DatasetParams)
    return Contract(
        params=read_section("validation", ValidationParams),
        features=union_of(dataset.feature_sets),
        classes={tag: read_class(tag) for tag in read_section("classes", list[str])},
        labels=list(label_names(dataset)),
        taxonomy=Taxonomy(read_section("taxonomy", dict[str, dict[str, TaxonomyEntry]])),
    )


if __name__ == "__main__":
    run(main)
