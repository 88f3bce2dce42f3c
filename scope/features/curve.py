"""All features of one light curve."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scope.config.features import FeatureParams, PeriodParams
from scope.features.dmdt import dmdt
from scope.features.fourier import best_fit
from scope.features.periods import FoundPeriod, find_period, known_period
from scope.features.shape import SHAPE_FEATURES, shape_features
from scope.features.statistics import statistics
from scope.lightcurves.curves import LightCurve
from scope.lightcurves.points import MINUTES_PER_DAY, PointRules, Prepared, prepare

# Names and order of the table's columns. The names are those of the SCoPe data sets (Coughlin et
# al. 2021, arXiv:2009.14071; van Roestel et al. 2021, arXiv:2102.11304), odd ones such as f1_amp
# included, so that a column means the same there and here.
FEATURES = (
    *("n", "median", "wmean", "chi2red", "roms", "wstd"),
    *("norm_peak_to_peak_amp", "norm_excess_var", "median_abs_dev"),
    *("iqr", "i60r", "i70r", "i80r", "i90r", "skew", "smallkurt"),
    *("inv_vonneumannratio", "welch_i", "stetson_j", "stetson_k", "ad", "sw"),
    *("period", "significance", "f1_a", "f1_b", "f1_amp", "f1_phi0"),
    *("f1_relamp1", "f1_relphi1", "f1_relamp2", "f1_relphi2"),
    *("f1_relamp3", "f1_relphi3", "f1_relamp4", "f1_relphi4", "f1_power", "f1_BIC"),
    *SHAPE_FEATURES,
)


@dataclass(frozen=True)
class CurveFeatures:
    """What one light curve gives: its points, the features in the order of FEATURES, the dm-dt.

    `features` and `dmdt` are None where the curve is dropped (`prepared.reason` is not empty).
    """

    prepared: Prepared
    features: NDArray[np.float64] | None = None
    dmdt: NDArray[np.float32] | None = None


def point_rules(params: FeatureParams) -> PointRules:
    """Return which points are used, as the parameters have it."""
    return PointRules(
        time_range=(params.time_range[0], params.time_range[1]),
        mag_range=(params.mag_range[0], params.mag_range[1]),
        max_magerr=params.max_magerr,
        min_gap_days=params.min_gap_minutes / MINUTES_PER_DAY,
    )


def curve_features(
    curve: LightCurve, params: FeatureParams, period: float = math.nan
) -> CurveFeatures:
    """Return the features of a light curve at a known period [d], or at the best one if NaN."""
    prepared = prepare(curve, point_rules(params), params.min_points)
    if prepared.reason:
        return CurveFeatures(prepared)
    used = prepared.curve
    # NaN and infinity are values here: a feature that a light curve does not define.
    with np.errstate(all="ignore"):
        found = _period(used, params.period, period)
        fit = best_fit(used, found.period)
        values = {
            **statistics(used),
            "period": found.period,
            "significance": found.significance,
            **fit.features(),
            **shape_features(used, fit, found.period, params.period.max_frequency),
        }
    features = np.array([values[name] for name in FEATURES])
    return CurveFeatures(prepared, features, dmdt(used.time, used.mag, params.dmdt))


def _period(curve: LightCurve, params: PeriodParams, known: float) -> FoundPeriod:
    if math.isnan(known):
        return find_period(curve, params)
    return known_period(curve, params, known)
