"""The search for the period of a light curve.

Peaks of the Lomb-Scargle periodogram, their daily aliases and the doubles of their periods are
compared by how well a Fourier model describes the light curve (`scope.features.fourier`); whether
it has one or two minima a cycle is settled last (`scope.features.minima`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scope.config.features import PeriodParams
from scope.features.fourier import chi2_of_frequencies, information
from scope.features.minima import has_two_minima, hump_frequency
from scope.features.spectrum import (
    SIDEREAL_DAY,
    Periodogram,
    highest_peaks,
    near_alias,
    periodogram,
)
from scope.lightcurves.curves import LightCurve

# A fifth harmonic follows the gaps of a light curve folded on a near whole number of days.
COMPARED_HARMONICS = 4
NEIGHBOURS = np.linspace(-0.15, 0.15, 7)  # [1/length] round a candidate
# Half-width [1/length] and points of the last, finest grids
REFINEMENT_GRIDS = ((0.15, 31), (0.01, 5), (0.0025, 5))


@dataclass(frozen=True)
class FoundPeriod:
    """A period [d] and the significance of the periodogram's peak."""

    period: float
    significance: float


def find_period(curve: LightCurve, params: PeriodParams) -> FoundPeriod:
    """Return the period [d] at which a Fourier model describes the light curve best.

    `significance` is that of the highest peak outside the aliases.
    """
    spectrum = _periodogram(curve, params)
    peaks, powers = highest_peaks(spectrum, params.n_peaks, params.alias_width)
    length = float(curve.time[-1] - curve.time[0])
    candidates = _aliases_and_halves(peaks, params, length)
    scores = _scores(curve, candidates, params.bic_weight)
    # A peak of the periodogram is the best frequency of one sinusoid, which is not quite that of
    # the whole Fourier model: the best are judged again at their neighbours.
    best = candidates[np.argsort(scores, kind="stable")[: params.n_refined]]
    grid = np.abs(best[:, None] + NEIGHBOURS / length).ravel()
    chosen = float(grid[np.argmin(_scores(curve, grid, params.bic_weight))])
    frequency = hump_frequency(curve, chosen, params.max_frequency)
    # A period beyond the grid of the search is never taken, whatever the shape.
    if frequency / 2.0 >= params.min_cycles / length and has_two_minima(curve, frequency):
        frequency /= 2.0
    period = 1.0 / _refined(curve, frequency, length)
    return FoundPeriod(period, spectrum.significance(float(powers[0])))


def known_period(curve: LightCurve, params: PeriodParams, period: float) -> FoundPeriod:
    """Return a period [d] that is known and the significance of the periodogram there."""
    spectrum = _periodogram(curve, params)
    return FoundPeriod(period, spectrum.significance(spectrum.at(1.0 / period)))


def _periodogram(curve: LightCurve, params: PeriodParams) -> Periodogram:
    return periodogram(
        curve,
        min_cycles=params.min_cycles,
        max_frequency=params.max_frequency,
        oversampling=params.oversampling,
    )


def _aliases_and_halves(
    peaks: NDArray[np.float64], params: PeriodParams, length: float
) -> NDArray[np.float64]:
    """Return the peaks, their aliases of one day, and half of each, without near repeats."""
    # Observing at night only, a survey sees a frequency f at f + 1 and f - 1 a day as well, and the
    # highest peak may be any of the three (VanderPlas 2018, ApJS 236, 16).
    shifts = np.array([0.0, 1.0, -1.0, 1.0 / SIDEREAL_DAY, -1.0 / SIDEREAL_DAY])
    # A negative frequency is its own mirror image.
    aliases = np.abs(peaks[:, None] + shifts).ravel()
    # Halves, because a binary with two like eclipses peaks at twice its orbital frequency.
    family = np.concatenate([aliases, 0.5 * aliases])
    inside = (family >= params.min_cycles / length) & (family <= params.max_frequency)
    family = family[inside & ~near_alias(family, params.alias_width)]
    if len(family) == 0:
        # All near an alias of the day: the highest peak is better than no period.
        return peaks[:1]
    # Within an eighth of the resolution 1/length two candidates are the same.
    _, first = np.unique(np.rint(family * length * 8.0), return_index=True)
    return np.asarray(family[first])


def _scores(
    curve: LightCurve, frequencies: NDArray[np.float64], bic_weight: float
) -> NDArray[np.float64]:
    """Return the information criterion of each frequency; few points allow few harmonics."""
    n_points = len(curve.time)
    # At most half as many coefficients, 2 + 2k, as points.
    most = max(1, min(COMPARED_HARMONICS, (n_points - 4) // 4))
    chi2 = chi2_of_frequencies(curve, frequencies, COMPARED_HARMONICS)
    return information(chi2[:, : most + 1], n_points, bic_weight)


def _refined(curve: LightCurve, frequency: float, length: float) -> float:
    """Return the frequency [1/d] of least chi2 within a fraction of a peak."""
    # Grids, each within one step of the one before: chi2 has several minima, of which a descent
    # could end in any.
    for reach, n_points in REFINEMENT_GRIDS:
        grid = frequency + np.linspace(-reach, reach, n_points) / length
        chi2 = chi2_of_frequencies(curve, grid, COMPARED_HARMONICS)[:, -1]
        frequency = float(grid[np.argmin(chi2)])
    return frequency
