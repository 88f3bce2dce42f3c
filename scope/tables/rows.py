"""The rows of a contract table in Parquet, some at a time, for the writers of other formats."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scope.base.constants import DMDT
from scope.base.errors import DataError

ROWS_AT_ONCE = 1024  # bounds the memory


class Rows:
    """The rows of a contract table, some at a time, without columns that hold nothing."""

    def __init__(self, file: pq.ParquetFile, path: Path) -> None:
        # Written out, a column of nulls would look like a column of empty names.
        unknown = [name for name in ("obj_id",) if _n_nulls(file, name) == file.metadata.num_rows]
        self.names = [name for name in file.schema_arrow.names if name not in (*unknown, DMDT)]
        self.schema = pa.schema([file.schema_arrow.field(name) for name in [*self.names, DMDT]])
        self.n_rows: int = file.metadata.num_rows
        self._file = file
        self._path = path

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for rows in self._file.iter_batches(ROWS_AT_ONCE, columns=self.schema.names):
            if not pc.all(pc.is_finite(rows[DMDT].flatten())).as_py() or rows[DMDT].null_count:
                raise DataError(f"{self._path}: a dmdt is not finite; rerun `dvc repro fetch`")
            yield rows.select(self.schema.names)

    def n_nulls(self, name: str) -> int:
        """Return how many rows lack a value."""
        return _n_nulls(self._file, name)

    def text(self, name: str) -> pa.ChunkedArray:
        """Return a whole column of text, empty where null."""
        return self._file.read(columns=[name])[name].fill_null("")


def _n_nulls(file: pq.ParquetFile, name: str) -> int:
    if name not in file.schema_arrow.names:
        return -1
    return int(file.read(columns=[name])[name].null_count)
