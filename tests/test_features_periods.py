"""The period search on made and on real light curves."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.timeseries import LombScargle

from scope.base.errors import ConfigError
from scope.base.settings import parse
from scope.config.features import PeriodParams
from scope.features.minima import has_two_minima, hump_frequency
from scope.features.periods import find_period, known_period
from scope.lightcurves.curves import LightCurve

PARAMS = PeriodParams()


def nightly_times(n, length, seed):
    rng = np.random.default_rng(seed)
    nights = np.sort(rng.choice(int(length), n, replace=False))
    return 58000.0 + nights + rng.uniform(0.1, 0.5, n)


def observe(shape, period, *, n=200, length=1000.0, noise=0.03, seed=1):
    """Return a light curve of the given shape, a function of phase, observed at night."""
    time = nightly_times(n, length, seed)
    mag = 16.0 + shape(np.mod(time / period, 1.0))
    noise_of = np.random.default_rng(seed + 1)
    return LightCurve(time, mag + noise * noise_of.normal(size=n), np.full(n, noise))


def sine(phase):
    return 0.3 * np.sin(2 * np.pi * phase)


def sawtooth(phase):
    return np.where(phase < 0.15, 0.8 * (1 - phase / 0.15), 0.8 * (phase - 0.15) / 0.85) - 0.4


def contact_binary(phase):
    angle = 2 * np.pi * phase
    return 0.4 * (1 - np.abs(np.sin(angle))) + 0.03 * np.cos(angle)


def detached_binary(phase):
    primary = np.exp(-0.5 * ((np.mod(phase + 0.5, 1.0) - 0.5) / 0.04) ** 2)
    secondary = np.exp(-0.5 * ((phase - 0.5) / 0.04) ** 2)
    return 0.7 * primary + 0.45 * secondary


def found(curve):
    return find_period(curve, PARAMS).period


@pytest.mark.parametrize("period", [0.0731, 0.5871, 3.71, 271.3])
def test_the_period_of_a_sawtooth_pulsation_is_found(period):
    assert found(observe(sawtooth, period)) == pytest.approx(period, rel=5e-3)


def test_the_period_of_a_sine_or_its_double_is_found():
    ratio = found(observe(sine, 0.6123)) / 0.6123
    assert min(abs(ratio - 1), abs(ratio - 2)) < 1e-3


@pytest.mark.parametrize("period", [0.3473, 0.5218])
def test_a_contact_binary_is_found_at_its_full_period(period):
    assert found(observe(contact_binary, period)) == pytest.approx(period, rel=1e-3)


@pytest.mark.parametrize("period", [1.2345, 2.871])
def test_a_detached_binary_is_found_at_its_full_period(period):
    assert found(observe(detached_binary, period, n=400)) == pytest.approx(period, rel=1e-3)


def test_no_binary_is_found_below_the_shortest_there_are():
    curve = observe(contact_binary, 0.15)
    hump = hump_frequency(curve, 1 / 0.15, 20.0)
    assert 1 / hump == pytest.approx(0.075)
    assert not has_two_minima(curve, hump)


def test_a_pulsation_half_a_cycle_a_day_from_its_alias_is_told_apart():
    period = 1 / 1.52
    assert found(observe(sawtooth, period)) == pytest.approx(period, rel=1e-3)


def test_a_shift_of_magnitudes_and_times_leaves_the_period():
    curve = observe(sawtooth, 0.5871)
    moved = LightCurve(curve.time + 1024.0, curve.mag + 1.5, curve.magerr)
    assert found(moved) == pytest.approx(found(curve), rel=1e-5)


def test_reversed_time_leaves_the_period_of_a_symmetric_shape():
    curve = observe(contact_binary, 0.3473)
    back = LightCurve(
        116000.0 - curve.time[::-1], curve.mag[::-1].copy(), curve.magerr[::-1].copy()
    )
    assert found(back) == pytest.approx(found(curve), rel=1e-5)


def test_errors_all_twice_as_large_leave_the_period():
    curve = observe(detached_binary, 1.2345)
    doubled = LightCurve(curve.time, curve.mag, 2 * curve.magerr)
    assert found(doubled) == pytest.approx(found(curve), rel=1e-6)


@pytest.mark.parametrize("n", [4, 5, 9, 13])
def test_few_points_give_some_period_on_the_grid(n):
    curve = observe(sine, 0.6123, n=n, length=300.0)
    assert 1 / 20.1 < found(curve) < 2 * 300


def test_significance_is_that_of_astropys_highest_peak():
    curve = observe(sine, 0.6123)
    length = curve.time[-1] - curve.time[0]
    grid = np.arange(0.9 / length, 20.0, 1 / length / 8)
    power = LombScargle(curve.time, curve.mag, curve.magerr).power(grid)
    expected = (power.max() - power.mean()) / power.std()
    assert find_period(curve, PARAMS).significance == pytest.approx(expected, rel=0.03)


def test_a_known_period_is_kept_with_the_significance_of_its_peak():
    curve = observe(sine, 0.6123)
    known = known_period(curve, PARAMS, 0.6123)
    assert known.period == 0.6123
    assert known.significance == pytest.approx(find_period(curve, PARAMS).significance, rel=0.1)


@pytest.mark.parametrize(
    "fault", [{"max_frequency": 0.0}, {"min_cycles": -1.0}, {"n_peaks": 0}, {"oversampling": 0.5}]
)
def test_a_grid_that_cannot_be_is_refused(fault):
    with pytest.raises(ConfigError, match=next(iter(fault))):
        parse(fault, PeriodParams, "features.period")


@pytest.mark.realdata
def test_catalina_periods_are_the_catalogues_or_its_half_or_double_for_85_of_100_stars():
    folder = Path(os.environ.get("SCOPE_DATA", "../shared/data")) / "crts"
    if not folder.exists():
        pytest.skip(f"no folder {folder}: set SCOPE_DATA to the folder of real data")
    stars = pd.read_parquet(folder / "objects.parquet").sample(n=300, random_state=7)
    points = pd.read_parquet(folder / "lightcurves.parquet", filters=[("id", "in", stars["id"])])
    points = points[points["mjd"] > 15000].astype({"mag": float, "magerr": float})
    curves = {
        star: LightCurve(*(group[name].to_numpy() for name in ("mjd", "mag", "magerr")))
        for star, group in points.sort_values(["id", "mjd"]).groupby("id")
    }
    ratio = np.array([found(curves[star]) for star in stars["id"]]) / stars["period"]
    near = [np.abs(ratio / factor - 1) < 0.01 for factor in (0.5, 1.0, 2.0)]
    assert np.any(near, axis=0).mean() >= 0.85
    assert near[1].mean() >= 0.8
