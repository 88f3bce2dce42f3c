"""Light curves in long form: one row a point, grouped by the light curve they belong to."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.base.constants import MJD_OF_JD
from scope.base.errors import DataError
from scope.lightcurves.curves import LightCurves
from scope.tables.reading import column_names, read_table
from scope.tables.values import numbers, whole_numbers

# `id` as in the files of the sample, `hjd` as Kowalski's documents have it.
ALSO_CALLED = {"_id": ("id",), "mjd": ("time", "hjd")}
NEEDED = ("_id", "mjd", "mag", "magerr")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Photometry:
    """The light curves of a list of objects.

    Attributes
    ----------
    curves : one a object, in the order of the objects, points as in the file; MJD or HJD less
        2,400,000.5 [d]
    filters : filter of each curve that has points, in the same order; None where the file has no
        such column
    unknown_ids : rising ids of light curves that belong to no object, shape (n_unknown,)
    """

    curves: LightCurves
    filters: pd.Series | None
    unknown_ids: NDArray[np.int64]


def read_lightcurves(
    path: Path, object_ids: NDArray[np.int64], columns: Mapping[str, str]
) -> Photometry:
    """Return the light curves of the objects from a CSV, Parquet or HDF5 file.

    The file has an `_id`, `mjd` [d], `mag` [mag], `magerr` [mag] and may have `filter` and
    `catflags`; points with catflags != 0 are left out and counted in the log.

    Parameters
    ----------
    path : one row a point, in any order
    object_ids : unique, shape (n_objects,)
    columns : contract name -> name in the file, where they differ

    Raises
    ------
    DataError : the file or a column of it cannot be read, or one light curve has two filters
    """
    names = _names(path, columns)
    points = read_table(path, list(names.values()))
    points.columns = pd.Index(list(names))
    points = _unflagged(points, path)
    ids = whole_numbers(points["_id"], "_id", path)
    curve = _curve_numbers(ids, object_ids)
    known = np.flatnonzero(curve >= 0)
    # Stable: points of one light curve stay as the file has them, and `prepare` sorts by time.
    order = known[np.argsort(curve[known], kind="stable")]
    lengths = np.bincount(curve[known], minlength=len(object_ids))
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    mjd = _modified(numbers(points, "mjd", path), path)
    mag, magerr = (numbers(points, name, path) for name in ("mag", "magerr"))
    return Photometry(
        LightCurves(offsets, mjd[order], mag[order], magerr[order]),
        _filters(points, order, offsets, path),
        np.unique(ids[curve < 0]),
    )


def _names(path: Path, columns: Mapping[str, str]) -> dict[str, str]:
    """Return contract name -> name in the file for the columns that are read."""
    present = column_names(path)
    names = {}
    for name in (*NEEDED, "filter", "catflags"):
        candidates = [columns.get(name, name), name, *ALSO_CALLED.get(name, ())]
        found = [candidate for candidate in candidates if candidate in present]
        if found:
            names[name] = found[0]
        elif name in NEEDED:
            raise DataError(
                f"{path}: no column {' or '.join(dict.fromkeys(candidates))} among "
                f"{', '.join(present)}; name it in dataset.columns.{name}"
            )
    return names


def _unflagged(points: pd.DataFrame, path: Path) -> pd.DataFrame:
    if "catflags" not in points:
        return points
    clean = numbers(points, "catflags", path) == 0
    if not clean.all():
        logger.info("left out %d of %d points: catflags", len(clean) - clean.sum(), len(clean))
        points = points[clean]
    return points


def _curve_numbers(ids: NDArray[np.int64], object_ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each id among the objects, -1 where it is not one of them."""
    by_id = np.argsort(object_ids, kind="stable")
    sorted_ids = object_ids[by_id]
    first_of_run = np.concatenate([[True], ids[1:] != ids[:-1]])[: len(ids)]
    runs = ids[first_of_run]  # points of one object mostly follow each other
    place = np.searchsorted(sorted_ids, runs)
    # Beyond the last id searchsorted points outside; any place will do, as the next line finds.
    place[place == len(sorted_ids)] = 0
    known = sorted_ids[place] == runs if len(sorted_ids) else np.zeros(len(runs), dtype=bool)
    numbers_of_runs = np.full(len(runs), -1, dtype=np.int64)
    numbers_of_runs[known] = by_id[place[known]]
    curve: NDArray[np.int64] = numbers_of_runs[np.cumsum(first_of_run) - 1]
    return curve


def _modified(time: NDArray[np.float64], path: Path) -> NDArray[np.float64]:
    """Return times as Modified Julian Dates [d], whether they are so given or as Julian dates."""
    # By the median: a few impossible times shall not decide for all.
    if not len(time) or not np.nanmedian(time) > MJD_OF_JD:
        return time
    logger.info("%s: times are Julian dates; %.1f d subtracted", path, MJD_OF_JD)
    return time - MJD_OF_JD


def _filters(
    points: pd.DataFrame, order: NDArray[np.intp], offsets: NDArray[np.int64], path: Path
) -> pd.Series | None:
    if "filter" not in points:
        return None
    values = points["filter"].iloc[order].reset_index(drop=True)
    codes = pd.factorize(values)[0]
    start = np.repeat(offsets[:-1], np.diff(offsets))
    mixed = np.flatnonzero(codes != codes[start])
    if len(mixed):
        source_id = points["_id"].iloc[order[mixed[0]]]
        raise DataError(
            f"{path}: one light curve has one filter, but _id {source_id} has "
            f"{values[start[mixed[0]]]} and {values[mixed[0]]}; give each filter its own _id"
        )
    return values.iloc[offsets[:-1][np.diff(offsets) > 0]].reset_index(drop=True)
