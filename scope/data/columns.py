"""From the columns of a file to those of the data contract: names, types, labels."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.base.constants import DMDT
from scope.base.errors import ConfigError, DataError
from scope.config.dataset import DatasetParams
from scope.tables.rules import require
from scope.tables.values import numbers, whole_numbers

WHERE_AND_WHAT = ("_id", "obj_id", "ra", "dec", "period", "filter", "field", "ccd", "quad")
NEEDED = ("_id", "ra", "dec")
PHOTOMETRY = ("mjd", "mag", "magerr", "catflags")
SHOWN = 12  # names that a message lists

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """Which columns of a file are features and labels.

    Attributes
    ----------
    features, labels : names, in the order in which they are written
    labelled : whether a class must be known for every row (training) or need not be (catalogue)
    dmdt : whether a dm-dt histogram must be there
    """

    features: tuple[str, ...]
    labels: tuple[str, ...]
    labelled: bool = True
    dmdt: bool = True


def contract_columns(
    raw: pd.DataFrame, dataset: DatasetParams, wanted: Wanted, where: Path
) -> pd.DataFrame:
    """Return the columns of a file under their contract names, `dmdt` as it is in the file.

    `_id` is int64, `obj_id` text or null, `ra` and `dec` [deg], features and labels float64; what
    is neither is left out, and logged. The labels are those in the file, or 0 and 1 from
    `dataset.label_map` (NaN where the class is null).

    Raises
    ------
    DataError : a column is missing or is no number where one is needed, or a class is not mapped
    ConfigError : an expression of `dataset.derived` cannot be computed
    """
    named = _named(raw, dataset, wanted, where)
    for name in NEEDED:
        if name not in named:
            raise DataError(
                f"{where}: no column {name!r}; set dataset.columns.{name} to one of "
                f"{', '.join(map(str, raw.columns))}"
            )
    ids = whole_numbers(named["_id"], "_id", where)
    table: dict[str, Any] = {"_id": ids, "obj_id": _names(named, ids)}
    identified = named.assign(_id=ids)
    for name in (*WHERE_AND_WHAT[2:], *wanted.features):
        if name in named and name not in table:
            table[name] = _values(identified, name, where)
    table |= _labels(identified, dataset, wanted, where)
    if DMDT in named:
        table[DMDT] = named[DMDT].array
    used = {*table, dataset.label_column}
    left_out = sorted(str(name) for name in named.columns if name not in used)
    if left_out:
        shown = ", ".join(left_out[:SHOWN]) + (" ..." if len(left_out) > SHOWN else "")
        logger.info("%s: neither features nor labels, %d left out: %s", where, len(left_out), shown)
    return pd.DataFrame(table)


def _named(raw: pd.DataFrame, dataset: DatasetParams, wanted: Wanted, where: Path) -> pd.DataFrame:
    """Return the columns under their contract names, with the derived ones.

    A file that has the contract name and not the one it should be translated from is taken as is.
    """
    derived = {name: _derive(raw, name, dataset, where) for name in dataset.derived}
    names: dict[str, str] = {}
    not_needed = PHOTOMETRY if wanted.labelled else (*PHOTOMETRY, *wanted.labels)
    for name, in_file in dataset.columns.items():
        if in_file in raw:
            names[in_file] = name
        elif name not in raw and name not in not_needed:
            raise DataError(
                f"{where}: no column {in_file!r}, which dataset.columns.{name} names, among "
                f"{', '.join(map(str, raw.columns))}"
            )
    replaced = [name for name in (*names.values(), *derived) if name in raw and name not in names]
    return raw.drop(columns=replaced).rename(columns=names).assign(**derived)


def _derive(raw: pd.DataFrame, name: str, dataset: DatasetParams, where: Path) -> pd.Series:
    expression = dataset.derived[name]
    try:
        values = raw.eval(expression, engine="python")
        return pd.Series(values, index=raw.index, dtype=np.float64)
    except (ArithmeticError, AttributeError, LookupError, NameError, SyntaxError) as error:
        reason: Exception = error
    except (NotImplementedError, TypeError, ValueError) as error:
        reason = error
    raise ConfigError(
        f"dataset.derived.{name}: {expression!r} cannot be computed ({reason}) from the columns "
        f"of {where}: {', '.join(map(str, raw.columns))}"
    ) from reason


def _names(named: pd.DataFrame, ids: NDArray[np.int64]) -> Any:
    """Return `obj_id` as text, null where it is missing or empty."""
    column = named.get("obj_id")
    if column is None:
        return pd.array([None] * len(ids), dtype="str")
    if pd.api.types.is_float_dtype(column.dtype) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    names = column.astype("string")
    return names.mask(names == "").astype("str").array


def _values(frame: pd.DataFrame, name: str, where: Path) -> Any:
    column = frame[name]
    if name == "filter" and not pd.api.types.is_numeric_dtype(column.dtype):
        return column.array
    if name in ("filter", "field", "ccd", "quad") and pd.api.types.is_integer_dtype(column.dtype):
        return column.array
    return numbers(frame, name, where)


def _labels(
    frame: pd.DataFrame, dataset: DatasetParams, wanted: Wanted, where: Path
) -> dict[str, NDArray[np.float64]]:
    column = dataset.label_column
    mapped: dict[str, NDArray[np.float64]] = {}
    if column is not None and (wanted.labelled or column in frame):
        mapped = _mapped_labels(frame, column, dataset.label_map, where)
    return {
        name: mapped[name] if name in mapped else numbers(frame, name, where)
        for name in dict.fromkeys([*wanted.labels, *mapped])
        if name in mapped or name in frame
    }


def _mapped_labels(
    frame: pd.DataFrame, column: str, label_map: Mapping[str, list[str]], where: Path
) -> dict[str, NDArray[np.float64]]:
    if column not in frame:
        raise DataError(
            f"{where}: no column {column!r}, which dataset.label_column names, among "
            f"{', '.join(map(str, frame.columns))}"
        )
    classes = _class_names(frame[column])
    unlabelled = classes.isna().to_numpy()
    known = classes.isin(list(label_map)).to_numpy() | unlabelled
    rule = f"a class of dataset.label_map ({', '.join(label_map)}) in column {column!r}"
    require(frame, known, rule, classes, str(where))
    labels = dict.fromkeys(label for mapped in label_map.values() for label in mapped)
    carried = {
        label: classes.isin([name for name, mapped in label_map.items() if label in mapped])
        for label in labels
    }
    return {
        label: np.where(unlabelled, np.nan, rows.to_numpy(np.float64))
        for label, rows in carried.items()
    }


def _class_names(column: pd.Series) -> pd.Series:
    """Return classes as text; numbers such as 1.0 (a whole column with gaps) as "1"."""
    if pd.api.types.is_float_dtype(column.dtype) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype("string").astype("str")
