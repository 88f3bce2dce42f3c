"""The commands that make data: the embedded sample, the training table for other programs."""

import logging
from pathlib import Path

import click

from scope.cli.options import File
from scope.data.export import Format, export
from scope.sample import SampleParams, generate

logger = logging.getLogger(__name__)


@click.command()
@click.option("--out", type=File, default="data/sample", show_default=True)
@click.option("--training", "n_training", type=int, help="Labelled sources.", default=4000)
@click.option("--catalogue", "n_catalogue", type=int, help="Unlabelled sources.", default=1500)
@click.option("--seed", type=int, default=42, show_default=True)
def sample(out: Path, n_training: int, n_catalogue: int, seed: int) -> None:
    """Simulate the embedded sample of light curves into the folder OUT."""
    generate(SampleParams(n_training=n_training, n_catalogue=n_catalogue, seed=seed), out)


@click.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "parquet", "hdf5"]),
    default="csv",
    show_default=True,
    help="CSV holds dm-dt histograms as JSON lists, 26 x 26.",
)
@click.option("--out", type=File, default="data/training/dataset.d15.csv", show_default=True)
@click.option(
    "--table",
    type=File,
    default="build/training.parquet",
    show_default=True,
    help="What the stage fetch wrote.",
)
def export_table(form: Format, out: Path, table: Path) -> None:
    """Write the training table in the form of the d15 data set.

    A row a light curve: _id, ra, dec [deg], period [d], features, labels by name, dmdt.
    """
    logger.info("%s holds %d light curves", out, export(table, out, form))
