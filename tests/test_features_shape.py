"""The shape of a hump against hand-computed Fourier series and its laws."""

import numpy as np
import pytest
from astropy.timeseries import LombScargle

from scope.features.fourier import best_fit
from scope.features.shape import (
    SHAPE_FEATURES,
    odd_share,
    relative_harmonics,
    shape_features,
    two_hump_gain,
)
from scope.lightcurves.curves import LightCurve

PERIOD = 0.6137
ERROR = 0.002
# Amplitude [mag] and phase [rad] of the harmonics of a pulsating star.
HUMP = ((0.4, 0.3), (0.2, 1.1), (0.1, -0.7), (0.05, 2.0))


def make_curve(waves=HUMP, period=PERIOD, delay=0.0, n=300, seed=1):
    rng = np.random.default_rng(seed)
    time = np.sort(rng.uniform(58000, 58400, n))
    noise = ERROR * rng.normal(size=n)
    mag = 16.0 + noise
    for k, (amplitude, phase) in enumerate(waves, start=1):
        mag += amplitude * np.cos(2 * np.pi * k * (time - delay) / period + phase)
    return LightCurve(time, mag, np.full(n, ERROR))


def shape(curve, period=PERIOD, max_frequency=20.0):
    return shape_features(curve, best_fit(curve, period), period, max_frequency)


def relative_phase(k):
    return HUMP[k - 1][1] - k * HUMP[0][1]


def test_the_features_are_those_that_are_named():
    assert set(shape(make_curve())) == set(SHAPE_FEATURES)


def test_amplitude_and_period_of_the_hump_are_those_it_was_made_with():
    found = shape(make_curve())
    assert found["hump_amp"] == pytest.approx(0.4, abs=1e-3)
    assert found["hump_period"] == pytest.approx(PERIOD, rel=1e-12)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_a_harmonic_is_its_amplitude_ratio_at_its_phase_relative_to_the_first(k):
    found = shape(make_curve())
    ratio = HUMP[k - 1][0] / HUMP[0][0]
    cosine, sine = ratio * np.cos(relative_phase(k)), ratio * np.sin(relative_phase(k))
    assert found[f"hump_cos{k}1"] == pytest.approx(cosine, abs=3e-3)
    assert found[f"hump_sin{k}1"] == pytest.approx(sine, abs=3e-3)


def test_a_later_epoch_changes_nothing():
    here, later = shape(make_curve()), shape(make_curve(delay=0.1734))
    for name in set(SHAPE_FEATURES) - {"hump_gain"}:
        assert later[name] == pytest.approx(here[name], abs=5e-3), name


def test_another_zero_of_time_changes_nothing():
    curve = make_curve()
    moved = LightCurve(curve.time + 0.37, curve.mag, curve.magerr)
    assert list(shape(moved).values()) == pytest.approx(list(shape(curve).values()), abs=1e-4)


def test_a_pure_cosine_has_no_other_harmonics():
    found = shape(make_curve(((0.4, 0.3),)))
    relative = [value for name, value in found.items() if name.startswith(("hump_c", "hump_s"))]
    assert relative == pytest.approx([0.0] * 6, abs=3e-3)
    assert found["f1_odd"] == 1.0


def test_a_sawtooth_has_harmonics_of_one_kth_a_quarter_cycle_off():
    # 1 - 2x over a cycle is the sum of (2/pi) sin(2 pi k x)/k, and sin is the cosine at -pi/2.
    saw = np.zeros(12)
    saw[3::2] = 1.0 / np.arange(1, 6)
    found = relative_harmonics(saw)
    assert [found[f"hump_sin{k}1"] for k in (2, 3, 4)] == pytest.approx([1 / 2, 0.0, -1 / 4])
    assert [found[f"hump_cos{k}1"] for k in (2, 3, 4)] == pytest.approx([0.0, -1 / 3, 0.0])


def test_a_light_curve_rising_steeply_is_the_mirror_of_one_falling_steeply():
    curve = make_curve()
    mirrored = LightCurve(-curve.time[::-1], curve.mag[::-1], curve.magerr)
    one, other = shape(curve), shape(mirrored)
    for k in (2, 3, 4):
        assert other[f"hump_cos{k}1"] == pytest.approx(one[f"hump_cos{k}1"], abs=1e-4)
        assert other[f"hump_sin{k}1"] == pytest.approx(-one[f"hump_sin{k}1"], abs=1e-4)


def test_a_star_found_at_twice_its_period_looks_as_at_its_own():
    curve = make_curve()
    own, double = shape(curve), shape(curve, 2 * PERIOD)
    for name in set(SHAPE_FEATURES) - {"f1_odd"}:
        assert double[name] == pytest.approx(own[name], rel=1e-9, abs=1e-9), name
    assert own["f1_odd"] == pytest.approx(
        (0.4**2 + 0.1**2) / (0.4**2 + 0.2**2 + 0.1**2 + 0.05**2), 1e-2
    )
    assert double["f1_odd"] < 1e-3


def test_no_hump_is_shorter_than_the_search_allows():
    curve = make_curve()
    found = shape(curve, 2 * PERIOD, max_frequency=0.9 / PERIOD)
    assert found["hump_period"] == pytest.approx(2 * PERIOD)


def test_harmonics_beyond_the_first_count_no_more_than_it():
    coefficients = np.array([16.0, 0.0, 0.1, 0.0, 0.0, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    found = relative_harmonics(coefficients)
    assert found["hump_sin21"] == pytest.approx(-1.0)
    assert found["hump_cos21"] == pytest.approx(0.0)


@pytest.mark.parametrize("second", [0.0, 0.3])
def test_without_a_first_harmonic_the_others_have_no_phase(second):
    coefficients = np.zeros(12)
    coefficients[4] = second
    assert set(relative_harmonics(coefficients).values()) == {0.0}


def test_the_share_of_odd_harmonics_is_of_power():
    coefficients = np.array([16.0, 1.0, 3.0, 4.0, 0.0, 5.0, 1.0, 1.0, 0.0, 2.0, 0.0, 0.0])
    assert odd_share(coefficients) == pytest.approx((25 + 2) / (25 + 25 + 2 + 4))


def test_a_model_without_harmonics_has_no_odd_ones():
    assert odd_share(np.array([16.0, 1.0, *[0.0] * 10])) == 0.0


def test_unequal_minima_favour_two_humps_and_equal_ones_do_not():
    equal = ((0.0, 0.0), (0.3, 0.0), (0.0, 0.0), (0.05, 0.0))
    unequal = ((0.05, 0.0), *equal[1:])
    assert two_hump_gain(make_curve(equal), 2 / PERIOD) < 0.0
    assert two_hump_gain(make_curve(unequal), 2 / PERIOD) > 100.0


def test_the_gain_is_that_of_models_fitted_by_astropy():
    curve = make_curve(((0.05, 0.0), (0.3, 0.0), (0.0, 0.0), (0.05, 0.0)))

    def least(frequency, most):
        criteria = []
        for harmonics in range(1, most + 1):
            model = LombScargle(curve.time, curve.mag, ERROR, nterms=harmonics)
            residual = (curve.mag - model.model(curve.time, frequency)) / ERROR
            cost = np.log(300) * (2 + 2 * harmonics)
            criteria.append(300 * np.log((residual**2).sum()) + cost)
        return min(criteria)

    expected = least(2 / PERIOD, 5) - least(1 / PERIOD, 10)
    assert two_hump_gain(curve, 2 / PERIOD) == pytest.approx(expected, rel=0.01)


def test_four_points_have_a_shape():
    assert np.isfinite(list(shape(make_curve(n=4)).values())).all()
