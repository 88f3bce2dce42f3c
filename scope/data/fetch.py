"""Bring a data set into the form of the data contract, with a list of what was dropped."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.base.errors import DataError
from scope.base.files import atomic_path
from scope.config.dataset import DatasetParams, SourceFiles
from scope.config.features import FeatureParams
from scope.data.addresses import local_file
from scope.data.columns import WHERE_AND_WHAT, Wanted, contract_columns
from scope.data.feature_table import read_feature_table
from scope.features.curve import FEATURES
from scope.features.extract import extract
from scope.lightcurves.curves import LightCurves
from scope.lightcurves.long_form import Photometry, read_lightcurves
from scope.tables.histograms import with_dmdt
from scope.tables.parquet import write_table
from scope.tables.reading import read_table
from scope.tables.rules import require
from scope.tables.values import numbers

NO_LIGHT_CURVE = "no light curve"
NO_OBJECT = "no such object"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fetched:
    """A contract table and the light curves left out of it.

    Attributes
    ----------
    table : one row a light curve: where and what it is, features, labels, `dmdt`
    dropped : `_id` (int64, rising), `reason` and `points` (how many there were and what became of
        them, "" where there were none), one row a light curve that was not kept
    """

    table: pd.DataFrame
    dropped: pd.DataFrame


def wanted_columns(dataset: DatasetParams, labels: tuple[str, ...], *, dmdt: bool) -> Wanted:
    """Return what a training table may hold: features of the sets and of light curves, labels.

    `dmdt` tells whether a table without dm-dt histograms is refused.
    """
    in_sets = [name for names in dataset.feature_sets.values() for name in names]
    return Wanted(tuple(dict.fromkeys([*FEATURES, *in_sets])), labels, dmdt=dmdt)


def fetch(
    source: SourceFiles,
    dataset: DatasetParams,
    features: FeatureParams,
    wanted: Wanted,
    *,
    md5: str | None = None,
) -> Fetched:
    """Return the contract table of one source: its feature table, or else its light curves.

    Parameters
    ----------
    source : files; `table` comes before `objects` and `lightcurves`
    dataset : names of the columns, classes and their labels
    features : how light curves are prepared and searched for periods
    wanted : the columns to keep
    md5 : pinned checksum of the table or of the objects; None = any

    Raises
    ------
    DataError : a file is missing, unreadable, not the pinned one or breaks a rule of the columns,
        or nothing is left
    """
    if source.table is not None:
        path = local_file(source.table, md5)
        fetched = Fetched(read_feature_table(path, dataset, wanted), list_dropped({}))
    elif source.objects is not None and source.lightcurves is not None:
        paths = local_file(source.objects, md5), local_file(source.lightcurves)
        fetched = _from_light_curves(paths, dataset, features, wanted)
    else:
        raise DataError(
            f"dataset {dataset.name} has no files: give a table, or objects and lightcurves, "
            "in dataset.training and dataset.catalogue"
        )
    logger.info("%s", summary(fetched))
    if fetched.table.empty:
        raise DataError(f"dataset {dataset.name} leaves no light curve: {summary(fetched)}")
    return fetched


def summary(fetched: Fetched) -> str:
    """Return one line that counts what was kept and what was dropped, by reason."""
    n_kept, n_dropped = len(fetched.table), len(fetched.dropped)
    line = f"kept {n_kept:,} of {n_kept + n_dropped:,} light curves"
    reasons = Counter(fetched.dropped["reason"]).most_common()
    counted = [f"{count:,} ({reason})" for reason, count in sorted(reasons, key=_most_first)]
    return f"{line}; dropped {', '.join(counted)}" if counted else line


def write(fetched: Fetched, table_path: Path, dropped_path: Path) -> None:
    """Write the table as Parquet and the list of what was dropped as CSV."""
    write_table(fetched.table, table_path)
    with atomic_path(dropped_path) as temporary:
        fetched.dropped.to_csv(temporary, index=False, lineterminator="\n")


def _most_first(reason: tuple[str, int]) -> tuple[int, str]:
    return -reason[1], reason[0]


def _from_light_curves(
    paths: tuple[Path, Path], dataset: DatasetParams, features: FeatureParams, wanted: Wanted
) -> Fetched:
    objects = contract_columns(read_table(paths[0]), dataset, wanted, paths[0])
    _require_unique(objects, paths[0])
    photometry = read_lightcurves(paths[1], objects["_id"].to_numpy(), dataset.columns)
    present = photometry.curves.lengths() > 0
    absent = objects.loc[~present, "_id"].to_numpy()
    objects, curves = _with_points(objects, photometry, present)
    periods = _known_periods(objects, dataset, paths[0])
    extracted = extract(curves, features, periods=periods)
    kept = objects.iloc[extracted.table["curve"]].reset_index(drop=True)
    unusable = objects["_id"].to_numpy()[extracted.dropped["curve"]]
    table = _joined(kept, extracted.table.drop(columns="curve"), wanted)
    reasons = extracted.dropped["reason"].to_numpy()
    dropped = {reason: unusable[reasons == reason] for reason in np.unique(reasons)}
    dropped |= {NO_LIGHT_CURVE: absent, NO_OBJECT: photometry.unknown_ids}
    accounts = dict(zip(unusable.tolist(), extracted.dropped["points"], strict=True))
    return Fetched(with_dmdt(table, extracted.dmdt), list_dropped(dropped, accounts))


def _require_unique(objects: pd.DataFrame, path: Path) -> None:
    repeated = objects["_id"].duplicated().to_numpy()
    require(objects, ~repeated, "an _id of their own", where=str(path))


def _with_points(
    objects: pd.DataFrame, photometry: Photometry, present: NDArray[np.bool_]
) -> tuple[pd.DataFrame, LightCurves]:
    """Return the objects that have points, with the filter of these where they name none."""
    lengths = photometry.curves.lengths()[present]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    kept = objects[present].reset_index(drop=True)
    if photometry.filters is not None and "filter" not in kept:
        kept = kept.assign(filter=photometry.filters)
    return kept, replace(photometry.curves, offsets=offsets)


def _known_periods(
    objects: pd.DataFrame, dataset: DatasetParams, path: Path
) -> NDArray[np.float64] | None:
    if dataset.period == "search":
        return None
    if "period" not in objects:
        raise DataError(
            f"{path}: no column 'period', which dataset.period=column needs; name it in "
            "dataset.columns.period, or set dataset.period=search"
        )
    periods = numbers(objects, "period", path)
    usable = np.isnan(periods) | ((periods > 0) & np.isfinite(periods))
    require(objects, usable, "a positive period [d] (or none, to search it)", periods, str(path))
    return periods


def _joined(objects: pd.DataFrame, computed: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    """Return the objects' columns with the computed features, which come before any of theirs."""
    both = objects.drop(columns=[name for name in computed if name in objects])
    both = pd.concat([both, computed], axis=1)
    order = [*WHERE_AND_WHAT, *wanted.features, *both.columns]
    return both[[name for name in dict.fromkeys(order) if name in both]]


def list_dropped(
    ids_by_reason: Mapping[str, NDArray[np.int64]], accounts: Mapping[int, str] | None = None
) -> pd.DataFrame:
    """Return `_id` (rising), `reason` and `points` of the light curves that each reason excludes.

    `accounts` tells of light curves by their `_id` what became of their points.
    """
    reasons = np.repeat(list(ids_by_reason), [len(ids) for ids in ids_by_reason.values()])
    ids = np.concatenate([np.array([], dtype=np.int64), *ids_by_reason.values()])
    points = [(accounts or {}).get(int(one), "") for one in ids]
    texts = {"reason": pd.Series(reasons, dtype="str"), "points": pd.Series(points, dtype="str")}
    frame = pd.DataFrame({"_id": ids, **texts})
    return frame.sort_values("_id", kind="stable", ignore_index=True)
