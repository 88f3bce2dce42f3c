"""Parquet tables, read with lists left in Arrow and written the same to the byte each time."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from scope.base.constants import DMDT
from scope.base.errors import DataError
from scope.base.files import atomic_path
from scope.tables.histograms import arrow_lists, dmdt_of
from scope.tables.rows import Rows
from scope.tables.rules import check_names, refuse_repeated

# Fixed, since the size of the groups shows in the bytes of the file.
ROWS_PER_GROUP = 1 << 16


def read_parquet(path: Path, columns: Sequence[str] | None) -> pd.DataFrame:
    """Return the columns asked for in that order, all where None; raises as `read_table`."""
    names = [str(name) for name in parquet_schema(path).names]
    refuse_repeated(names, path)
    if columns is not None:
        check_names(names, columns, path)
    try:
        table = pq.read_table(path, columns=None if columns is None else list(columns))
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: not a whole Parquet file ({error}); fetch it again") from error
    # The metadata of pandas would bring the index and the types of whoever wrote the file.
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True, types_mapper=_pandas_type)
    return frame


def parquet_schema(path: Path) -> pa.Schema:
    """Return the columns of a Parquet file; DataError where it is cut off or none."""
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: not a whole Parquet file ({error}); fetch it again") from error


def _pandas_type(arrow_type: pa.DataType) -> pd.ArrowDtype | None:
    """Keep fixed-size lists in Arrow: as Python objects they take minutes and gigabytes."""
    return pd.ArrowDtype(arrow_type) if pa.types.is_fixed_size_list(arrow_type) else None


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a Parquet file that depends on the frame alone, `dmdt` as lists of 676 float32.

    NaN is written as null; the index is not written. DataError where a `dmdt` has another shape.
    """
    columns = {str(name): _arrow_column(frame, str(name)) for name in frame.columns}
    # Histograms hardly ever repeat: their dictionary would be built only to be given up.
    dictionaries = [name for name in columns if name != DMDT]
    with atomic_path(path) as temporary:
        pq.write_table(
            pa.table(columns),
            temporary,
            row_group_size=ROWS_PER_GROUP,
            compression="zstd",
            use_dictionary=dictionaries,
        )


def _arrow_column(frame: pd.DataFrame, name: str) -> pa.Array:
    if name == DMDT:
        return arrow_lists(dmdt_of(frame))
    column = pa.array(frame[name], from_pandas=True)
    # Which of the two types of text a frame gives depends on the version of pandas.
    if pa.types.is_large_string(column.type):
        return column.cast(pa.string())
    return column


def write_parquet(rows: Rows, path: Path) -> None:
    """Write a table batch by batch, without metadata of other programs."""
    with pq.ParquetWriter(
        path, rows.schema.remove_metadata(), compression="zstd", use_dictionary=rows.names
    ) as writer:
        for batch in rows:
            writer.write_batch(batch)
