"""Statistics of a light curve against SciPy, NumPy and sums written out."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats

from scope.features.statistics import statistics
from scope.lightcurves.curves import LightCurve


def make_curve(n=60, seed=1):
    rng = np.random.default_rng(seed)
    time = np.sort(rng.uniform(58000, 59000, n))
    magerr = rng.uniform(0.02, 0.2, n)
    return LightCurve(time, 17 + rng.gamma(2.0, 0.3, n) + magerr * rng.normal(size=n), magerr)


def test_ranges_are_those_of_numpy_percentiles():
    curve = make_curve()
    found = statistics(curve)
    for name, low in {"iqr": 25, "i60r": 20, "i70r": 15, "i80r": 10, "i90r": 5}.items():
        high_mag, low_mag = np.percentile(curve.mag, [100 - low, low])
        assert found[name] == pytest.approx(high_mag - low_mag, rel=1e-12)


def test_median_abs_dev_is_that_of_scipy():
    curve = make_curve()
    expected = scipy.stats.median_abs_deviation(curve.mag)
    assert statistics(curve)["median_abs_dev"] == pytest.approx(expected, rel=1e-12)


def test_weighted_mean_and_scatter_are_those_of_numpy():
    curve = make_curve()
    weight = curve.magerr**-2.0
    mean = np.average(curve.mag, weights=weight)
    scatter = math.sqrt(np.average((curve.mag - mean) ** 2, weights=weight))
    found = statistics(curve)
    assert (found["wmean"], found["wstd"]) == pytest.approx((mean, scatter), rel=1e-12)


def test_every_formula_of_a_four_point_curve_worked_out_term_by_term():
    time, mag, err = [0.0, 1.0, 3.0, 7.0], [10.0, 10.4, 9.8, 10.2], [0.1, 0.2, 0.1, 0.2]
    found = statistics(LightCurve(np.array(time), np.array(mag), np.array(err)))
    weights = [100.0, 25.0, 100.0, 25.0]
    mean = (1000.0 + 260.0 + 980.0 + 255.0) / 250.0
    assert found["wmean"] == pytest.approx(mean)
    chi2 = sum(w * (m - mean) ** 2 for w, m in zip(weights, mag, strict=True))
    assert found["chi2red"] == pytest.approx(chi2 / 3)
    assert found["roms"] == pytest.approx((1 + 1.5 + 3 + 0.5) / 3)
    assert found["norm_peak_to_peak_amp"] == pytest.approx((10.2 - 9.9) / (10.2 + 9.9))
    excess = sum((m - mean) ** 2 - s**2 for m, s in zip(mag, err, strict=True))
    assert found["norm_excess_var"] == pytest.approx(excess / (4 * mean**2))
    z = [(m - mean) / s for m, s in zip(mag, err, strict=True)]
    assert found["skew"] == pytest.approx(4 / 6 * sum(x**3 for x in z))
    assert found["smallkurt"] == pytest.approx(20 / 6 * sum(x**4 for x in z) - 27 / 2)
    products = [4 / 3 * a * b for a, b in itertools.pairwise(z)]
    assert found["welch_i"] == pytest.approx(sum(products))
    roots = sum(math.copysign(math.sqrt(abs(p)), p) for p in products)
    assert found["stetson_j"] == pytest.approx(roots)
    spread = math.sqrt(sum(x * x for x in z) / 4)
    assert found["stetson_k"] == pytest.approx(sum(abs(x) for x in z) / 4 / spread)
    eta = (0.4**2 + 0.6**2 / 4 + 0.4**2 / 16) / ((1 + 1 / 4 + 1 / 16) * chi2 / 250)
    assert found["inv_vonneumannratio"] == pytest.approx(1 / eta)


def test_two_points_at_one_time_leave_the_von_neumann_ratio_as_it_is_without_that_pair():
    time = np.array([0.0, 1.0, 1.0, 2.0, 4.0])
    mag = np.array([10.0, 10.5, 10.1, 10.2, 10.3])
    found = statistics(LightCurve(time, mag, np.full(5, 0.1)))
    steps = [(1.0, 0.5), (1.0, 0.1), (2.0, 0.1)]
    eta = sum(dm**2 / dt**2 for dt, dm in steps) / (2.25 * np.var(mag))
    assert found["inv_vonneumannratio"] == pytest.approx(1 / eta)


@pytest.mark.filterwarnings("ignore:.*:FutureWarning")
def test_normality_is_that_of_magnitudes_over_errors():
    curve = make_curve()
    found = statistics(curve)
    ratio = curve.mag / curve.magerr
    assert found["sw"] == pytest.approx(scipy.stats.shapiro(ratio).statistic, rel=1e-7)
    assert found["ad"] == pytest.approx(scipy.stats.anderson(ratio, "norm").statistic, rel=1e-9)
