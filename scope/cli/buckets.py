"""The commands that bring data sets and models from Google Cloud Storage: they parse and call."""

from typing import Any

import click

from scope.buckets.versions import DATASETS, MODELS, Tracked
from scope.cli.options import command, options

PATTERN = click.option(
    "--pattern",
    "patterns",
    multiple=True,
    metavar="GLOB",
    help="Only these, such as '*.csv'; may be repeated.  [default: all]",
)
FORCE = click.option(
    "--force", is_flag=True, help="Replace files here that did not come from the bucket, too."
)
CHECK = click.option(
    "--check", is_flag=True, help="Only say what the bucket has that is newer than what is tracked."
)
PATIENCE = click.option(
    "--patience",
    "patience_s",
    type=click.FloatRange(0.0),
    default=60.0,
    show_default=True,
    help="Seconds for which a request that fails is repeated.",
)


def _gcs_path(default: str) -> Any:
    return click.option(
        "--gcs-path", default=default, show_default=True, help="gs://BUCKET/PATH of the objects."
    )


@command("fetch-datasets")
@options(_gcs_path("gs://ztf-scope/datasets"), PATTERN, FORCE, CHECK, PATIENCE)
def fetch_datasets(**given: Any) -> None:
    """Bring data sets from a bucket to data/training/ and version data/ with DVC.

    What is there already and equal is left; what was cut off is gone on with. The origin of each
    file is kept in data.dvc. A line on the standard output for each file that is new.
    """
    _run(DATASETS, **given)


@command("fetch-models")
@options(_gcs_path("gs://ztf-scope/models"), PATTERN, FORCE, CHECK, PATIENCE)
def fetch_models(**given: Any) -> None:
    """Bring trained models from a bucket to models/pretrained/ and version them with DVC.

    As fetch-datasets does; the origin of each file is kept in models/pretrained.dvc.
    """
    _run(MODELS, **given)


def _run(tracked: Tracked, *, check: bool, force: bool, **given: Any) -> None:
    from scope.buckets import fetching  # Google's library and DVC, which --help does without

    if check:
        lines = fetching.check(tracked, **given)
    else:
        lines = fetching.fetch(tracked, **given, force=force)
    for line in lines:
        click.echo(line)
