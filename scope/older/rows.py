"""The rows of a request: what trains, stops and tests its network."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scope.models.shared.examples import Examples
from scope.models.table_examples import ScaledTable, TableRequest, prepare_table
from scope.older.request import Request

PARTS = ("train", "val", "test", "dropped")
QUICK_ROWS = 100  # of each side in each split, for a quick try

logger = logging.getLogger(__name__)


def read_rows(request: Request) -> ScaledTable:
    """Return the table of a request, split by source, scaled, its rows chosen for the class.

    Raises
    ------
    DataError : the table cannot be read or lacks a column, or a split lacks positives or negatives
    ConfigError : the shares leave nothing to train on
    """
    older, path = request.older, Path(request.older.path_dataset)
    table = prepare_table(
        path,
        TableRequest(
            tag=request.tag,
            params=request.params,
            features=request.feature_names,
            scale_features=older.scale_features,
            feature_stats=request.feature_stats,
            test_size=older.test_size,
            val_size=older.val_size,
            radius_arcsec=request.radius_arcsec,
            random_state=older.random_state,
            dmdt=request.training.conv_branch,
        ),
    )
    if request.test:
        table = replace(table, examples=_few(table.examples))
    counts = counts_of(table.examples)
    shown = ", ".join(f"{part} {one['positive']}+{one['negative']}" for part, one in counts.items())
    logger.info("%s: %s rows, positive + negative: %s", path, f"{len(table.data.ids):,}", shown)
    return table


def counts_of(examples: Examples) -> dict[str, dict[str, int]]:
    """Return the number of positive and negative rows of each part."""
    truths = {part: examples.truth[getattr(examples, part)] for part in PARTS}
    return {
        part: {"positive": int(truth.sum()), "negative": int((~truth).sum())}
        for part, truth in truths.items()
    }


def _few(examples: Examples) -> Examples:
    train, val, test, dropped = (_first(getattr(examples, part), examples.truth) for part in PARTS)
    return replace(examples, train=train, val=val, test=test, dropped=dropped)


def _first(rows: NDArray[np.int64], truth: NDArray[np.bool_]) -> NDArray[np.int64]:
    sides = rows[truth[rows]], rows[~truth[rows]]
    return np.sort(np.concatenate([side[:QUICK_ROWS] for side in sides]))
