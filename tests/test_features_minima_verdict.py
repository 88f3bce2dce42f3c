"""The verdict between one minimum a cycle and two, against the regression's published numbers.

The coefficients are typed here once more, so that a change of one in the code is noticed.
"""

import numpy as np
import pytest

from scope.features.minima import evidence, has_two_minima
from scope.lightcurves.curves import LightCurve

INTERCEPT = 0.14
SLOPES = np.array([-6.93, 2.51, -3.77, -4.64, 0.98, 6.54, -6.73, 6.11, 5.83])
N, NOISE = 300, 0.01
# Two minima a cycle have six more coefficients than one with three harmonics: each lowers chi2 by
# 1 on average, and costs ln N in the information criterion.
GAIN_WITHOUT_A_SECOND_MINIMUM = 6 - 6 * np.log(N)


def observe(period, amplitude, cos_2, sin_2, cos_3):
    """Return a hump of a period [d] and amplitude [mag], harmonics in units of the first."""
    chance = np.random.default_rng(8)
    time = np.sort(chance.uniform(58000, 58900, N))
    angle = 2 * np.pi * time / period
    shape = np.cos(angle) + cos_2 * np.cos(2 * angle) - sin_2 * np.sin(2 * angle)
    mag = 15 + amplitude * (shape + cos_3 * np.cos(3 * angle)) + NOISE * chance.normal(size=N)
    return LightCurve(time, mag, np.full(N, NOISE))


def log_odds(period, amplitude, cos_2, sin_2, cos_3):
    """Return the logarithm of the odds for two minima, by plain arithmetic."""
    log_period, log_amplitude = np.log10(period) + 0.5, np.log10(amplitude) + 0.7
    numbers = [
        *(log_period, log_period**2, log_amplitude, log_period * log_amplitude),
        *(np.arcsinh(GAIN_WITHOUT_A_SECOND_MINIMUM / 10), cos_2, cos_2**2, sin_2, cos_3),
    ]
    return INTERCEPT + SLOPES @ np.array(numbers)


# Each shape is one for which the sign of one coefficient decides.
SHAPES = {
    "period": (0.132, 0.899, 0.31, 0.18, 0.07),
    "long period": (6.255, 0.098, -0.06, -0.56, -0.19),
    "period squared": (5.761, 0.047, 0.59, 0.49, 0.03),
    "amplitude": (0.226, 0.932, 0.20, 0.17, -0.27),
    "small amplitude": (5.471, 0.020, -0.07, 0.18, 0.06),
    "period times amplitude": (4.984, 0.020, 0.43, 0.24, -0.09),
    "short and small": (0.156, 0.030, -0.56, 0.43, -0.06),
    "gain": (0.238, 0.224, 0.28, -0.08, -0.29),
    "second harmonic": (0.137, 0.048, -0.58, 0.31, -0.29),
    "its square": (0.282, 0.156, 0.60, -0.25, -0.16),
    "quarter cycle": (1.249, 0.031, 0.20, -0.59, -0.19),
    "quarter cycle forward": (0.211, 0.061, -0.10, 0.60, 0.0),
    "third harmonic": (1.140, 0.037, 0.38, -0.15, -0.27),
    "third harmonic forward": (0.158, 0.263, -0.34, 0.49, 0.29),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_verdict_is_that_of_the_regression(shape):
    expected = log_odds(*shape)
    assert abs(expected) > 0.7  # well beyond what the noise of the gain can do
    assert has_two_minima(observe(*shape), 1 / shape[0]) == (expected > 0)


def test_each_sign_decides_the_verdict_of_some_shape():
    for position in range(len(SLOPES)):
        turned = SLOPES.copy()
        turned[position] *= -1
        verdicts = []
        for shape in SHAPES.values():
            found = evidence(observe(*shape), 1 / shape[0])
            verdicts.append((INTERCEPT + turned @ found > 0) != (INTERCEPT + SLOPES @ found > 0))
        assert any(verdicts), position


def test_the_verdict_turns_where_the_log_odds_are_zero():
    chance = np.random.default_rng(3)
    turned = 0
    while turned < 8:
        period, amplitude = 10 ** chance.uniform(-0.6, 0.6), 10 ** chance.uniform(-1.3, -0.2)
        cos_2, cos_3 = chance.uniform(-0.4, 0.4, 2)
        bounds = [-0.6, 0.6]
        shapes = [(period, amplitude, cos_2, one, cos_3) for one in bounds]
        if len({has_two_minima(observe(*one), 1 / period) for one in shapes}) == 1:
            continue
        for _ in range(12):  # the quarter-cycle part is halved in until the verdict turns
            middle = sum(bounds) / 2
            two = has_two_minima(observe(period, amplitude, cos_2, middle, cos_3), 1 / period)
            bounds = [bounds[0], middle] if two else [middle, bounds[1]]
        at = observe(period, amplitude, cos_2, bounds[0], cos_3)
        assert INTERCEPT + SLOPES @ evidence(at, 1 / period) == pytest.approx(0.0, abs=0.03)
        turned += 1


def test_no_binary_is_shorter_than_contact_binaries_are():
    # Rucinski (1992): main-sequence contact binaries end near 0.2 d, two cycles of 0.1 d.
    shape = (0.35, -0.1, 0.5, 0.3)
    assert has_two_minima(observe(0.104, *shape), 1 / 0.104)
    assert not has_two_minima(observe(0.096, *shape), 1 / 0.096)
