"""Rules that tables of every format must keep to, and how a row that breaks one is named."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.base.errors import DataError

EXAMPLES = 5  # offending rows that a message names


def refuse_repeated(names: Sequence[str], path: Path) -> None:
    """Raise DataError where two columns of the file `path` have one name."""
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"{path}: column {listed(repeated)} stands there twice; remove one")


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


def check_names(present: Sequence[str], wanted: Sequence[str], path: Path) -> None:
    """Raise DataError for columns of the file `path` that are wanted and not there."""
    missing = [name for name in wanted if name not in present]
    if missing:
        raise DataError(
            f"{path}: no column {listed(missing)}; the columns there are {listed(present)}"
        )


def _example(frame: pd.DataFrame, row: int, value: Any) -> str:
    name = f"_id {frame['_id'].iloc[row]}" if "_id" in frame else f"row {row}"
    return name if value is None else f"{name} has {value!s:.60}"


def listed(names: Any) -> str:
    """Return names as a message shows them, the first 40."""
    shown = [str(name) for name in names]
    return ", ".join(shown[:40]) + (" ..." if len(shown) > 40 else "")
