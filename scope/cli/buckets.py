"""The commands that bring data sets and models from Google Cloud Storage: they parse and call."""

from typing import TYPE_CHECKING, Any

import click

from scope.cli.options import command, options

if TYPE_CHECKING:
    from scope.buckets.versions import Tracked

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
def fetch_datasets(check: bool, **given: Any) -> None:
    """Bring data sets from a bucket to data/training/ and version data/ with DVC.

    What is there already and equal is left; what was cut off is gone on with. The origin of each
    file is kept in data.dvc. A line on the standard output for each file that is new.
    """
    from scope.buckets.fetching import DATASETS

    _run(DATASETS, check, given)


@command("fetch-models")
@options(_gcs_path("gs://ztf-scope/models"), PATTERN, FORCE, CHECK, PATIENCE)
def fetch_models(check: bool, **given: Any) -> None:
    """Bring trained models from a bucket to models/pretrained/ and version them with DVC.

    As fetch-datasets does; the origin of each file is kept in models/pretrained.dvc.
    """
    from scope.buckets.fetching import MODELS

    _run(MODELS, check, given)


def _run(tracked: "Tracked", check: bool, given: dict[str, Any]) -> None:
    from scope.buckets import fetching

    run = fetching.check if check else fetching.fetch
    for line in run(tracked, fetching.Options(**given)):
        click.echo(line)


COMMANDS = (fetch_datasets, fetch_models)
