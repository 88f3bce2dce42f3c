"""The Lomb-Scargle periodogram of a light curve and its highest peaks.

Lomb 1976, Ap&SS 39, 447; Scargle 1982, ApJ 263, 835.
"""

from dataclasses import dataclass
from functools import lru_cache

import finufft
import numpy as np
from numpy.typing import NDArray

from scope.lightcurves.curves import LightCurve

SIDEREAL_DAY = 0.99726957  # [d]


@dataclass(frozen=True)
class Periodogram:
    """Lomb-Scargle power, 0 to 1, at `first` + i * `step` [1/d], shape (n_frequencies,)."""

    first: float
    step: float
    power: NDArray[np.float32]

    def at(self, frequency: float) -> float:
        """Return the power at a frequency [1/d], linear between the points of the grid."""
        place = float(np.clip((frequency - self.first) / self.step, 0, len(self.power) - 1))
        low = min(int(place), len(self.power) - 2)
        left, right = float(self.power[low]), float(self.power[low + 1])
        return left + (place - low) * (right - left)

    def significance(self, power: float) -> float:
        """Return how many standard deviations a power is above the mean of the periodogram."""
        mean = self.power.mean(dtype=np.float64)
        return float((power - mean) / self.power.std(dtype=np.float64))


def periodogram(
    curve: LightCurve, *, min_cycles: float, max_frequency: float, oversampling: float
) -> Periodogram:
    """Return the generalised Lomb-Scargle periodogram on a grid that fits the light curve.

    Weighted, with a floating mean: P of Zechmeister & Kuerster (2009, A&A 496, 577, eqs. 5-15),
    its sums from non-uniform fast Fourier transforms in single precision, which moves a power by
    a few 1e-3 at most: less than the noise does.

    The grid runs from `min_cycles` cycles in the length of the light curve to `max_frequency` [1/d]
    in steps of 1/length/`oversampling`.
    """
    elapsed = curve.time - curve.time[0]
    length = float(elapsed[-1])
    step = 1.0 / (oversampling * length)
    # A light curve of hours would begin beyond the end of its grid.
    first = min(min_cycles / length, 0.5 * max_frequency)
    # At least three points, and a neighbour on either side of a peak at the end.
    n_frequencies = int((max_frequency - first) / step) + 3
    weight = curve.magerr**-2.0
    weight /= weight.sum()
    # With a mean of zero, YC and YS below need no term for it (eqs. 11 and 12).
    centred = curve.mag - weight @ curve.mag
    data, window = _sums(np.stack([weight * centred, weight]), elapsed, first, step, n_frequencies)
    # Sums of cos^2 and sin^2 are those of cosine and sine at twice the times (Press & Rybicki 1989,
    # ApJ 338, 277).
    (twice,) = _sums(weight[None], 2.0 * elapsed, first, step, n_frequencies)
    power = _power(data, window, twice) / np.float32((weight * centred) @ centred)
    # Where the points do not determine a sinusoid, its denominator vanishes: no power there.
    return Periodogram(first, step, np.nan_to_num(power, posinf=0.0, neginf=0.0))


def _sums(
    values: NDArray[np.float64],
    elapsed: NDArray[np.float64],
    first: float,
    step: float,
    n_frequencies: int,
) -> NDArray[np.complex64]:
    """Return sum_i v_i exp(2 pi i f t_i), shape (n_values, n_frequencies), f = first + k step.

    Phases are reduced in double precision, for there are up to 1e5 cycles.
    """
    size = _round_up(n_frequencies)
    # The transform's modes run from -size/2 to size/2: the carrier brings the middle of the grid to
    # mode zero.
    middle = first + step * (size // 2)
    carrier = values * np.exp(2j * np.pi * np.mod(middle * elapsed, 1.0))
    # finufft wants float32 angles of [-pi, pi): whole turns are taken off in double precision.
    turns = step * elapsed
    angles = 2.0 * np.pi * (turns - np.rint(turns))
    plan = _plan(size, len(values))
    plan.setpts(angles.astype(np.float32))
    sums = plan.execute(np.ascontiguousarray(carrier, dtype=np.complex64))
    return np.asarray(sums).reshape(len(values), size)[:, :n_frequencies]


def _round_up(size: int) -> int:
    """Return the next number of four binary digits and zeros: few sizes, so few plans."""
    unit = 1 << max(size.bit_length() - 4, 0)
    return -(-size // unit) * unit


@lru_cache(maxsize=8)
def _plan(size: int, n_values: int) -> finufft.Plan:
    """Return a transform; making one takes as long as executing it."""
    # FINUFFT: Barnett et al. 2019, SIAM J. Sci. Comput. 41, C479. Upsampling by 1.25 in place of 2
    # makes the grid smaller; what it costs is beyond single precision anyway.
    return finufft.Plan(
        1,
        (size,),
        n_trans=n_values,
        eps=1e-4,
        isign=1,
        dtype="complex64",
        # scope.features.parallel has a process on every core already.
        nthreads=1,
        upsampfac=1.25,
    )


def _power(
    data: NDArray[np.complex64], window: NDArray[np.complex64], twice: NDArray[np.complex64]
) -> NDArray[np.float32]:
    """Return the power times the variance of the data, all of shape (n_frequencies,)."""
    cosine, sine = window.real, window.imag
    # Zechmeister & Kuerster's CC, SS and CS with the mean taken off (eqs. 13-15).
    cos_cos = 0.5 * (1.0 + twice.real) - cosine * cosine
    sin_sin = 0.5 * (1.0 - twice.real) - sine * sine
    cos_sin = 0.5 * twice.imag - cosine * sine
    power = sin_sin * data.real**2 + cos_cos * data.imag**2
    power -= 2.0 * cos_sin * data.real * data.imag
    # Their D (eq. 6) below the numerator of P (eq. 5).
    return np.asarray(power / (cos_cos * sin_sin - cos_sin * cos_sin))


def highest_peaks(
    spectrum: Periodogram, n_peaks: int, alias_width: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies [1/d] and powers of the highest peaks, highest first.

    Each is the top of the parabola through three points. Peaks within `alias_width` [1/d] of an
    alias of the day are left out; where none remain, the highest point of all stands alone.
    """
    power = spectrum.power
    tops = 1 + np.flatnonzero((power[1:-1] > power[:-2]) & (power[1:-1] >= power[2:]))
    tops = tops[~near_alias(np.asarray(spectrum.first + spectrum.step * tops), alias_width)]
    if len(tops) == 0:
        highest = int(power.argmax())
        return np.array([spectrum.first + spectrum.step * highest]), power[[highest]].astype(float)
    if len(tops) > n_peaks:
        # A partial sort, as there are thousands of peaks; in order of frequency again, so that
        # equal powers end in the same order everywhere.
        tops = np.sort(tops[np.argpartition(-power[tops], n_peaks)[:n_peaks]])
    tops = tops[np.argsort(-power[tops], kind="stable")]
    left, top, right = (power[tops + shift].astype(np.float64) for shift in (-1, 0, 1))
    offset = 0.5 * (left - right) / (left - 2.0 * top + right)
    return spectrum.first + spectrum.step * (tops + offset), top - 0.25 * (left - right) * offset


def near_alias(frequencies: NDArray[np.float64], width: float) -> NDArray[np.bool_]:
    """Mark frequencies [1/d] within `width` of a whole number of cycles a solar or sidereal day."""
    near = np.zeros(frequencies.shape, dtype=bool)
    if width <= 0:
        return near
    for day in (1.0, SIDEREAL_DAY):
        # Not at zero cycles: long periods are no alias of the day.
        whole = np.rint(frequencies * day)
        near |= (np.abs(frequencies - whole / day) < width) & (whole > 0)
    return near
