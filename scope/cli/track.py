"""The commands about MLflow: they parse and call, nothing else."""

import logging
import sys
from pathlib import Path

import click

from scope.tracking.queue import QUEUE, waiting
from scope.tracking.registry import model_name
from scope.tracking.registry import promote as move
from scope.tracking.send import sync as send_all
from scope.tracking.store import Store, store_uri
from scope.tracking.workspace import main_tree

logger = logging.getLogger(__name__)


@click.group()
def track() -> None:
    """Send what waits for MLflow; choose the champion of a class.

    The store is MLFLOW_TRACKING_URI, or else mlflow.db in this folder.
    """


@track.command()
def sync() -> None:
    """Send the entries that could not be sent; ends with status 1 where some are left."""
    tree = main_tree()
    queue: Path = tree / QUEUE
    if not waiting(queue):
        logger.info("nothing waits to be sent")
    elif left := send_all(queue, tree):
        logger.warning("%d entries are left", left)
        sys.exit(1)


@track.command()
@click.argument("tag")
@click.argument("version", required=False)
def promote(tag: str, version: str | None) -> None:
    """Make a version of class TAG the champion, the latest where none is given."""
    tree = main_tree()
    chosen = move(Store(store_uri(tree), tree), tag, version)
    logger.info("%s: version %s is the champion", model_name(tag), chosen)
