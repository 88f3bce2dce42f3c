"""The search for the period of a light curve."""

from dataclasses import dataclass

import nifty_ls
import numpy as np
from numpy.typing import NDArray

from scope.features.fourier import chi2_of_frequencies
from scope.lightcurves import LightCurve

SIDEREAL_DAY = 0.99726957
RATIOS = (1.0, 0.5, 2.0, 1.0 / 3.0, 2.0 / 3.0, 1.5, 3.0)


@dataclass(frozen=True)
class PeriodParams:
    """The grid of the period search and how its peaks are judged.

    Attributes
    ----------
    max_frequency : end of the grid [1/d]
    min_cycles : start of the grid, in cycles over the length of the light curve
    oversampling : grid points per 1/length of the light curve
    n_peaks : highest peaks that are examined
    alias_width : half-width [1/d] round whole numbers of cycles a day, solar and sidereal, in which
        no peak is taken; 0 = none
    """

    max_frequency: float = 20.0
    min_cycles: float = 0.9
    oversampling: float = 4.0
    n_peaks: int = 12
    alias_width: float = 0.002


@dataclass(frozen=True)
class FoundPeriod:
    """A period [d] and the significance of the periodogram's peak."""

    period: float
    significance: float


@dataclass(frozen=True)
class Periodogram:
    """Lomb-Scargle power at `first` + i * `step` [1/d], shape (n_frequencies,)."""

    first: float
    step: float
    power: NDArray[np.float32]

    def frequencies(self) -> NDArray[np.float64]:
        """Return the grid [1/d], shape (n_frequencies,)."""
        return self.first + self.step * np.arange(len(self.power))


def periodogram(curve: LightCurve, params: PeriodParams) -> Periodogram:
    """Return the generalised Lomb-Scargle periodogram on a grid that fits the light curve."""
    elapsed = curve.time - curve.time[0]
    step = 1.0 / (params.oversampling * elapsed[-1])
    first = min(params.min_cycles / elapsed[-1], 0.5 * params.max_frequency)
    n_frequencies = int((params.max_frequency - first) / step) + 2
    centred = curve.mag - curve.mag.mean()
    spectrum = nifty_ls.lombscargle(
        elapsed.astype(np.float32),
        centred.astype(np.float32),
        curve.magerr.astype(np.float32),
        fmin=first,
        fmax=first + step * (n_frequencies - 1),
        Nf=n_frequencies,
        backend="finufft",
        nthreads=1,
    )
    return Periodogram(first, step, np.nan_to_num(spectrum.power, nan=0.0, posinf=0.0, neginf=0.0))


def find_period(curve: LightCurve, params: PeriodParams) -> FoundPeriod:
    """Return the period whose Fourier model has the least BIC, among peaks and their relatives."""
    spectrum = periodogram(curve, params)
    frequencies = spectrum.frequencies()
    masked = np.where(near_alias(frequencies, params.alias_width), 0.0, spectrum.power)
    peaks = _peaks(masked, frequencies, params.n_peaks)
    candidates = _relatives(peaks, params, curve.time[-1] - curve.time[0])
    refined, bic = _refine(curve, candidates)
    significance = (masked.max() - spectrum.power.mean()) / spectrum.power.std()
    return FoundPeriod(float(1.0 / refined[np.argmin(bic)]), float(significance))


def known_period(curve: LightCurve, params: PeriodParams, period: float) -> FoundPeriod:
    """Return a period [d] that is known and the significance of the periodogram there."""
    spectrum = periodogram(curve, params)
    power = np.interp(1.0 / period, spectrum.frequencies(), spectrum.power)
    significance = (power - spectrum.power.mean()) / spectrum.power.std()
    return FoundPeriod(period, float(significance))


def near_alias(frequencies: NDArray[np.float64], width: float) -> NDArray[np.bool_]:
    """Mark frequencies [1/d] within `width` of a whole number of cycles a solar or sidereal day."""
    near = np.zeros(frequencies.shape, dtype=bool)
    for day in (1.0, SIDEREAL_DAY):
        cycles = frequencies * day
        whole = np.rint(cycles)
        near |= (np.abs(cycles - whole) < width * day) & (whole > 0)
    return near


def _peaks(
    power: NDArray[np.float64], frequencies: NDArray[np.float64], n_peaks: int
) -> NDArray[np.float64]:
    inner = power[1:-1]
    tops = 1 + np.flatnonzero((inner > power[:-2]) & (inner >= power[2:]))
    if len(tops) == 0:
        tops = np.array([int(np.argmax(power))])
    best = tops[np.argsort(-power[tops], kind="stable")[:n_peaks]]
    return frequencies[best]


def _relatives(
    peaks: NDArray[np.float64], params: PeriodParams, length: float
) -> NDArray[np.float64]:
    shifts = np.array([0.0, 1.0, -1.0, 1.0 / SIDEREAL_DAY, -1.0 / SIDEREAL_DAY])
    near = np.abs(peaks[:, None] + shifts).ravel()
    family = (near[:, None] * np.array(RATIOS)).ravel()
    lowest = params.min_cycles / length
    family = family[(family >= lowest) & (family <= params.max_frequency)]
    family = family[~near_alias(family, params.alias_width)]
    return np.unique(np.round(family * length * 8.0)) / (length * 8.0)


def _refine(
    curve: LightCurve, frequencies: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    length = curve.time[-1] - curve.time[0]
    offsets = np.linspace(-0.15, 0.15, 7) / length
    grid = (frequencies[:, None] + offsets).ravel()
    chi2 = chi2_of_frequencies(curve, grid)
    bic = (chi2 + np.log(len(curve.time)) * (2.0 + 2.0 * np.arange(6))).min(axis=1)
    return grid, bic
