"""Sources given as a table: features, labels and dm-dt histograms, ready-made."""

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.base.constants import CELLS, DMDT, SIDE
from scope.base.errors import DataError
from scope.config.dataset import DatasetParams
from scope.data.columns import Wanted, contract_columns
from scope.tables.histograms import dmdt_of, with_dmdt
from scope.tables.reading import read_table
from scope.tables.rules import require

logger = logging.getLogger(__name__)


def read_feature_table(path: Path, dataset: DatasetParams, wanted: Wanted) -> pd.DataFrame:
    """Return the contract table of a file of features (CSV, Parquet or HDF5).

    `dmdt` may be JSON or nested lists of 26 rows (magnitude differences) of 26 columns (time
    lags), or flat lists of 676; it is zero throughout where the file has none and
    `wanted.dmdt` is false. `period` [d] is NaN where the file has none.

    Raises
    ------
    DataError : the file cannot be read, a needed column is missing, a value has the wrong type or
        shape
    """
    table = contract_columns(read_table(path), dataset, wanted, path)
    if "period" not in table:
        logger.warning("%s: no column 'period'; periods are unknown", path)
        table.insert(list(table).index("dec") + 1, "period", np.nan)
    if DMDT in table:
        return with_dmdt(table, _histograms(table, path))
    if wanted.dmdt:
        raise DataError(
            f"{path}: no column {DMDT!r}, which the convolutional branch needs; add it as JSON "
            f"lists of {SIDE} x {SIDE}, or set training.conv_branch=false"
        )
    return with_dmdt(table, np.zeros((len(table), CELLS), dtype=np.float32))


def _histograms(table: pd.DataFrame, path: Path) -> NDArray[np.float32]:
    if isinstance(table[DMDT].dtype, pd.ArrowDtype):
        histograms = dmdt_of(table)
    else:
        rows = [_histogram(value) for value in table[DMDT]]
        fits = np.array([isinstance(row, np.ndarray) for row in rows], dtype=bool)
        require(table, fits, f"a {DMDT} of {SIDE} x {SIDE} numbers", rows, str(path))
        histograms = np.array(rows, dtype=np.float32).reshape(-1, SIDE, SIDE)
    finite = np.asarray(np.isfinite(histograms.reshape(-1, CELLS)).all(axis=1))
    require(table, finite, f"finite numbers in {DMDT}", where=str(path))
    return histograms


def _histogram(value: Any) -> NDArray[np.float32] | str:
    """Return a histogram, shape (676,), or what the value is instead."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return f"text that is no JSON, {value[:20]!r}"
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = list(value)  # an array of rows, as Arrow gives nested lists
    try:
        histogram = np.asarray(value, dtype=np.float32)
    except (TypeError, ValueError):
        return "rows of unequal length, or no numbers"
    if histogram.ndim == 0:
        return "no list"
    if histogram.shape not in ((SIDE, SIDE), (CELLS,)):
        return f"shape {histogram.shape}"
    return histogram.reshape(CELLS)
