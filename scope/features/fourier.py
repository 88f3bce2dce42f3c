"""The Fourier model of a periodic light curve: a line and up to five harmonics.

y(t) = a + b (t - t_min) + sum_{n=1..k} [A_n cos(2 pi n t/P) + B_n sin(2 pi n t/P)]

is linear in its coefficients, so that fitting it at a period takes no iteration. t_min is the time
of the first point.

- `best_fit` gives the features f1_*: the best k is the one of least BIC = chi2_k + ln(N) (2 + 2k)
  (arXiv:2102.11304).
- `chi2_of_frequencies` and `information` compare many frequencies at once, by another criterion:
  for the period search (scope.features.periods) and for one hump a cycle or two (minima, shape).
- `coefficients_at` describes the shape at one frequency (minima, shape).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scope.lightcurves.curves import LightCurve

MAX_HARMONICS = 5
# Added to the diagonal of normal equations scaled to a unit diagonal: far above rounding, far below
# what moves a chi2, it lets periods be compared at which the points do not determine the model.
RIDGE = 1e-10


@dataclass(frozen=True)
class FourierFit:
    """The best Fourier model of a light curve at one period.

    Attributes
    ----------
    coefficients : a [mag], b [mag/d], A_1, B_1, ... A_5, B_5 [mag], 0 beyond the best k
    chi2_line : chi2 without harmonics, k = 0
    chi2, bic : of the best k
    """

    coefficients: NDArray[np.float64]
    chi2_line: float
    chi2: float
    bic: float

    def features(self) -> dict[str, float]:
        """Return the f1_* features of the SCoPe data sets, by name.

        Whatever the names say, f1_amp and f1_phi0 are A_1 and B_1, f1_relamp1 to f1_relamp4 A_2 to
        A_5, f1_relphi1 to f1_relphi4 B_2 to B_5. Not among them is f1_odd (scope.features.shape).
        """
        a, b, amp, phi0, *higher = self.coefficients.tolist()
        named = {"f1_a": a, "f1_b": b, "f1_amp": amp, "f1_phi0": phi0}
        named |= {f"f1_relamp{i + 1}": value for i, value in enumerate(higher[0::2])}
        named |= {f"f1_relphi{i + 1}": value for i, value in enumerate(higher[1::2])}
        # A NumPy number: 0 / 0, of a curve that is a line, is NaN instead of an exception.
        power = np.float64(self.chi2_line - self.chi2) / self.chi2_line
        return {**named, "f1_power": float(power), "f1_BIC": self.bic}


def best_fit(curve: LightCurve, period: float) -> FourierFit:
    """Return the Fourier model of least BIC at a period [d], with no more coefficients than points.

    Phase zero is time zero of the light curve, MJD 0.
    """
    weight = 1.0 / curve.magerr
    design = _design(curve.time, period, MAX_HARMONICS) * weight[:, None]
    target = curve.mag * weight
    harmonics = np.arange(min(MAX_HARMONICS, (len(target) - 2) // 2) + 1)
    chi2 = _nested_chi2(design, target)[harmonics]
    bic = chi2 + np.log(len(target)) * (2 + 2 * harmonics)
    best = int(np.argmin(bic))
    # The orthogonal basis gave chi2, not coefficients. Where the points do not determine them,
    # lstsq takes those of least norm.
    solution = np.linalg.lstsq(design[:, : 2 + 2 * best], target, rcond=None)[0]
    coefficients = np.zeros(design.shape[1])
    coefficients[: len(solution)] = solution
    return FourierFit(coefficients, float(chi2[0]), float(chi2[best]), float(bic[best]))


def _nested_chi2(design: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return chi2 with 0, 1, ... harmonics, from one orthogonal basis of the design.

    The mean is taken off the target first, lest its square swallow the digits of chi2.
    """
    constant = design[:, 0]
    centred = target - constant * (constant @ target) / (constant @ constant)
    basis, _ = np.linalg.qr(design)
    explained = np.cumsum((basis.T @ centred) ** 2)
    # Rounding can leave the chi2 of a perfect fit just below zero.
    return np.asarray(np.maximum(centred @ centred - explained[1::2], 0.0))


def _design(time: NDArray[np.float64], period: float, harmonics: int) -> NDArray[np.float64]:
    # Whole turns are taken off first, lest the harmonics multiply their rounding error, too.
    angle = 2.0 * np.pi * np.mod(time / period, 1.0)
    columns = [np.ones_like(time), time - time.min()]
    for harmonic in range(1, harmonics + 1):
        columns += [np.cos(harmonic * angle), np.sin(harmonic * angle)]
    return np.stack(columns, axis=1)


def coefficients_at(curve: LightCurve, frequency: float, harmonics: int) -> NDArray[np.float64]:
    """Return a, b, A_1, B_1, ... at one frequency [1/d], shape (2 + 2 `harmonics`,).

    Phase zero is the first point of the light curve, which must be in time order: for what does not
    depend on the epoch, such as relative phases. The features f1_* are of `best_fit`. Where the
    points do not determine the coefficients, the ridge chooses small ones.
    """
    design = _design(curve.time - curve.time[0], 1.0 / frequency, harmonics)
    design /= curve.magerr[:, None]
    scale = np.sqrt((design**2).sum(axis=0))
    # A sine can vanish at every point, as at the Nyquist frequency of even sampling.
    scale[scale == 0.0] = 1.0
    # Columns of unit length, so that RIDGE is the same small share of each.
    design /= scale
    normal = design.T @ design
    normal[np.diag_indices_from(normal)] += RIDGE
    return np.asarray(np.linalg.solve(normal, design.T @ (curve.mag / curve.magerr)) / scale)


def chi2_of_frequencies(
    curve: LightCurve, frequencies: NDArray[np.float64], harmonics: int
) -> NDArray[np.float64]:
    """Return chi2 of the models with 0, 1, ... harmonics, shape (n_frequencies, harmonics + 1).

    One Cholesky factor of the normal equations, bordered by the data, serves all: its last row
    holds what each coefficient takes off the chi2, which is never less than RIDGE of the whole.

    Parameters
    ----------
    curve : light curve in time order, not all at one time
    frequencies : [1/d], shape (n_frequencies,)
    harmonics : most harmonics of the model, at least 1
    """
    weight = 1.0 / curve.magerr
    target = (curve.mag - np.average(curve.mag, weights=weight**2)) * weight
    whole = float(target @ target)
    elapsed = curve.time - curve.time[0]
    # From here on all rows are of the order of one: without it RIDGE would depend on the units.
    weight /= np.sqrt(weight @ weight)
    rows = np.empty((len(frequencies), 3 + 2 * harmonics, len(target)))
    rows[:, 0] = weight
    # The line runs from -1 to 1 instead of over thousands of days; chi2 does not notice.
    rows[:, 1] = weight * (2.0 * elapsed / elapsed[-1] - 1.0)
    rows[:, -1] = target / np.sqrt(whole)
    _fill_harmonics(rows[:, 2:-1], elapsed, frequencies, weight)
    # One batched matrix product for all frequencies: 120 of them (12 peaks, 5 aliases, halves), 11
    # rows and 1,000 points are 10 MB.
    normal = rows @ rows.transpose(0, 2, 1)
    # einsum without a sum is a writable view of all diagonals.
    np.einsum("fii->fi", normal)[:] += RIDGE
    reduction = np.linalg.cholesky(normal)[:, -1, :-1] ** 2
    explained = np.cumsum(reduction, axis=1)[:, 1::2]
    return np.asarray(whole * np.maximum(1.0 - explained, RIDGE))


def _fill_harmonics(
    rows: NDArray[np.float64],
    elapsed: NDArray[np.float64],
    frequencies: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> None:
    """Fill rows with weighted cosines and sines by cos(n + 1)x = 2 cos x cos nx - cos(n - 1)x."""
    angle = frequencies[:, None] * elapsed
    # Still in turns, where taking off whole ones is exact.
    angle -= np.rint(angle)
    angle *= 2.0 * np.pi
    cosine = np.cos(angle)
    np.multiply(cosine, weight, out=rows[:, 0])
    np.multiply(np.sin(angle, out=angle), weight, out=rows[:, 1])
    # Chebyshev's recurrence: one cosine and one sine a point serve all harmonics.
    cosine *= 2.0
    for row in range(2, rows.shape[1]):
        np.multiply(cosine, rows[:, row - 2], out=rows[:, row])
        # Two rows before the second harmonic stands cos 0 = 1 or sin 0 = 0, times the weight.
        if row == 2:
            rows[:, row] -= weight
        elif row > 3:
            rows[:, row] -= rows[:, row - 4]


def information(chi2: NDArray[np.float64], n_points: int, bic_weight: float) -> NDArray[np.float64]:
    """Return N ln chi2_k + bic_weight ln(N) (2 + 2k) at its least k, shape (n_frequencies,).

    The BIC of errors known but for their scale, which is what surveys give.

    Parameters
    ----------
    chi2 : of k = 0, 1, ... harmonics, shape (n_frequencies, n_k)
    n_points : N
    bic_weight : cost of a coefficient; 1 is that of the BIC
    """
    # Schwarz 1978, Ann. Stat. 6, 461, with the scale of the errors at its best value for each k.
    cost = bic_weight * np.log(n_points) * (2.0 + 2.0 * np.arange(chi2.shape[1]))
    return np.asarray((n_points * np.log(chi2) + cost).min(axis=1))
