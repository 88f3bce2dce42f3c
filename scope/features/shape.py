"""The shape of one hump of a periodic light curve, whatever the epoch.

The coefficients of a Fourier model turn with the time that is called zero; the ratios of its
amplitudes and the phases phi_k - k phi_1 do not (Simon & Lee 1981, ApJ 248, 291). They are taken at
the period of one hump: a pulsating star found at twice its period then looks as it does at its own,
and an eclipsing binary with two minima a cycle always at half of its.
"""

import numpy as np
from numpy.typing import NDArray

from scope.features.fourier import (
    MAX_HARMONICS,
    FourierFit,
    chi2_of_frequencies,
    coefficients_at,
    information,
)
from scope.features.minima import hump_frequency
from scope.lightcurves.curves import LightCurve

SHAPE_FEATURES = (
    *("f1_odd", "hump_period", "hump_amp", "hump_gain"),
    *("hump_cos21", "hump_sin21", "hump_cos31", "hump_sin31", "hump_cos41", "hump_sin41"),
)
TINY = 1e-12  # [mag]: amplitudes below it have no phase


def shape_features(
    curve: LightCurve, fit: FourierFit, period: float, max_frequency: float
) -> dict[str, float]:
    """Return SHAPE_FEATURES by name, none of which depends on the epoch.

    With a_k cos(2 pi k t/P + phi_k) the k-th of five harmonics in mag, fitted at the hump's period,
    these are, without unit but for the first two:

    - hump_period [d]: the period, or half of it if the even harmonics are stronger than the odd
    - hump_amp [mag]: a_1
    - hump_cosk1, hump_sink1: min(a_k/a_1, 1) times cosine and sine of phi_k - k phi_1; 0 if a_1 is
    - hump_gain: by how much the information criterion favours two humps a cycle over one
    - f1_odd: share of the odd harmonics in the power of the best Fourier model, 0 without harmonics

    Parameters
    ----------
    curve : light curve in time order, not all at one time
    fit : its best Fourier model at `period`
    period : [d]
    max_frequency : end of the grid of the period search [1/d]; no hump is shorter but the period
    """
    hump = hump_frequency(curve, 1.0 / period, max_frequency)
    coefficients = coefficients_at(curve, hump, MAX_HARMONICS)
    return {
        "f1_odd": odd_share(fit.coefficients),
        "hump_period": 1.0 / hump,
        "hump_amp": float(np.hypot(coefficients[2], coefficients[3])),
        "hump_gain": two_hump_gain(curve, hump),
        **relative_harmonics(coefficients),
    }


def odd_share(coefficients: NDArray[np.float64]) -> float:
    """Return the share of odd harmonics in the power of a, b, A_1, B_1, ...; 0 if there is none."""
    power = coefficients[2::2] ** 2 + coefficients[3::2] ** 2
    whole = float(power.sum())
    return float(power[0::2].sum()) / whole if whole > 0.0 else 0.0


def relative_harmonics(coefficients: NDArray[np.float64]) -> dict[str, float]:
    """Return hump_cos21 to hump_sin41 of a, b, A_1, B_1, ... with at least four harmonics."""
    # A cos x + B sin x is the real part of (A - iB) exp(ix).
    waves = coefficients[2::2] - 1j * coefficients[3::2]
    # Ratios of at most 1 and without 0 / 0: one where the first harmonic is weak carries no more.
    sizes = np.maximum(np.maximum(np.abs(waves), abs(waves[0])), TINY)
    turn = np.conj(waves[0]) / sizes[0]
    relative = {k: complex(waves[k - 1] / sizes[k - 1] * turn**k) for k in (2, 3, 4)}
    cosines = {f"hump_cos{k}1": value.real for k, value in relative.items()}
    return {**cosines, **{f"hump_sin{k}1": value.imag for k, value in relative.items()}}


def two_hump_gain(curve: LightCurve, hump: float) -> float:
    """Return the fall of the information criterion from one to two cycles of `hump` [1/d] a period.

    Twice the harmonics at half the frequency describe the same details; few points allow few.
    """
    n_points = len(curve.time)
    # Two cycles take 2 + 4 k coefficients; the points must leave them two to spare.
    most = max(1, min(MAX_HARMONICS, (n_points - 4) // 4))
    one = information(chi2_of_frequencies(curve, np.array([hump]), most), n_points, 1.0)
    two = information(chi2_of_frequencies(curve, np.array([0.5 * hump]), 2 * most), n_points, 1.0)
    return float(one[0] - two[0])
