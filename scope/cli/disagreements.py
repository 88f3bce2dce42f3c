"""The command that reports the disagreements in scores which exist already."""

import logging
from pathlib import Path

import click

from scope.base.params import read_section
from scope.cli.options import File
from scope.config.disagreements import DisagreementParams
from scope.config.fritz import FritzParams
from scope.config.taxonomy import class_names
from scope.reports.published_scores import report_scores


@click.command()
@click.argument("scores", type=File)
@click.option("--out", type=File, required=True, help="Folder to write.")
@click.option("--known", type=File, help="Table of sources to leave out.")
def disagreements(scores: Path, out: Path, known: Path | None) -> None:
    """Report where the two algorithms disagree in a table of SCORES.

    SCORES is a CSV, Parquet or HDF5 table as SCoPe publishes them: _id, ra, dec [deg], period [d]
    and a pair of columns TAG_dnn, TAG_xgb for each class. The thresholds are those of params.yaml.
    """
    params = read_section("disagreements", DisagreementParams)
    fritz = read_section("fritz", FritzParams)
    found = report_scores(scores, out, params, fritz, known, class_names())
    n_found = sum(count["dnn"] + count["xgb"] for count in found.counts.values())
    logging.getLogger(__name__).info("%d disagreements, see %s", n_found, out / "report.html")
