"""The contract table in the form of the d15 data set, for other programs and as a source."""

from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from scope.base.constants import CELLS, DMDT
from scope.base.errors import ConfigError, DataError
from scope.base.files import atomic_path
from scope.tables.csv import write_csv
from scope.tables.hdf5 import write_hdf5
from scope.tables.parquet import write_parquet
from scope.tables.reading import CSV_SUFFIXES, HDF5_SUFFIXES, PARQUET_SUFFIXES
from scope.tables.rows import Rows

Format = Literal["csv", "parquet", "hdf5"]
SUFFIXES = {"csv": CSV_SUFFIXES, "parquet": PARQUET_SUFFIXES, "hdf5": HDF5_SUFFIXES}
NEEDED = ("_id", "ra", "dec", "period", DMDT)


WRITERS = {"csv": write_csv, "parquet": write_parquet, "hdf5": write_hdf5}


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
    write = WRITERS[form]
    try:
        with pq.ParquetFile(table) as file, atomic_path(out) as temporary:
            _check_contract(file.schema_arrow, table)
            write(Rows(file, table), temporary)
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
