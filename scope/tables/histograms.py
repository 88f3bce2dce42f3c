"""The column `dmdt`: dm-dt histograms as lists in Arrow, as arrays and as JSON."""

import numpy as np
import pandas as pd
import pyarrow as pa
import simdjson
from numpy.typing import NDArray
from pandas.arrays import ArrowExtensionArray

from scope.base.constants import CELLS, DMDT, SIDE
from scope.base.errors import DataError
from scope.tables.rules import listed, require


def dmdt_of(frame: pd.DataFrame) -> NDArray[np.float32]:
    """Return the dm-dt histograms of a frame as float32 of shape (n, 26, 26), rows dm, columns dt.

    Raises
    ------
    DataError : there is no column `dmdt`, or some rows do not hold 676 numbers (they are named)
    """
    if DMDT not in frame:
        raise DataError(f"the table has no column {DMDT!r} among {listed(frame.columns)}")
    column = frame[DMDT]
    if isinstance(column.dtype, pd.ArrowDtype):
        lists = pa.array(column)
        if isinstance(lists, pa.ChunkedArray):  # one chunk a row group of the file
            lists = lists.combine_chunks()
        if pa.types.is_fixed_size_list(lists.type) and lists.type.list_size == CELLS:
            require(frame, lists.is_valid().to_numpy(zero_copy_only=False), "a dmdt of 676 numbers")
            flat = lists.flatten().to_numpy(zero_copy_only=False)
            return np.asarray(flat, dtype=np.float32).reshape(-1, SIDE, SIDE)
        # Lists of any length: slow, but only to find and name the rows that are wrong.
        column = pd.Series(lists.to_pylist(), index=column.index, dtype=object)
    sizes = np.array([np.size(one) for one in column], dtype=np.int64)
    require(frame, sizes == CELLS, f"a {DMDT} of {CELLS} numbers", found=sizes)
    rows = [np.asarray(one, dtype=np.float32).reshape(CELLS) for one in column]
    return np.array(rows, dtype=np.float32).reshape(-1, SIDE, SIDE)


def with_dmdt(frame: pd.DataFrame, histograms: NDArray[np.float32]) -> pd.DataFrame:
    """Return the frame with the histograms, shape (n, 26, 26) or (n, 676), as its last column."""
    column = pd.Series(as_column(histograms), index=frame.index)
    return pd.concat([frame.drop(columns=DMDT, errors="ignore"), column.rename(DMDT)], axis=1)


def as_column(histograms: NDArray[np.float32]) -> ArrowExtensionArray:
    """Return histograms, shape (n, 26, 26) or (n, 676), as what a frame's `dmdt` holds."""
    lists = arrow_lists(histograms)
    return pd.array(lists, dtype=pd.ArrowDtype(lists.type))


def arrow_lists(histograms: NDArray[np.float32]) -> pa.FixedSizeListArray:
    """Return histograms, shape (n, 26, 26) or (n, 676), as lists of 676 float32 in Arrow."""
    flat = np.ascontiguousarray(histograms, dtype=np.float32).reshape(-1)
    return pa.FixedSizeListArray.from_arrays(pa.array(flat), CELLS)


def parse_histograms(texts: pa.Array) -> NDArray[np.float32]:
    """Return the histograms in JSON texts of 26 lists of 26 numbers, or of 676, shape (n, 676).

    The same numbers as by `json.loads` and `numpy.array`, fifteen times as fast. DataError where
    a text is of no such form.
    """
    # One parser for all texts, as it keeps its buffers; it refuses the next text while a document
    # of the last one is alive, which is why `_histogram` is a function.
    parser = simdjson.Parser()
    histograms = np.empty((len(texts), CELLS), dtype=np.float32)
    with np.errstate(over="ignore"):  # infinite numbers are for the caller to judge
        for row, text in enumerate(texts.to_pylist()):
            histograms[row] = _histogram(parser, text)
    return histograms


def _histogram(parser: simdjson.Parser, text: str) -> NDArray[np.float64]:
    try:
        document = parser.parse(text)
        if isinstance(document, simdjson.Array) and _is_square_or_flat(document, text):
            return np.frombuffer(document.as_buffer(of_type="d"), np.float64)
    except (ValueError, TypeError, RuntimeError) as error:
        raise DataError(f"{text[:20]!r} is no JSON list of numbers ({error})") from error
    raise DataError(f"{text[:20]!r} is no JSON list of {SIDE} x {SIDE} numbers")


def _is_square_or_flat(document: simdjson.Array, text: str) -> bool:
    """Tell whether a list of numbers is of 26 x 26 or of 676; its numbers are not looked at."""
    # as_buffer flattens lists of any shape: without this 2 x 338 would pass for 26 x 26.
    n_lists = text.count("[")
    if n_lists == 1:
        return len(document) == CELLS
    return n_lists == 1 + SIDE == 1 + len(document) and all(
        isinstance(row, simdjson.Array) and len(row) == SIDE for row in document
    )
