"""The Fourier model against NumPy's and Astropy's least squares."""

import numpy as np
import pytest
from astropy.timeseries import LombScargle

from scope.features.fourier import best_fit, chi2_of_frequencies, coefficients_at
from scope.lightcurves.curves import LightCurve

PERIOD = 0.6137


def make_curve(n=120, seed=1, harmonics=((0.3, 0.1), (0.15, -0.1), (0.05, 0.08)), noise=0.02):
    rng = np.random.default_rng(seed)
    time = np.sort(rng.uniform(58000, 58400, n))
    magerr = noise * rng.uniform(0.5, 2.0, n)
    mag = 17.0 + 1e-3 * (time - time[0]) + magerr * rng.normal(size=n)
    for order, (cosine, sine) in enumerate(harmonics, start=1):
        angle = 2 * np.pi * order * time / PERIOD
        mag += cosine * np.cos(angle) + sine * np.sin(angle)
    return LightCurve(time, mag, magerr)


def design(curve, harmonics, period=PERIOD):
    columns = [np.ones_like(curve.time), curve.time - curve.time[0]]
    for order in range(1, harmonics + 1):
        angle = 2 * np.pi * order * curve.time / period
        columns += [np.cos(angle), np.sin(angle)]
    return np.stack(columns, axis=1)


def chi2_by_numpy(curve, harmonics, period=PERIOD):
    weighted = design(curve, harmonics, period) / curve.magerr[:, None]
    target = curve.mag / curve.magerr
    solution = np.linalg.lstsq(weighted, target, rcond=None)[0]
    return float(((target - weighted @ solution) ** 2).sum()), solution


def test_the_coefficients_of_a_noiseless_model_are_found():
    curve = make_curve(noise=1e-6)
    features = best_fit(curve, PERIOD).features()
    assert features["f1_a"] == pytest.approx(17.0, abs=1e-5)
    assert features["f1_b"] == pytest.approx(1e-3, abs=1e-7)
    found = [features[f"f1_{name}"] for name in ("amp", "phi0", "relamp1", "relphi1")]
    assert found == pytest.approx([0.3, 0.1, 0.15, -0.1], abs=1e-5)
    assert features["f1_relamp2"] == pytest.approx(0.05, abs=1e-5)
    assert features["f1_power"] == pytest.approx(1.0, abs=1e-6)


def test_the_best_model_has_the_least_bic_of_separate_least_squares_fits():
    curve = make_curve()
    bic = [chi2_by_numpy(curve, k)[0] + np.log(120) * (2 + 2 * k) for k in range(6)]
    fit = best_fit(curve, PERIOD)
    assert fit.bic == pytest.approx(min(bic), rel=1e-8)
    assert int(np.argmin(bic)) == 3


def test_coefficients_beyond_the_best_number_of_harmonics_are_zero():
    curve = make_curve(harmonics=((0.3, 0.1),))
    features = best_fit(curve, PERIOD).features()
    assert [features[f"f1_relamp{i}"] for i in range(1, 5)] == [0.0] * 4
    assert features["f1_amp"] == pytest.approx(chi2_by_numpy(curve, 1)[1][2], rel=1e-8)


def test_power_is_the_part_of_chi2_that_harmonics_explain():
    curve = make_curve()
    line, model = chi2_by_numpy(curve, 0)[0], chi2_by_numpy(curve, 3)[0]
    assert best_fit(curve, PERIOD).features()["f1_power"] == pytest.approx((line - model) / line)


def test_a_shift_of_magnitudes_changes_the_offset_alone():
    curve = make_curve()
    shifted = LightCurve(curve.time, curve.mag + 2.0, curve.magerr)
    one, other = best_fit(curve, PERIOD).features(), best_fit(shifted, PERIOD).features()
    assert other.pop("f1_a") - one.pop("f1_a") == pytest.approx(2.0, abs=1e-9)
    assert list(other.values()) == pytest.approx(list(one.values()), rel=1e-6, abs=1e-9)


def test_four_points_have_a_best_model():
    curve = make_curve(n=4)
    assert np.isfinite(list(best_fit(curve, PERIOD).features().values())).all()


def test_chi2_of_many_frequencies_is_that_of_separate_least_squares_fits():
    curve = make_curve()
    periods = np.array([PERIOD, 0.331, 47.0])
    found = chi2_of_frequencies(curve, 1 / periods, 5)
    expected = [[chi2_by_numpy(curve, k, period)[0] for k in range(6)] for period in periods]
    assert found == pytest.approx(np.array(expected), rel=1e-6)


def test_chi2_where_the_points_do_not_determine_the_model_is_finite():
    curve = make_curve(n=60)
    gathered = LightCurve(np.rint(curve.time), curve.mag, curve.magerr)
    assert np.isfinite(chi2_of_frequencies(gathered, np.array([1.0, 2.0]), 5)).all()


def test_coefficients_at_a_frequency_give_the_model_of_astropy():
    curve = make_curve()
    elapsed = curve.time - curve.time[0]
    fitted = coefficients_at(curve, 1 / PERIOD, 3)
    flat = LightCurve(curve.time, curve.mag - fitted[1] * elapsed, curve.magerr)
    reference = LombScargle(
        elapsed, flat.mag, flat.magerr, nterms=3, center_data=False
    ).model_parameters(1 / PERIOD)
    assert fitted[3::2] == pytest.approx(reference[1::2], abs=1e-6)
    assert fitted[2::2] == pytest.approx(reference[2::2], abs=1e-6)
