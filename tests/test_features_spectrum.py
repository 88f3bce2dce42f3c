"""The periodogram against Astropy's, and its peaks."""

import numpy as np
import pytest
from astropy.timeseries import LombScargle

from scope.features.spectrum import SIDEREAL_DAY, highest_peaks, near_alias, periodogram
from scope.lightcurves.curves import LightCurve

GRID = {"min_cycles": 1.0, "max_frequency": 8.0, "oversampling": 5.0}


def make_curve(frequency=1.7, amplitude=0.3, n=150):
    rng = np.random.default_rng(2)
    time = np.sort(rng.uniform(58000, 58300, n))
    magerr = rng.uniform(0.05, 0.15, n)
    mag = 16 + amplitude * np.cos(2 * np.pi * frequency * time) + magerr * rng.normal(size=n)
    return LightCurve(time, mag, magerr)


def grid_of(spectrum):
    return spectrum.first + spectrum.step * np.arange(len(spectrum.power))


def test_the_power_is_that_of_astropy():
    curve = make_curve()
    spectrum = periodogram(curve, **GRID)
    exact = LombScargle(curve.time, curve.mag, curve.magerr)
    reference = exact.power(grid_of(spectrum), method="slow")
    assert np.abs(spectrum.power - reference).max() < 1e-3


def test_the_grid_runs_from_one_cycle_in_the_length_to_the_end_asked_for():
    curve = make_curve()
    length = curve.time[-1] - curve.time[0]
    grid = grid_of(periodogram(curve, **GRID))
    assert grid[0] == pytest.approx(1 / length)
    assert 8.0 <= grid[-1] <= 8.0 + 2 / (5 * length)
    assert np.diff(grid) == pytest.approx(1 / (5 * length), rel=1e-6)


def test_the_highest_peak_is_at_the_frequency_of_a_wave():
    curve = make_curve()
    peaks, powers = highest_peaks(periodogram(curve, **GRID), 5, 0.0)
    assert peaks[0] == pytest.approx(1.7, abs=0.1 / 300)
    assert (np.diff(powers) <= 0).all()


def test_significance_counts_standard_deviations_above_the_mean():
    spectrum = periodogram(make_curve(), **GRID)
    power = spectrum.power.astype(np.float64)
    expected = (0.5 - power.mean()) / power.std()
    assert spectrum.significance(0.5) == pytest.approx(expected, rel=1e-9)


def test_power_between_grid_points_is_interpolated():
    spectrum = periodogram(make_curve(), **GRID)
    middle = spectrum.first + 10.5 * spectrum.step
    assert spectrum.at(middle) == pytest.approx(spectrum.power[10:12].mean(), rel=1e-6)


def test_frequencies_near_whole_solar_and_sidereal_days_are_marked():
    frequencies = np.array([0.0005, 0.9995, 1 / SIDEREAL_DAY, 1.5, 3.0, 3.0011, 3 / SIDEREAL_DAY])
    marks = near_alias(frequencies, 0.001)
    assert marks.tolist() == [False, True, True, False, True, False, True]


def test_a_width_of_zero_marks_nothing():
    assert not near_alias(np.array([1.0, 2.0]), 0.0).any()


def test_no_peak_is_taken_at_an_alias_of_the_day():
    peaks, _ = highest_peaks(periodogram(make_curve(frequency=2.0), **GRID), 20, 0.02)
    assert not near_alias(peaks, 0.019).any()
