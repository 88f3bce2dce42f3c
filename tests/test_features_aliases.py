"""Periods of which the periodogram shows a daily alias higher than the period itself."""

import numpy as np
import pytest
from astropy.timeseries import LombScargle

from scope.config.features import PeriodParams
from scope.features.periods import find_period
from scope.lightcurves.curves import LightCurve

HIGHEST_PEAK_ALONE = PeriodParams(n_peaks=1)
SOLAR, SIDEREAL = 1.0, 0.99726957  # [d]; IAU 1982: a sidereal day in mean solar days


def sawtooth(phase):
    return np.where(phase < 0.15, 0.8 * (1 - phase / 0.15), 0.8 * (phase - 0.15) / 0.85) - 0.4


def observe(period: float, day: float, seed: int) -> LightCurve:
    """Return a pulsation observed in the same two hours of 120 days of some length [d]."""
    chance = np.random.default_rng(seed)
    nights = np.sort(chance.choice(1000, 120, replace=False))
    time = 58000 + nights * day + chance.uniform(0, 0.08, 120)
    mag = 16 + sawtooth(np.mod(time / period, 1)) + 0.05 * chance.normal(size=120)
    return LightCurve(time, mag, np.full(120, 0.05))


def highest_peak(curve: LightCurve) -> float:
    """Return the frequency of the highest Lomb-Scargle peak [1/d], by astropy."""
    periodogram = LombScargle(curve.time, curve.mag, curve.magerr)
    frequency, power = periodogram.autopower(
        minimum_frequency=0.01, maximum_frequency=20, samples_per_peak=8
    )
    return float(frequency[np.argmax(power)])


@pytest.mark.parametrize(
    ("period", "day", "seed", "shift"),
    [
        (0.5871, SOLAR, 0, 1.0),
        (0.7219, SOLAR, 0, -1.0),
        (0.3713, SOLAR, 2, -1.0),
        (0.7219, SIDEREAL, 9, 1 / SIDEREAL),
        (0.5871, SIDEREAL, 10, -1 / SIDEREAL),
        (0.3713, SIDEREAL, 14, 1 / SIDEREAL),
    ],
)
def test_a_period_is_found_behind_its_daily_alias(period, day, seed, shift):
    curve = observe(period, day, seed)
    assert highest_peak(curve) - 1 / period == pytest.approx(shift, abs=3e-4)
    assert find_period(curve, HIGHEST_PEAK_ALONE).period == pytest.approx(period, rel=1e-3)
