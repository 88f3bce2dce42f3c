"""The commands that talk to Fritz: they parse and call, nothing else."""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from scope.errors import ConfigError

logger = logging.getLogger(__name__)
File = click.Path(path_type=Path)


class IdList(click.ParamType):  # type: ignore[type-arg]
    """Whole numbers as people write them: 360,361 or [360] or "[360, 361]"."""

    name = "ids"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[int]:
        """Return the numbers."""
        if isinstance(value, list):
            return value
        text = str(value).strip().strip("[]()")
        try:
            return [int(part) for part in text.replace(" ", ",").split(",") if part]
        except ValueError:
            self.fail(f"{value!r} is no list of ids such as 360,361 or [360]", param, ctx)


class FritzCommand(click.Command):
    """A command whose options may be written with underscores, too (--group_ids)."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments with the names of options brought to hyphens."""
        return super().parse_args(ctx, [_hyphened(one) for one in args])


def _hyphened(argument: str) -> str:
    name, equals, value = argument.partition("=")
    return name.replace("_", "-") + equals + value if name.startswith("--") else argument


def command(name: str) -> Callable[[Callable[..., Any]], FritzCommand]:
    """Return the decorator that makes a function a command of this name."""
    return click.command(name, cls=FritzCommand)


def options(*chosen: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the decorator that gives a command these options, in this order."""

    def decorate(function: Any) -> Any:
        for one in reversed(chosen):
            function = one(function)
        return function

    return decorate


SOURCE = click.option(
    "--file",
    "source",
    type=File,
    required=True,
    help="Table with ra, dec [deg]: CSV, Parquet, HDF5.",
)
GROUPS = click.option(
    "--group-ids",
    type=IdList(),
    help="Groups on Fritz, 360,361 or [360].  [default: fritz.group_ids]",
)
TAXONOMY = click.option(
    "--taxonomy-id",
    "taxonomy_ids",
    type=IdList(),
    help="Taxonomies of the classes.  [default: fritz.taxonomy_id, or by name: fritz_labels]",
)
RADIUS = click.option(
    "--radius-arcsec",
    type=click.FloatRange(0.5, 60.0),
    default=2.0,
    show_default=True,
    help="A source this close is the one of a row.",
)
CURVES = click.option(
    "--light-curves",
    type=File,
    help="Photometry of sources that are created: _id, mjd, mag, magerr, filter, catflags."
    "  [default: Kowalski]",
)
OUT = click.option(
    "--out", type=File, help="Results, CSV or Parquet.  [default: next to the input]"
)
LEDGER = click.option(
    "--ledger", type=File, help="What was sent so far.  [default: next to the input]"
)
DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would be sent; send nothing.")


@command("download-classification")
@options(SOURCE, GROUPS, TAXONOMY, RADIUS, CURVES, OUT, LEDGER)
def download_classification(
    group_ids: list[int] | None, taxonomy_ids: list[int] | None, **given: Any
) -> None:
    """Look up a table's sources on Fritz and append what they are classified as.

    With --group-ids the sources are also saved to these groups; one that is not on Fritz is then
    created from its light curves, where there are any.
    """
    from scope.uploads import download

    chosen = download.Options(group_ids=group_ids or [], taxonomy_ids=taxonomy_ids or [], **given)
    with _fritz() as client:
        _say_where(download.run(client, chosen))


@command("upload-classification")
@options(
    SOURCE,
    GROUPS,
    TAXONOMY,
    click.option(
        "--classification",
        required=True,
        help="Class of all rows, or 'read' to take each row's label columns.",
    ),
    click.option(
        "--above",
        type=click.FloatRange(0.0, 1.0),
        default=0.0,
        show_default=True,
        help="Upload the labels whose probability is above this.",
    ),
    click.option("--ml", is_flag=True, help="Say on Fritz that a machine classified."),
    *(RADIUS, CURVES, OUT, LEDGER, DRY_RUN),
)
def upload_classification(
    group_ids: list[int] | None, taxonomy_ids: list[int] | None, dry_run: bool, **given: Any
) -> None:
    """Save a table's sources to groups on Fritz and post their classifications.

    With --classification read the label columns (conf/reference/fritz_labels.yaml) are posted
    with their probabilities, otherwise NAME with the probability in a column of that name.
    """
    from scope.uploads import upload_classification as tool

    chosen = tool.Options(
        group_ids=_groups(group_ids), taxonomy_ids=_taxonomies(taxonomy_ids), **given
    )
    with _fritz() as client:
        if dry_run:
            prepared = tool.prepare(client, chosen)
            _show(tool.plan(prepared, chosen, curves=chosen.light_curves is not None))
            return
        _say_where(tool.run(client, chosen))


def _fritz() -> Any:
    from scope.credentials import fritz_credentials
    from scope.fritz import FritzClient

    known = fritz_credentials()
    return FritzClient(known.url, known.token)


def _groups(given: list[int] | None) -> list[int]:
    """Return the groups that were typed, or else those of the configuration."""
    from scope.params import FritzParams, read_section

    found = read_section("fritz", FritzParams).group_ids if given is None else given
    if not found:
        raise ConfigError("no groups: name them with --group-ids or in fritz.group_ids")
    return found


def _taxonomies(given: list[int] | None) -> list[int]:
    from scope.params import FritzParams, read_section

    if given is not None:
        return given
    known = read_section("fritz", FritzParams).taxonomy_id
    return [] if known is None else [known]


def _say_where(path: Path) -> None:
    logger.info("results: %s", path)


def _show(operations: Iterable[Any]) -> None:
    """Show a plan as a table."""
    from rich.console import Console

    from scope.uploads.show import plan_table

    Console().print(plan_table(operations))


COMMANDS = (download_classification, upload_classification)
