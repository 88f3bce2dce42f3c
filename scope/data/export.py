"""The contract table in the form of the d15 data set, for other programs and as a source."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from scope.base.errors import ConfigError, DataError
from scope.base.files import atomic_path
from scope.base.constants import CELLS, DMDT, SIDE
from scope.tables.reading import CSV_SUFFIXES, HDF5_SUFFIXES, PARQUET_SUFFIXES

Format = Literal["csv", "parquet", "hdf5"]
SUFFIXES = {"csv": CSV_SUFFIXES, "parquet": PARQUET_SUFFIXES, "hdf5": HDF5_SUFFIXES}
NEEDED = ("_id", "ra", "dec", "period", DMDT)
ROWS_AT_ONCE = 1024  # bounds the memory
TEXT = (pa.types.is_string, pa.types.is_large_string)


def export(table: Path, out: Path, form: Format) -> int:
    """Write the contract table in `table` to `out`; return the number of light curves.

    A row holds `_id`, `obj_id` where any is known, `ra`, `dec` [deg], `period` [d], features,
    labels by their names and `dmdt`, in CSV a JSON list of 26 x 26. Read back, features are the
    same to the last bit of float64, histograms of float32. The table is never held as a whole.

    Raises
    ------
    ConfigError : the name of `out` does not end as its format asks
    DataError : `table` is missing, not a contract table, or a histogram in it is not finite
    """
    if not out.name.endswith(SUFFIXES[form]):
        raise ConfigError(f"{out}: the name of a {form} file ends in {' or '.join(SUFFIXES[form])}")
    if not table.is_file():
        raise DataError(f"{table}: no such file; run `dvc repro fetch` first, or give --table")
    write = {"csv": _write_csv, "parquet": _write_parquet, "hdf5": _write_hdf5}[form]
    try:
        with pq.ParquetFile(table) as file, atomic_path(out) as temporary:
            _check_contract(file.schema_arrow, table)
            write(_Rows(file, table), temporary)
            return int(file.metadata.num_rows)
    except pa.ArrowInvalid as error:
        raise DataError(f"{table}: not a whole Parquet file ({error}); rerun fetch") from error


def _check_contract(schema: pa.Schema, table: Path) -> None:
    missing = [name for name in NEEDED if name not in schema.names]
    if missing:
        raise DataError(f"{table}: no column {', '.join(missing)}; rerun `dvc repro fetch`")
    kind = schema.field(DMDT).type
    if not (pa.types.is_fixed_size_list(kind) and kind.list_size == CELLS):
        raise DataError(f"{table}: dmdt is {kind}, not {CELLS} numbers; rerun `dvc repro fetch`")


class _Rows:
    """The rows of a contract table, some at a time, without columns that hold nothing."""

    def __init__(self, file: pq.ParquetFile, path: Path) -> None:
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


def _write_csv(rows: _Rows, path: Path) -> None:
    schema = rows.schema.set(len(rows.names), pa.field(DMDT, pa.string()))
    compression = "gzip" if path.suffix == ".gz" else None
    with (
        pa.output_stream(path, compression=compression) as file,
        pa.csv.CSVWriter(file, schema) as writer,
    ):
        for batch in rows:
            texts = _json_lists(batch[DMDT])
            writer.write(batch.set_column(len(rows.names), DMDT, texts))


def _json_lists(histograms: pa.FixedSizeListArray) -> pa.Array:
    """Return each histogram as a JSON list of 26 lists, each number as short as it can be."""
    return _joined(_joined(histograms.flatten().cast(pa.string()), SIDE), SIDE)


def _joined(texts: pa.Array, size: int) -> pa.Array:
    """Return every `size` texts as one list."""
    starts = pa.array(np.arange(0, len(texts) + 1, size, dtype=np.int32))
    inside = pc.binary_join(pa.ListArray.from_arrays(starts, texts), ", ")
    return pc.binary_join_element_wise("[", inside, "]", "")


def _write_parquet(rows: _Rows, path: Path) -> None:
    with pq.ParquetWriter(
        path, rows.schema.remove_metadata(), compression="zstd", use_dictionary=rows.names
    ) as writer:
        for batch in rows:
            writer.write_batch(batch)


def _write_hdf5(rows: _Rows, path: Path) -> None:
    """Write a data set a column: text of fixed length, empty where null."""
    import tables  # type: ignore[import-untyped]

    with warnings.catch_warnings(), tables.open_file(str(path), "w") as file:
        warnings.simplefilter("ignore", tables.NaturalNameWarning)  # labels have blanks
        columns = {name: _hdf5_column(file, name, rows) for name in rows.schema.names}
        for batch in rows:
            for name, column in columns.items():
                column.append(_values(batch[name], column.atom.dtype.base))


def _hdf5_column(file: Any, name: str, rows: _Rows) -> Any:
    import tables

    shape: tuple[int, ...] = (0,)
    kind = rows.schema.field(name).type
    if name == DMDT:
        shape, kind = (0, SIDE, SIDE), kind.value_type
    if any(is_text(kind) for is_text in TEXT):
        longest = pc.max(pc.binary_length(rows.text(name))).as_py() or 1
        atom = tables.StringAtom(longest)
    elif rows.n_nulls(name) and pa.types.is_integer(kind):
        atom = tables.Float64Atom()  # the only type that has a missing value
    else:
        atom = tables.Atom.from_dtype(np.dtype(kind.to_pandas_dtype()))
    return file.create_earray("/", name, atom, shape, expectedrows=rows.n_rows, track_times=False)


def _values(column: pa.Array, kind: np.dtype[Any]) -> NDArray[Any]:
    if pa.types.is_fixed_size_list(column.type):
        return np.asarray(column.flatten()).reshape(-1, SIDE, SIDE)
    if kind.kind == "S":
        return np.array(column.fill_null("").cast(pa.binary()).to_pylist(), dtype=kind)
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=kind)
