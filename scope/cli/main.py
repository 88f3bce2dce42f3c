"""The command line: it parses and calls, nothing else."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scope.base.errors import ScopeError
from scope.base.stage import log_progress, quiet_environment
from scope.cli import buckets as cli_buckets
from scope.cli import fritz as cli_fritz
from scope.cli.lineage import lineage
from scope.cli.report import report_command
from scope.cli.sandbox import sandbox
from scope.cli.track import track
from scope.cli.train import train_command

if TYPE_CHECKING:
    from scope.data.export import Format


class Commands(click.Group):
    """A group of commands that end a ScopeError as one line and status 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was typed."""
        try:
            return super().invoke(ctx)
        except ScopeError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="scope-pipeline", prog_name="scope")
@click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong.")
def main(quiet: bool) -> None:
    """Train, score and report the variable-star classifiers of ZTF (SCoPe)."""
    quiet_environment()
    log_progress(logging.WARNING if quiet else logging.INFO, "%(message)s")


main.add_command(train_command)


@main.command()
@click.option("--out", type=click.Path(path_type=Path), default="data/sample", show_default=True)
@click.option("--training", "n_training", type=int, help="Labelled sources.", default=4000)
@click.option("--catalogue", "n_catalogue", type=int, help="Unlabelled sources.", default=1500)
@click.option("--seed", type=int, default=42, show_default=True)
def sample(out: Path, n_training: int, n_catalogue: int, seed: int) -> None:
    """Simulate the embedded sample of light curves into the folder OUT."""
    from scope.sample import SampleParams, generate

    generate(SampleParams(n_training=n_training, n_catalogue=n_catalogue, seed=seed), out)


@main.command()
@click.argument("overrides", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), default="params.yaml", show_default=True)
def params(overrides: tuple[str, ...], out: Path) -> None:
    """Compose conf/ into params.yaml and check it; OVERRIDES are key=value, as after dvc's -S."""
    from scope.base.files import atomic_path
    from scope.config.checks import check_all
    from scope.config.compose import compose

    with atomic_path(out) as composed:
        compose(overrides, composed)
        check_all(composed)
    logging.getLogger(__name__).info("%s is composed and checked", out)


@main.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "parquet", "hdf5"]),
    default="csv",
    show_default=True,
    help="CSV holds dm-dt histograms as JSON lists, 26 x 26.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="data/training/dataset.d15.csv",
    show_default=True,
)
@click.option(
    "--table",
    type=click.Path(path_type=Path),
    default="build/training.parquet",
    show_default=True,
    help="What the stage fetch wrote.",
)
def export_table(form: "Format", out: Path, table: Path) -> None:
    """Write the training table in the form of the d15 data set.

    A row a light curve: _id, ra, dec [deg], period [d], features, labels by name, dmdt.
    """
    from scope.data.export import export

    n_rows = export(table, out, form)
    logging.getLogger(__name__).info("%s holds %d light curves", out, n_rows)


@main.command()
@click.argument("scores", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@click.option("--known", type=click.Path(path_type=Path), help="Table of sources to leave out.")
def disagreements(scores: Path, out: Path, known: Path | None) -> None:
    """Report where the two algorithms disagree in a table of SCORES.

    SCORES is a CSV, Parquet or HDF5 table as SCoPe publishes them: _id, ra, dec [deg], period [d]
    and a pair of columns TAG_dnn, TAG_xgb for each class. The thresholds are those of params.yaml.
    """
    from scope.base.params import read_section
    from scope.config.disagreements import DisagreementParams
    from scope.config.fritz import FritzParams
    from scope.config.taxonomy import class_names
    from scope.reports.published_scores import report_scores

    params = read_section("disagreements", DisagreementParams)
    fritz = read_section("fritz", FritzParams)
    found = report_scores(scores, out, params, fritz, known, class_names())
    n_found = sum(count["dnn"] + count["xgb"] for count in found.counts.values())
    logging.getLogger(__name__).info("%d disagreements, see %s", n_found, out / "report.html")


for one in [
    *cli_fritz.COMMANDS,
    *cli_buckets.COMMANDS,
    lineage,
    report_command,
    sandbox,
    track,
]:
    main.add_command(one)
