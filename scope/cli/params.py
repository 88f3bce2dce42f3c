"""The command that composes params.yaml."""

import logging
from pathlib import Path

import click

from scope.base.files import atomic_path
from scope.cli.options import File
from scope.config.checks import check_all
from scope.config.compose import compose


@click.command()
@click.argument("overrides", nargs=-1)
@click.option("--out", type=File, default="params.yaml", show_default=True)
def params(overrides: tuple[str, ...], out: Path) -> None:
    """Compose conf/ into params.yaml and check it; OVERRIDES are key=value, as after dvc's -S."""
    with atomic_path(out) as composed:
        compose(overrides, composed)
        check_all(composed)
    logging.getLogger(__name__).info("%s is composed and checked", out)
