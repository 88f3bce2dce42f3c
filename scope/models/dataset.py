"""A table of features as TensorFlow data sets, for notebooks."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scope.base.errors import ConfigError
from scope.base.settings import parse
from scope.config.scale import FeatureStats
from scope.config.taxonomy import NON_VARIABLE
from scope.config.training import ClassParams
from scope.models.shared.examples import Part, take
from scope.models.table_examples import ScaledTable, ScaleMethod, TableRequest, prepare_table

if TYPE_CHECKING:
    import tensorflow as tf

VARIABLE = "variable"

logger = logging.getLogger(__name__)

Made = tuple[
    "dict[str, tf.data.Dataset]", dict[str, NDArray[np.int64]], dict[str, int], dict[int, float]
]


class Dataset:
    """A table of the d15 form (CSV, Parquet or HDF5), seen by the classifier of one class.

    The table holds `_id`, `ra`, `dec` [deg], features and labels by their names and `dmdt`,
    26 x 26, as JSON in CSV; `scope export` writes such a table.

    >>> dataset = scope.Dataset("vnv", "data/training/dataset.d15.csv", ["period", "skew"])
    >>> datasets, indexes, steps, weights = dataset.make(target_label="variable", threshold=0.9)
    """

    def __init__(
        self,
        tag: str,
        path_dataset: str | Path,
        features: Sequence[str],
        verbose: bool = False,
        **kwargs: Any,
    ) -> None:
        """Name the table; `make` reads it.

        Parameters
        ----------
        tag : the class, for messages
        path_dataset : the file, ending in .csv, .csv.gz, .parquet, .pq, .h5, .hdf5 or .hdf
        features : names of the classifier's features, in order
        verbose : whether `make` logs what it finds
        kwargs : keywords of the older tool; ignored, which is logged
        """
        _log_ignored(kwargs)
        self.tag = tag
        self.path = Path(path_dataset)
        self.features = list(features)
        self.verbose = verbose
        self.table: ScaledTable | None = None

    def make(  # noqa: PLR0913, PLR0917 - the signature of the older tool
        self,
        target_label: str = VARIABLE,
        threshold: float = 0.5,
        balance: float | None = None,
        weight_per_class: bool = True,
        scale_features: ScaleMethod | None = "min_max",
        test_size: float = 0.1,
        val_size: float = 0.1,
        random_state: int = 42,
        feature_stats: Mapping[str, Mapping[str, float]] | None = None,
        batch_size: int = 256,
        shuffle_buffer_size: int = 256,
        epochs: int = 300,
        **kwargs: Any,
    ) -> Made:
        """Return the data sets, the rows in each, the steps of an epoch and the class weights.

        Rows are split by source: all light curves of one (`obj_id`, else 2 arcsec) are in one part.
        Statistics for scaling are those of the rows that train; missing and infinite features
        become 0 afterwards. `self.table` keeps what was made of the table, such as its scaling.

        Parameters
        ----------
        target_label : a row is positive where this label is above `threshold`; negative is every
            other labelled row but for "variable": there, the rows of `non-variable` above it
        balance : how many of the more numerous side are kept in training and validation for one
            of the other; None = all
        weight_per_class : whether both sides weigh the same, else 1 and 1
        scale_features : "min_max" to [0, 1], "median_std", or None to leave them as they are
        test_size, val_size : shares of the sources
        random_state : seed of the split, of balancing and of the order of the training rows
        feature_stats : feature -> min, max, median, mean, std to scale by; None = those of the
            rows that train
        batch_size, shuffle_buffer_size : rows
        epochs : how often `train_repeat` and `val_repeat` pass
        kwargs : ignored, which is logged

        Returns
        -------
        datasets : `train`, `val`, `test`, `dropped_samples` (what balancing left out),
            `train_repeat`, `val_repeat`; batches of ({"features": float32, shape
            (n, n_features), "dmdt": float32, shape (n, 26, 26, 1)}, target int64, shape (n, 1))
        indexes : row numbers of the table in `train`, `val`, `test`, `dropped_samples`, rising
        steps_per_epoch : batches in `train`, `val`, `test`
        class_weight : {0: weight of a negative, 1: of a positive}, as Keras takes it

        Raises
        ------
        DataError : the table cannot be read or lacks a column, or a part lacks a side
        ConfigError : the shares leave nothing to train on, statistics are missing or malformed,
            or a number of rows or epochs is below 1
        """
        _log_ignored(kwargs)
        _check_positive(
            batch_size=batch_size, shuffle_buffer_size=shuffle_buffer_size, epochs=epochs
        )
        params = ClassParams(
            label=target_label,
            features="",
            threshold=threshold,
            balance=balance,
            weight_per_class=weight_per_class,
            negative=NON_VARIABLE if target_label == VARIABLE else None,
        )
        request = TableRequest(
            tag=self.tag,
            params=params,
            features=self.features,
            scale_features=scale_features or "none",
            feature_stats=_statistics(feature_stats),
            test_size=test_size,
            val_size=val_size,
            random_state=random_state,
        )
        self.table = prepare_table(self.path, request)
        indexes = _rows(self.table)
        if self.verbose:
            _log_counts(self.table, indexes)
        shuffle = shuffle_buffer_size, random_state
        datasets = _datasets(self.table, indexes, batch_size, shuffle, epochs)
        steps = {name: -(-len(indexes[name]) // batch_size) for name in ("train", "val", "test")}
        return datasets, indexes, steps, dict(enumerate(self.table.examples.weights))


def _rows(table: ScaledTable) -> dict[str, NDArray[np.int64]]:
    chosen = table.examples
    return {
        "train": chosen.train,
        "val": chosen.val,
        "test": chosen.test,
        "dropped_samples": chosen.dropped,
    }


def _log_counts(table: ScaledTable, indexes: dict[str, NDArray[np.int64]]) -> None:
    truth = table.examples.truth
    counts = [f"{name} {int(truth[rows].sum())} of {len(rows)}" for name, rows in indexes.items()]
    logger.info("%s: positives in %s", table.examples.tag, ", ".join(counts))


def _datasets(
    table: ScaledTable,
    indexes: dict[str, NDArray[np.int64]],
    batch_size: int,
    shuffle: tuple[int, int],
    epochs: int,
) -> "dict[str, tf.data.Dataset]":
    parts = {name: take(table.data, table.examples, rows) for name, rows in indexes.items()}
    datasets = {
        name: _batches(part, batch_size, shuffle if name == "train" else None)
        for name, part in parts.items()
    }
    repeated = {f"{name}_repeat": datasets[name].repeat(epochs) for name in ("train", "val")}
    return datasets | repeated


def _batches(
    part: Part, batch_size: int, shuffle: tuple[int, int] | None = None
) -> "tf.data.Dataset":
    """Return a part in batches; `shuffle` is the size of the buffer and the seed."""
    import tensorflow as tf

    inputs = {"features": part.features, "dmdt": part.dmdt[..., np.newaxis]}
    target = part.truth.astype(np.int64)[:, np.newaxis]
    rows = tf.data.Dataset.from_tensor_slices((inputs, target))
    if shuffle is not None:
        rows = rows.shuffle(shuffle[0], seed=shuffle[1])
    return rows.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def _statistics(given: Mapping[str, Mapping[str, float]] | None) -> dict[str, FeatureStats]:
    plain = {
        name: {key: float(value) for key, value in stats.items()}
        for name, stats in (given or {}).items()
    }
    return parse(plain, dict[str, FeatureStats], "feature_stats")


def _log_ignored(keywords: Mapping[str, Any]) -> None:
    if keywords:
        logger.warning("without effect: %s", ", ".join(sorted(keywords)))


def _check_positive(**numbers: int) -> None:
    for name, number in numbers.items():
        if number < 1:
            raise ConfigError(f"{name} is {number}; give at least 1")
