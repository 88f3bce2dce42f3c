"""The table a tool is given: its rows checked, and those of one source found."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.base.errors import DataError
from scope.data.same_source import group_sources
from scope.data.sky import mean_position, source_name
from scope.fritz.uploads.operations import Place
from scope.tables.reading import CSV_SUFFIXES, read_table
from scope.tables.rules import require

LIMITS = {"ra": (0.0, 360.0), "dec": (-90.0, 90.0)}  # [deg]


@dataclass(frozen=True)
class Rows:
    """The rows of a table and the sources they lie on.

    Attributes
    ----------
    table : as in the file, `ra` and `dec` [deg] float64
    source : number of the place of each row, shape (n_rows,)
    places : the sources, in order of their first row
    """

    table: pd.DataFrame
    source: NDArray[np.int64]
    places: tuple[Place, ...]

    def rows_of(self) -> list[NDArray[np.intp]]:
        """Return the rows of each place, in order."""
        order = np.argsort(self.source, kind="stable")
        ends = np.cumsum(np.bincount(self.source, minlength=len(self.places)))[:-1]
        return np.split(order, ends) if self.places else []


def read_rows(path: Path, radius_arcsec: float) -> Rows:
    """Return the rows of a CSV, Parquet or HDF5 table with `ra` and `dec` [deg].

    Rows within `radius_arcsec` of each other are of one source. Its position is the mean of them.

    Raises
    ------
    DataError : the file is no table, has no rows, or a row has no position on the sky
    """
    table = _read(path)
    if table.empty:
        raise DataError(f"{path}: the table has no rows")
    missing = [name for name in LIMITS if name not in table]
    if missing:
        shown = ", ".join(map(str, table.columns[:20]))
        raise DataError(f"{path}: no column {' or '.join(missing)} [deg] among {shown}")
    for name, (lowest, highest) in LIMITS.items():
        given = table[name]
        table[name] = pd.to_numeric(given, errors="coerce").astype(np.float64)
        holds = table[name].between(lowest, highest).to_numpy(dtype=bool)
        require(table, holds, f"{name} in [{lowest:g}, {highest:g}] deg", given, str(path))
    ra, dec = (table[name].to_numpy(np.float64) for name in LIMITS)
    # By position alone: names in a table of unknown origin may mean anything.
    source = group_sources(None, ra, dec, radius_arcsec)
    return Rows(table, source, _places(table, source))


def data_set_name(path: Path) -> str:
    """Return what to call the data set in a file: its name up to the first dot."""
    return path.name.split(".")[0]


def numbers_of(table: pd.DataFrame, name: str, where: Path) -> NDArray[np.float64]:
    """Return a column as numbers, NaN where it is empty; DataError names rows that hold none."""
    given = table[name]
    values = pd.to_numeric(given, errors="coerce").astype(np.float64)
    require(
        table, ~(values.isna() & given.notna()).to_numpy(), f"a number in {name}", given, str(where)
    )
    return np.asarray(values, dtype=np.float64)


def periods_of(table: pd.DataFrame, where: Path) -> NDArray[np.float64]:
    """Return the periods [d], shape (n_rows,), all NaN where the table has no such column.

    Raises
    ------
    DataError : a period is missing, negative, zero, infinite or no number
    """
    if "period" not in table:
        return np.full(len(table), np.nan)
    values = numbers_of(table, "period", where)
    possible = (values > 0) & np.isfinite(values)
    require(table, possible, "a positive period [d]", values, str(where))
    return values


def check_ids(table: pd.DataFrame, where: Path) -> None:
    """Make sure that no light curve stands in a table twice; DataError names those that do."""
    if "_id" in table:
        again = table["_id"].duplicated().to_numpy() & table["_id"].notna().to_numpy()
        require(table, ~again, "an _id that no other row has", where=str(where))


def _read(path: Path) -> pd.DataFrame:
    """Return the table; comment lines at the head of a CSV file, such as our results', are left."""
    if not path.name.endswith(CSV_SUFFIXES) or not path.is_file():
        return read_table(path)
    try:
        with path.open("rb") as file:
            # Not pandas' comment="#", which would cut values at a # as well.
            n_comments = 0
            for line in file:
                if not line.startswith(b"#"):
                    break
                n_comments += 1
        if not n_comments:
            return read_table(path)
        return pd.read_csv(path, skiprows=n_comments, low_memory=False)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path}: not a CSV file of one table ({str(error).strip()})") from error


def _places(table: pd.DataFrame, source: NDArray[np.int64]) -> tuple[Place, ...]:
    ra, dec = (table[name].to_numpy(np.float64) for name in LIMITS)
    ids: Sequence[Any] = table["_id"].tolist() if "_id" in table else [None] * len(table)
    rows: list[list[int]] = [[] for _ in range(int(source.max()) + 1)]
    for row, number in enumerate(source.tolist()):
        rows[number].append(row)
    places = []
    for members in rows:
        where = mean_position(ra[members], dec[members])
        curves = sorted({int(ids[row]) for row in members if _is_whole(ids[row])})
        places.append(Place(source_name(*where), *where, tuple(curves)))
    return tuple(places)


def _is_whole(value: Any) -> bool:
    # Ids come as floats where a CSV has gaps among them.
    return isinstance(value, (int, np.integer)) or (isinstance(value, float) and value % 1 == 0)
