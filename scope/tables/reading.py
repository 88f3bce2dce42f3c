"""Tables on disk, whatever their format: Parquet, CSV or HDF5."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from scope.base.errors import DataError
from scope.tables.csv import read_csv
from scope.tables.parquet import parquet_schema, read_parquet
from scope.tables.rules import check_names

PARQUET_SUFFIXES = (".parquet", ".pq")
CSV_SUFFIXES = (".csv", ".csv.gz")
HDF5_SUFFIXES = (".h5", ".hdf5", ".hdf")


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
        return read_parquet(path, columns)
    if path.name.endswith(CSV_SUFFIXES):
        return _chosen(read_csv(path), columns, path)
    if path.name.endswith(HDF5_SUFFIXES):
        from scope.tables.hdf5 import read_hdf5  # PyTables is slow to load

        return _chosen(read_hdf5(path), columns, path)
    known = ", ".join(PARQUET_SUFFIXES + CSV_SUFFIXES + HDF5_SUFFIXES)
    raise DataError(f"{path}: a table of unknown kind; its name must end in one of {known}")


def column_names(path: Path) -> list[str]:
    """Return the names of a table's columns without reading its rows; raises as `read_table`."""
    if path.exists() and path.name.endswith(PARQUET_SUFFIXES):
        return [str(name) for name in parquet_schema(path).names]
    return [str(name) for name in read_table(path).columns]


def _chosen(frame: pd.DataFrame, columns: Sequence[str] | None, path: Path) -> pd.DataFrame:
    if columns is None:
        return frame
    check_names(list(frame.columns), columns, path)
    return frame[list(columns)]
