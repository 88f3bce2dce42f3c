"""Scaled features, dm-dt, labels and splits as arrays that open without being read."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scope.base.errors import DataError
from scope.base.files import atomic_dir, write_json

COLUMNS_FILE = "columns.json"
SCALING_FILE = "feature_stats.json"
TYPES: dict[str, type] = {
    "ids": np.int64,
    "sources": np.int64,
    "split": np.int8,
    "features": np.float32,
    "dmdt": np.float32,
    "labels": np.float32,
}


@dataclass(frozen=True)
class ScaledData:
    """Light curves as the classifiers take them, one a row.

    Attributes
    ----------
    ids : `_id`, shape (n,)
    sources : number of the source, shape (n,)
    split : scope.base.constants.TRAIN, VAL or TEST, shape (n,)
    features : scaled, finite, shape (n, n_features), named by `feature_names`
    dmdt : dm-dt histograms of norm 1 (0 where there is none), shape (n, 26, 26)
    labels : probabilities, NaN where unlabelled, shape (n, n_labels), named by `label_names`
    feature_sets : the features of each set, in order, all among `feature_names`
    """

    ids: NDArray[np.int64]
    sources: NDArray[np.int64]
    split: NDArray[np.int8]
    features: NDArray[np.float32]
    feature_names: list[str]
    dmdt: NDArray[np.float32]
    labels: NDArray[np.float32]
    label_names: list[str]
    feature_sets: dict[str, list[str]] = field(default_factory=dict)


class WritesJson(Protocol):
    """What writes itself as JSON, such as scope.data.scaling.Scaling."""

    def to_json(self, path: Path) -> None:
        """Write all of it to `path`."""


def write_scaled(data: ScaledData, scaling: WritesJson, folder: Path) -> None:
    """Write the arrays and the scaling they were made with to `folder`, replacing it as a whole.

    Raises
    ------
    DataError : the arrays are empty or disagree in their shapes
    """
    _check_shapes(data, str(folder))
    names = {name: getattr(data, name) for name in ("feature_names", "label_names", "feature_sets")}
    with atomic_dir(folder) as temporary:
        for name, kind in TYPES.items():
            np.save(temporary / f"{name}.npy", np.ascontiguousarray(getattr(data, name), kind))
        write_json(names, temporary / COLUMNS_FILE)
        scaling.to_json(temporary / SCALING_FILE)


def open_scaled(folder: Path) -> ScaledData:
    """Return what `write_scaled` wrote, its arrays mapped into memory and read-only.

    Raises
    ------
    DataError : a file is missing, damaged or does not fit the others
    """
    try:
        arrays: dict[str, Any] = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in TYPES
        }
        names = json.loads((folder / COLUMNS_FILE).read_text(encoding="utf-8"))
        data = ScaledData(**arrays, **names)
    except (OSError, ValueError, TypeError, EOFError) as error:
        raise DataError(
            f"{folder} does not hold scaled arrays ({error}); run the stage scale again"
        ) from error
    _check_shapes(data, str(folder))
    return data


def _check_shapes(data: ScaledData, where: str) -> None:
    n_rows = len(data.ids)
    expected = {
        "ids": (n_rows,),
        "sources": (n_rows,),
        "split": (n_rows,),
        "features": (n_rows, len(data.feature_names)),
        "dmdt": (n_rows, 26, 26),
        "labels": (n_rows, len(data.label_names)),
    }
    for name, asked in expected.items():
        shape = np.shape(getattr(data, name))
        if shape != asked:
            raise DataError(
                f"{where}: {name} has shape {shape}, its companions ask for {asked}; run the "
                "stage scale again"
            )
        if 0 in shape:
            raise DataError(f"{where}: {name} is empty; the table needs rows and labels")
