"""The values of a column as numbers, exactly; rows where that cannot be are named."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.tables.rules import require

# Beyond it float64 skips whole numbers: an identifier may have become its neighbour's.
LARGEST_EXACT_FLOAT = 2.0**53


def whole_numbers(column: pd.Series, name: str, where: Path) -> NDArray[np.int64]:
    """Return a column as int64, shape (n,); DataError names the rows that are no whole numbers."""
    if pd.api.types.is_integer_dtype(column.dtype) and not column.hasnans:
        whole = column.to_numpy()
        fits = whole <= np.iinfo(np.int64).max
    else:
        values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        fits = (np.abs(values) < LARGEST_EXACT_FLOAT) & (values == np.floor(values))
        fits &= ~np.array([isinstance(one, str) for one in column.to_numpy()], dtype=bool)
        whole = np.where(fits, values, 0)
    rule = f"a whole number in column {name!r}, the 64-bit identifier of a light curve"
    require(pd.DataFrame(index=column.index), fits, rule, column, str(where))
    return np.asarray(whole, dtype=np.int64)


def numbers(frame: pd.DataFrame, name: str, where: Path) -> NDArray[np.float64]:
    """Return a column as float64, NaN where null; DataError names the rows that are no numbers."""
    column = frame[name]
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(np.float64, na_value=np.nan)
    values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    readable = ~np.isnan(values) | column.isna().to_numpy()
    require(frame, readable, f"a number in column {name!r}", column, str(where))
    return values
