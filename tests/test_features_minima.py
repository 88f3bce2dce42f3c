"""One minimum a cycle or two."""

import numpy as np
import pytest

from scope.features.minima import WEIGHTS, evidence, has_two_minima, hump_frequency
from scope.lightcurves.curves import LightCurve


def observe(shape, period, n=300, noise=0.02):
    rng = np.random.default_rng(8)
    time = np.sort(rng.uniform(58000, 58900, n))
    mag = 15.0 + shape(2 * np.pi * time / period) + noise * rng.normal(size=n)
    return LightCurve(time, mag, np.full(n, noise))


def sharp_minima(angle):
    """Return a hump a cycle whose faint end is the sharp one, as that of touching stars."""
    return 0.3 * np.cos(angle) + 0.08 * np.cos(2 * angle)


def steep_rise(angle):
    return 0.4 * np.cos(angle) + 0.2 * np.cos(2 * angle + 2.2) + 0.1 * np.cos(3 * angle + 4.4)


def test_sharp_symmetric_minima_at_a_short_period_are_those_of_a_binary():
    assert has_two_minima(observe(sharp_minima, 0.17), 1 / 0.17)


def test_a_steep_rise_is_a_pulsation():
    assert not has_two_minima(observe(steep_rise, 0.55), 1 / 0.55)


def test_the_frequency_of_two_like_minima_a_cycle_is_doubled():
    curve = observe(lambda angle: sharp_minima(2 * angle) + 0.02 * np.cos(angle), 0.34)
    assert hump_frequency(curve, 1 / 0.34, 20.0) == pytest.approx(2 / 0.34)


def test_a_frequency_is_not_doubled_beyond_the_end_of_the_grid():
    curve = observe(lambda angle: sharp_minima(2 * angle), 0.34)
    assert hump_frequency(curve, 1 / 0.34, 5.0) == pytest.approx(1 / 0.34)


def test_the_frequency_of_one_hump_a_cycle_is_kept():
    assert hump_frequency(observe(steep_rise, 0.55), 1 / 0.55, 20.0) == pytest.approx(1 / 0.55)


def test_the_evidence_measures_period_amplitude_and_shape():
    found = dict(zip(WEIGHTS, evidence(observe(sharp_minima, 0.17), 1 / 0.17), strict=True))
    values = list(found.values())
    assert values[0] == pytest.approx(np.log10(0.17) + 0.5)
    assert values[2] == pytest.approx(np.log10(0.3) + 0.7, abs=0.02)
    assert values[5] == pytest.approx(0.08 / 0.3, abs=0.03)
    assert values[7] == pytest.approx(0.0, abs=0.03)


def test_unequal_minima_gain_information():
    def unequal(angle):
        return sharp_minima(2 * angle) + 0.1 * np.cos(angle)

    position = list(WEIGHTS).index("asinh of a tenth of the information gained by two minima")
    alike = evidence(observe(lambda angle: sharp_minima(2 * angle), 0.34), 2 / 0.34)
    assert evidence(observe(unequal, 0.34), 2 / 0.34)[position] > 1.0 > alike[position]


def test_the_evidence_does_not_depend_on_the_epoch():
    curve = observe(steep_rise, 0.55)
    later = LightCurve(curve.time + 0.21, curve.mag, curve.magerr)
    assert evidence(later, 1 / 0.55) == pytest.approx(evidence(curve, 1 / 0.55), abs=1e-6)
