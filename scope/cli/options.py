"""How the commands that talk to Fritz are written: ids, hyphens and underscores, shared options."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

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
