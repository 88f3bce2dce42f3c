"""Tables on disk: Parquet, CSV and HDF5 in, reproducible Parquet out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pandas.arrays import ArrowExtensionArray

from scope.errors import DataError
from scope.files import atomic_path

DMDT = "dmdt"
SIDE = 26  # cells of the dm-dt histogram along magnitude and along time
CELLS = SIDE * SIDE
PARQUET_SUFFIXES = (".parquet", ".pq")
CSV_SUFFIXES = (".csv", ".csv.gz")
HDF5_SUFFIXES = (".h5", ".hdf5", ".hdf")
ROWS_PER_GROUP = 1 << 16
EXAMPLES = 5  # offending rows that a message names


def read_table(path: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the table in a Parquet, CSV or HDF5 file, with the columns asked for in that order.

    A fixed-size list, such as `dmdt`, stays an Arrow column: see `dmdt_of`.

    Raises
    ------
    DataError : the file is missing, cut off, no table or of no known kind; a column is missing
        or stands in it twice
    """
    if not path.exists():
        raise DataError(f"{path}: no such file; check the dataset's paths, or rerun what makes it")
    if path.name.endswith(PARQUET_SUFFIXES):
        return _read_parquet(path, columns)
    if path.name.endswith(CSV_SUFFIXES):
        from scope.sources.csv_tables import read_csv

        return _chosen(read_csv(path), columns, path)
    if path.name.endswith(HDF5_SUFFIXES):
        from scope.sources.hdf5 import read_hdf5

        return _chosen(read_hdf5(path), columns, path)
    known = ", ".join(PARQUET_SUFFIXES + CSV_SUFFIXES + HDF5_SUFFIXES)
    raise DataError(f"{path}: a table of unknown kind; its name must end in one of {known}")


def column_names(path: Path) -> list[str]:
    """Return the names of a table's columns without reading its rows; raises as `read_table`."""
    if path.exists() and path.name.endswith(PARQUET_SUFFIXES):
        return [str(name) for name in _parquet_schema(path).names]
    return [str(name) for name in read_table(path).columns]


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a Parquet file that depends on the frame alone, `dmdt` as lists of 676 float32.

    NaN is written as null; the index is not written. DataError where a `dmdt` has another shape.
    """
    columns = {str(name): _arrow_column(frame, str(name)) for name in frame.columns}
    dictionaries = [name for name in columns if name != DMDT]
    with atomic_path(path) as temporary:
        pq.write_table(
            pa.table(columns),
            temporary,
            row_group_size=ROWS_PER_GROUP,
            compression="zstd",
            use_dictionary=dictionaries,
        )


def dmdt_of(frame: pd.DataFrame) -> NDArray[np.float32]:
    """Return the dm-dt histograms of a frame as float32 of shape (n, 26, 26), rows dm, columns dt.

    Raises
    ------
    DataError : there is no column `dmdt`, or some rows do not hold 676 numbers (they are named)
    """
    if DMDT not in frame:
        raise DataError(f"the table has no column {DMDT!r} among {_listed(frame.columns)}")
    column = frame[DMDT]
    if isinstance(column.dtype, pd.ArrowDtype):
        lists = pa.array(column)
        if isinstance(lists, pa.ChunkedArray):  # one chunk a row group of the file
            lists = lists.combine_chunks()
        if pa.types.is_fixed_size_list(lists.type) and lists.type.list_size == CELLS:
            require(frame, lists.is_valid().to_numpy(zero_copy_only=False), "a dmdt of 676 numbers")
            flat = lists.flatten().to_numpy(zero_copy_only=False)
            return np.asarray(flat, dtype=np.float32).reshape(-1, SIDE, SIDE)
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
    lists = _arrow_lists(histograms)
    return pd.array(lists, dtype=pd.ArrowDtype(lists.type))


def refuse_repeated(names: Sequence[str], path: Path) -> None:
    """Raise DataError where two columns of the file `path` have one name."""
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"{path}: column {_listed(repeated)} stands there twice; remove one")


def require(
    frame: pd.DataFrame, holds: NDArray[np.bool_], rule: str, found: Any = None, where: str = ""
) -> None:
    """Raise DataError naming the first rows, by `_id` where there is one, in which a rule fails.

    `holds`, shape (n,), is false in the rows that break the rule (such as "a positive period");
    `found`, shape (n,), holds the values to show; `where` is the file.
    """
    wrong = np.flatnonzero(~holds)
    if not len(wrong):
        return
    values = [None] * len(frame) if found is None else list(found)
    shown = [_example(frame, int(row), values[row]) for row in wrong[:EXAMPLES]]
    raise DataError(
        f"{where + ': ' if where else ''}{len(wrong)} of {len(frame)} rows lack {rule}: "
        f"{'; '.join(shown)}{' ...' if len(wrong) > EXAMPLES else ''}; correct or remove them"
    )


def _example(frame: pd.DataFrame, row: int, value: Any) -> str:
    name = f"_id {frame['_id'].iloc[row]}" if "_id" in frame else f"row {row}"
    return name if value is None else f"{name} has {value!s:.60}"


def _listed(names: Any) -> str:
    shown = [str(name) for name in names]
    return ", ".join(shown[:40]) + (" ..." if len(shown) > 40 else "")


def _chosen(frame: pd.DataFrame, columns: Sequence[str] | None, path: Path) -> pd.DataFrame:
    if columns is None:
        return frame
    _check_names(list(frame.columns), columns, path)
    return frame[list(columns)]


def _check_names(present: Sequence[str], wanted: Sequence[str], path: Path) -> None:
    missing = [name for name in wanted if name not in present]
    if missing:
        raise DataError(
            f"{path}: no column {_listed(missing)}; the columns there are {_listed(present)}"
        )


def _parquet_schema(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: not a whole Parquet file ({error}); fetch it again") from error


def _read_parquet(path: Path, columns: Sequence[str] | None) -> pd.DataFrame:
    names = [str(name) for name in _parquet_schema(path).names]
    refuse_repeated(names, path)
    if columns is not None:
        _check_names(names, columns, path)
    try:
        table = pq.read_table(path, columns=None if columns is None else list(columns))
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: not a whole Parquet file ({error}); fetch it again") from error
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True, types_mapper=_pandas_type)
    return frame


def _pandas_type(arrow_type: pa.DataType) -> pd.ArrowDtype | None:
    """Keep fixed-size lists in Arrow: as Python objects they take minutes and gigabytes."""
    return pd.ArrowDtype(arrow_type) if pa.types.is_fixed_size_list(arrow_type) else None


def _arrow_column(frame: pd.DataFrame, name: str) -> pa.Array:
    if name == DMDT:
        return _arrow_lists(dmdt_of(frame))
    column = pa.array(frame[name], from_pandas=True)
    if pa.types.is_large_string(column.type):
        return column.cast(pa.string())
    return column


def _arrow_lists(histograms: NDArray[np.float32]) -> pa.FixedSizeListArray:
    flat = np.ascontiguousarray(histograms, dtype=np.float32).reshape(-1)
    return pa.FixedSizeListArray.from_arrays(pa.array(flat), CELLS)
