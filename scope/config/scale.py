"""Sections `scale` and `feature_stats`: how features are brought to one scale."""

from typing import Literal

from scope.base.settings import Positive, Share, settings


@settings
class ScaleParams:
    """How features are brought to one scale (formulae: scope.data.scaling.learn).

    Attributes
    ----------
    log_features : are taken as sign(x) log(1 + |x| / s) first; those a data set lacks do not matter
    log_quantile : s is this quantile of the non-zero |x|
    clip : largest absolute value after median_std
    """

    method: Literal["median_std", "min_max"]
    log_features: list[str]
    log_quantile: Share
    stats: Literal["training", "reference"]
    impute: Literal["zero", "median"]
    clip: Positive


@settings
class FeatureStats:
    """Statistics of one feature over the SCoPe training set."""

    min: float
    max: float
    median: float
    mean: float
    std: float
