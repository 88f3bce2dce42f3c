"""Bring features to one scale, learnt once and applied anywhere."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.base.errors import ConfigError, DataError
from scope.base.files import write_json
from scope.config.scale import FeatureStats, ScaleParams

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FeatureScaling:
    """How one feature is scaled.

    Attributes
    ----------
    name : the column
    fill : value, in the feature's unit, that a missing or infinite one is replaced by
    log_scale : s of sign(x) log(1 + |x| / s), in the feature's unit; None: no logarithm
    centre, spread : scaled = (x - centre) / spread, of the logarithm where there is one; a
        spread of 0 makes the feature 0 everywhere
    """

    name: str
    fill: float
    log_scale: float | None
    centre: float
    spread: float


@dataclass(frozen=True)
class Scaling:
    """How every feature is scaled, in the order of the features; `low` and `high` clip."""

    features: tuple[FeatureScaling, ...]
    low: float
    high: float

    @property
    def names(self) -> list[str]:
        """Return the names of the features in order."""
        return [feature.name for feature in self.features]

    def apply(self, frame: pd.DataFrame) -> NDArray[np.float32]:
        """Return the scaled features of each row of `frame`, shape (n_rows, n_features).

        Raises
        ------
        DataError : a feature is not a column of numbers of `frame`
        """
        scaled = np.zeros((len(frame), len(self.features)), dtype=np.float32)
        for position, feature in enumerate(self.features):
            values = feature_values(frame, feature.name)
            values = np.where(np.isfinite(values), values, feature.fill)
            if feature.log_scale is not None:
                values = _signed_log(values, feature.log_scale)
            if feature.spread > 0:
                values = (values - feature.centre) / feature.spread
                scaled[:, position] = np.clip(values, self.low, self.high)
        return scaled

    def to_json(self, path: Path) -> None:
        """Write the scaling to `path`; numbers come back exactly."""
        features = [vars(feature) for feature in self.features]
        write_json({"low": self.low, "high": self.high, "features": features}, path)

    @classmethod
    def from_json(cls, path: Path) -> "Scaling":
        """Read what `to_json` wrote; DataError where `path` is not that."""
        try:
            document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            features = tuple(FeatureScaling(**feature) for feature in document["features"])
            return cls(features, document["low"], document["high"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{path} is not a feature scaling ({error}); run the stage scale again"
            ) from error


def feature_values(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Return one feature, shape (n_rows,), NaN where null; DataError unless it is numbers."""
    if name not in frame:
        raise DataError(
            f"feature {name!r} is not a column of the table; "
            "name in dataset.feature_sets only what the table has, or fetch it again"
        )
    try:
        return frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"feature {name!r} is not a column of numbers ({error}); correct its values"
        ) from error


def learn(
    rows: pd.DataFrame,
    names: Sequence[str],
    params: ScaleParams,
    reference: Mapping[str, FeatureStats],
) -> Scaling:
    """Learn the scaling of the features `names` from `rows`, the rows that train.

    The statistics are those of the finite values. `median_std` gives (x - median) / std (standard
    deviation over N), clipped at +-`clip`; `min_max` gives (x - min) / (max - min), clipped to
    [0, 1]. Missing values are replaced by 0 in the feature's unit, as SCoPe does, which no
    magnitude or error is and the classifiers so can tell; or by the median. A feature without two
    different values becomes 0 everywhere.

    Parameters
    ----------
    params : with `stats` "reference" the statistics are those of `reference` and nothing is
        learnt, nor is a logarithm taken, since they are of the features as they are
    reference : `feature_stats` of the parameters

    Raises
    ------
    ConfigError : `reference` lacks a feature
    DataError : a feature is not a column of numbers of `rows`
    """
    low, high = (0.0, 1.0) if params.method == "min_max" else (-params.clip, params.clip)
    if params.stats == "reference":
        absent = [name for name in names if name not in reference]
        if absent:
            raise ConfigError(
                f"feature_stats has no statistics of {', '.join(absent)}, which scale.stats: "
                "reference needs; add them or set scale.stats to training"
            )
        features = tuple(_of_reference(name, reference[name], params) for name in names)
    else:
        features = tuple(_of_rows(name, feature_values(rows, name), params) for name in names)
    constant = [feature.name for feature in features if not feature.spread > 0]
    if constant:
        log.warning("constant over the training rows, scaled to 0: %s", ", ".join(constant))
    return Scaling(features, low, high)


def _of_reference(name: str, stats: FeatureStats, params: ScaleParams) -> FeatureScaling:
    fill = stats.median if params.impute == "median" else 0.0
    if params.method == "min_max":
        return FeatureScaling(name, fill, None, stats.min, stats.max - stats.min)
    return FeatureScaling(name, fill, None, stats.median, stats.std)


def _of_rows(name: str, values: NDArray[np.float64], params: ScaleParams) -> FeatureScaling:
    finite = values[np.isfinite(values)]
    if len(finite) == 0 or finite.min() == finite.max():
        return FeatureScaling(name, 0.0, None, 0.0, 0.0)
    fill = float(np.median(finite)) if params.impute == "median" else 0.0
    log_scale = None
    if name in params.log_features:
        sizes = np.abs(finite[finite != 0.0])
        log_scale = float(np.quantile(sizes, params.log_quantile))
        finite = _signed_log(finite, log_scale)
    if params.method == "min_max":
        low, high = float(finite.min()), float(finite.max())
        return FeatureScaling(name, fill, log_scale, low, high - low)
    return FeatureScaling(name, fill, log_scale, float(np.median(finite)), float(np.std(finite)))


def _signed_log(values: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Return sign(x) log(1 + |x| / scale): linear well below the scale, a logarithm above it."""
    logarithm: NDArray[np.float64] = np.copysign(np.log1p(np.abs(values) / scale), values)
    return logarithm
