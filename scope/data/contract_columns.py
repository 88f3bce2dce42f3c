"""The columns the data contract looks at: those of the table, and what is derived from them."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from scope.base.constants import DMDT
from scope.data.contract import (
    DMDT_CELLS,
    DMDT_FINITE,
    DMDT_LENGTH,
    DMDT_NORM,
    NUMBER_TYPES,
    Contract,
    labels_of,
    members_column,
    sure_column,
)
from scope.data.splits import CARRIED_ABOVE
from scope.tables.histograms import dmdt_of

NORM_DECIMALS = 3


def columns_for(frame: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return the columns of `frame` that the rules name, with the derived ones.

    Infinite features count as missing, as they do in scaling, and become NaN; positions and
    periods stay as they are. `dmdt` itself holds no more than its lengths; `dmdt norm` is
    rounded to 3 decimals.
    """
    kept = ["_id", "ra", "dec", "period", *contract.features, *contract.labels]
    kept += [name for known in contract.classes.values() for name in labels_of(known)]
    present = [name for name in dict.fromkeys(kept) if name in frame]
    columns = {name: frame[name].reset_index(drop=True) for name in present}
    for name in contract.features:
        if name in columns and name not in {"ra", "dec", "period"} and _is_float(columns[name]):
            columns[name] = columns[name].where(np.isfinite(columns[name]))
    numeric = {name: one for name, one in columns.items() if one.dtype.name in NUMBER_TYPES}
    derived = _members(numeric, contract)
    for label, _ in contract.taxonomy.implications([n for n in contract.labels if n in numeric]):
        derived[sure_column(label)] = numeric[label].where(numeric[label] > CARRIED_ABOVE)
    if DMDT in frame:
        derived |= _dmdt_columns(frame)
    return pd.DataFrame(columns | derived)


def _is_float(column: pd.Series) -> bool:
    return column.dtype.name in {"float32", "float64"}


def _members(numeric: dict[str, pd.Series], contract: Contract) -> dict[str, pd.Series]:
    """Return, for each class whose labels are there, 1 for its positives and for its negatives."""
    members = {}
    for tag, known in contract.classes.items():
        sides = {"positives": (known.label, True), "negatives": (known.label, False)}
        if known.negative is not None:
            sides["negatives"] = (known.negative, True)
        for side, (name, above) in sides.items():
            if name not in numeric:
                continue
            label = numeric[name]
            inside = label > known.threshold if above else label <= known.threshold
            members[members_column(tag, side)] = inside.astype(np.int64)
    return members


def _dmdt_columns(frame: pd.DataFrame) -> dict[str, pd.Series]:
    lengths = _lengths(frame[DMDT])
    columns = {DMDT: pd.Series(lengths), DMDT_LENGTH: pd.Series(lengths)}
    if (lengths == DMDT_CELLS).all():
        histograms = dmdt_of(frame)
        finite = np.asarray(np.isfinite(histograms).all(axis=(1, 2)))
        norm = np.sqrt(np.einsum("nij,nij->n", histograms, histograms, dtype=np.float64))
        columns[DMDT_FINITE] = pd.Series(finite)
        columns[DMDT_NORM] = pd.Series(np.where(finite, norm.round(NORM_DECIMALS), np.nan))
    return columns


def _lengths(column: pd.Series) -> NDArray[np.float64]:
    """Return how many numbers each histogram has, shape (n_rows,), NaN where it is null."""
    if isinstance(column.dtype, pd.ArrowDtype):
        lengths = pc.list_value_length(pa.array(column))
        return np.asarray(lengths.to_numpy(zero_copy_only=False), dtype=np.float64)
    sizes = [np.nan if one is None else float(np.size(one)) for one in column]
    return np.array(sizes, dtype=np.float64)
