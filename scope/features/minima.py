"""One minimum a cycle or two: pulsating stars against eclipsing ones.

An eclipsing binary with nearly equal minima looks the same at half its period. What tells is the
shape of the one hump then left (sharp, symmetric minima are eclipses, a steep rise is pulsation),
its period and amplitude, and whether odd and even minima differ. The weights are those of a
logistic regression on the even-numbered of 6,645 stars of the Catalina Southern survey (Drake et
al. 2017, MNRAS 469, 3688), stratified by class, each class weighted by its number to the power of
3/4; it settles 95 % of the odd-numbered ones as the catalogue does. Delta Scuti stars of 0.1 to
0.2 d are what it cannot tell from contact binaries of twice the period.
"""

import numpy as np
from numpy.typing import NDArray

from scope.features.fourier import MAX_HARMONICS, chi2_of_frequencies, coefficients_at, information
from scope.lightcurves.curves import LightCurve

SHORTEST_BINARY = 0.2  # [d]: main-sequence contact binaries end here (Rucinski 1992, AJ 103, 960)

INTERCEPT = 0.14  # of the regression; WEIGHTS are its slopes
WEIGHTS = {
    "log10 of the hump's period over 0.316 d": -6.93,
    "the square of that": 2.51,
    "log10 of the amplitude over 0.2 mag": -3.77,
    "the product of the two logarithms": -4.64,
    "asinh of a tenth of the information gained by two minima": 0.98,
    "second harmonic in phase with the first, over it": 6.54,
    "its square": -6.73,
    "second harmonic a quarter cycle off, over the first": 6.11,
    "third harmonic in phase with the first, over it": 5.83,
}
PERIODS = (0.05, 30.0)  # [d] beyond which a longer or shorter period says no more
AMPLITUDES = (0.01, 2.0)  # [mag] likewise
NEIGHBOURS = np.linspace(-0.1, 0.1, 9)  # [1/length]: a peak is found to within this


def hump_frequency(curve: LightCurve, frequency: float, max_frequency: float) -> float:
    """Return `frequency` or its double [1/d], if its even harmonics are stronger than its odd."""
    # A star with one hump a cycle, found at twice its period, has only even harmonics.
    power = np.abs(_waves(curve, frequency, 4)) ** 2
    if power[1::2].sum() > power[0::2].sum() and 2.0 * frequency <= max_frequency:
        return 2.0 * frequency
    return frequency


def has_two_minima(curve: LightCurve, hump: float) -> bool:
    """Return whether the period is two cycles of the frequency `hump` [1/d] rather than one."""
    if 2.0 / hump < SHORTEST_BINARY:
        return False
    return bool(INTERCEPT + evidence(curve, hump) @ np.array(list(WEIGHTS.values())) > 0.0)


def evidence(curve: LightCurve, hump: float) -> NDArray[np.float64]:
    """Return the numbers that the verdict weighs, in the order of WEIGHTS, shape (9,)."""
    waves = _waves(curve, hump, MAX_HARMONICS)
    # Without an amplitude there is no phase; the floor only keeps 0 / 0 away.
    amplitude = max(abs(waves[0]), 1e-12)
    # Turns the first harmonic to phase zero, its k-th power the k-th harmonic along with it: what
    # is left does not depend on the epoch (Simon & Lee 1981, ApJ 248, 291).
    turn = np.conj(waves[0]) / amplitude
    # At most 1 in size: a second harmonic above the first says no more than an equal one.
    second = waves[1] / max(abs(waves[1]), amplitude) * turn**2
    third = waves[2] / max(abs(waves[2]), amplitude) * turn**3
    # Both logarithms are zero at the values that WEIGHTS name: 10^-0.5 d and 10^-0.7 mag.
    log_period = np.log10(np.clip(1.0 / hump, *PERIODS)) + 0.5
    log_amplitude = np.log10(np.clip(amplitude, *AMPLITUDES)) + 0.7
    return np.array(
        [
            log_period,
            log_period**2,
            log_amplitude,
            log_period * log_amplitude,
            # The gain has a long tail of either sign: asinh is a logarithm that may cross zero.
            np.arcsinh(_gain(curve, hump) / 10.0),
            second.real,
            second.real**2,
            second.imag,
            third.real,
        ]
    )


def _waves(curve: LightCurve, frequency: float, harmonics: int) -> NDArray[np.complex128]:
    """Return A_n - i B_n [mag] of the Fourier model, phase zero at the first point."""
    coefficients = coefficients_at(curve, frequency, harmonics)
    return np.asarray(coefficients[2::2] - 1j * coefficients[3::2])


def _gain(curve: LightCurve, hump: float) -> float:
    """Return by how much the information criterion favours two minima a cycle over one.

    Two minima have twice as many harmonics, so that they can be as sharp as one.
    """
    n_points = len(curve.time)
    # The model of two minima has 2 + 4 k coefficients; the points must leave it two to spare.
    most = max(1, min(MAX_HARMONICS, (n_points - 4) // 4))
    # The two models need not be best at the same frequency: each is given its own best nearby.
    one = hump + NEIGHBOURS / (curve.time[-1] - curve.time[0])
    single = chi2_of_frequencies(curve, one, most)
    double = chi2_of_frequencies(curve, 0.5 * one, 2 * most)
    return float(
        information(single, n_points, 1.0).min() - information(double, n_points, 1.0).min()
    )
