"""HDF5 tables: those pandas wrote, one compound data set, or one data set a column."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import tables  # type: ignore[import-untyped]
from numpy.typing import NDArray

from scope.base.constants import DMDT, SIDE
from scope.base.errors import DataError
from scope.tables.rows import Rows

TEXT = (pa.types.is_string, pa.types.is_large_string)


def read_hdf5(path: Path) -> pd.DataFrame:
    """Return the one table of an HDF5 file; a column of several dimensions holds arrays.

    Raises
    ------
    DataError : the file is not HDF5, cut off, or holds no table or more than one
    """
    try:
        with warnings.catch_warnings(), tables.open_file(str(path), "r") as file:
            warnings.simplefilter("ignore")  # what cannot be read is named in an error of ours
            plain = _plain_columns(file, path)
        if plain is not None:
            return pd.DataFrame(plain)
        return _by_pandas(path)
    except (tables.HDF5ExtError, OSError) as error:
        raise DataError(f"{path}: not a whole HDF5 file; fetch it again") from error


def _plain_columns(file: Any, path: Path) -> dict[str, Any] | None:
    """Return the columns of a file that pandas did not write, None where it did."""
    # The attribute by which pandas knows its own groups.
    if any("pandas_type" in group._v_attrs for group in file.walk_groups()):
        return None
    # PyTables hides columns it cannot map, such as text of variable length: they would be missing
    # without a word.
    unknown = [node._v_name for node in file.walk_nodes("/", "UnImplemented")]
    if unknown:
        raise DataError(
            f"{path}: columns of a kind that cannot be read: {', '.join(sorted(unknown))}; "
            "store text with a fixed length, or use Parquet"
        )
    compound = [node.read() for node in file.walk_nodes("/", "Table")]
    if len(compound) == 1:
        return {name: _column(compound[0][name]) for name in compound[0].dtype.names}
    arrays = {node.name: node.read() for node in file.walk_nodes("/", "Array")}
    lengths = {len(array) for array in arrays.values()}
    if compound or len(lengths) != 1:
        raise DataError(
            f"{path}: not one table: {len(compound)} compound data sets and "
            f"{len(arrays)} columns of {len(lengths)} lengths; keep one table in the file"
        )
    return {name: _column(array) for name, array in arrays.items()}


def _column(array: Any) -> Any:
    values = np.asarray(array)
    if values.ndim > 1:
        return list(values)
    # HDF5 has bytes; the contract has text.
    if values.dtype.kind == "S":
        return np.char.decode(values, "utf-8")
    if values.dtype.kind == "O":
        return [one.decode() if isinstance(one, bytes) else one for one in values]
    return values


def _by_pandas(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_hdf(path)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: not one table ({error}); keep one table in the file") from error
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"{path}: holds a {type(frame).__name__}; store a table of columns")
    return frame


def write_hdf5(rows: Rows, path: Path) -> None:
    """Write a data set a column: text of fixed length, empty where null."""
    with warnings.catch_warnings(), tables.open_file(str(path), "w") as file:
        warnings.simplefilter("ignore", tables.NaturalNameWarning)  # labels have blanks
        columns = {name: _hdf5_column(file, name, rows) for name in rows.schema.names}
        for batch in rows:
            for name, column in columns.items():
                column.append(_values(batch[name], column.atom.dtype.base))


def _hdf5_column(file: Any, name: str, rows: Rows) -> Any:
    shape: tuple[int, ...] = (0,)
    kind = rows.schema.field(name).type
    if name == DMDT:
        shape, kind = (0, SIDE, SIDE), kind.value_type
    if any(is_text(kind) for is_text in TEXT):
        # PyTables appends to text of fixed length only, so that the longest must be known first.
        longest = pc.max(pc.binary_length(rows.text(name))).as_py() or 1
        atom = tables.StringAtom(longest)
    elif rows.n_nulls(name) and pa.types.is_integer(kind):
        atom = tables.Float64Atom()  # the only type that has a missing value
    else:
        atom = tables.Atom.from_dtype(np.dtype(kind.to_pandas_dtype()))
    # No time stamps: equal tables shall be equal to the byte.
    return file.create_earray("/", name, atom, shape, expectedrows=rows.n_rows, track_times=False)


def _values(column: pa.Array, kind: np.dtype[Any]) -> NDArray[Any]:
    if pa.types.is_fixed_size_list(column.type):
        return np.asarray(column.flatten()).reshape(-1, SIDE, SIDE)
    if kind.kind == "S":
        return np.array(column.fill_null("").cast(pa.binary()).to_pylist(), dtype=kind)
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=kind)
