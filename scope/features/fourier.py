"""The Fourier model of a periodic light curve: a line and up to five harmonics.

y(t) = a + b (t - t_min) + sum_{n=1..k} [A_n cos(2 pi n t/P) + B_n sin(2 pi n t/P)]

is linear in its coefficients, so that one least-squares solution a number of harmonics k is all there
is to fitting it. The best k is the one of least BIC = chi2_k + ln(N) (2 + 2k) (arXiv:2102.11304).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scope.lightcurves import LightCurve

MAX_HARMONICS = 5
# Added to the diagonal of normal equations scaled to a unit diagonal: far above rounding, far below
# what moves a chi2, it lets periods be compared at which the model is not determined by the points.
RIDGE = 1e-10


@dataclass(frozen=True)
class FourierFit:
    """The best Fourier model: its coefficients, chi2 without harmonics, chi2 and BIC.

    `coefficients` holds a [mag], b [mag/d], A_1, B_1, ... A_5, B_5 [mag], 0 beyond the best k.
    """

    coefficients: NDArray[np.float64]
    chi2_line: float
    chi2: float
    bic: float

    def features(self) -> dict[str, float]:
        """Return the f1_* features; f1_amp and f1_phi0 are A_1 and B_1, whatever the names say."""
        a, b, amp, phi0, *higher = self.coefficients.tolist()
        named = {"f1_a": a, "f1_b": b, "f1_amp": amp, "f1_phi0": phi0}
        named |= {f"f1_relamp{i + 1}": value for i, value in enumerate(higher[0::2])}
        named |= {f"f1_relphi{i + 1}": value for i, value in enumerate(higher[1::2])}
        power = np.float64(self.chi2_line - self.chi2) / self.chi2_line
        return {**named, "f1_power": float(power), "f1_BIC": self.bic}


def best_fit(curve: LightCurve, period: float) -> FourierFit:
    """Return the Fourier model of least BIC at a period [d]; phase zero is time zero.

    The number of coefficients never exceeds that of points.
    """
    weight = 1.0 / curve.magerr
    design = _design(curve.time, period) * weight[:, None]
    target = curve.mag * weight
    basis, _ = np.linalg.qr(design)
    explained = np.cumsum((basis.T @ target) ** 2)
    harmonics = np.arange(min(MAX_HARMONICS, (len(target) - 2) // 2) + 1)
    chi2 = np.maximum(target @ target - explained[1 + 2 * harmonics], 0.0)
    bic = chi2 + np.log(len(target)) * (2 + 2 * harmonics)
    best = int(np.argmin(bic))
    solution = np.linalg.lstsq(design[:, : 2 + 2 * best], target, rcond=None)[0]
    coefficients = np.zeros(design.shape[1])
    coefficients[: len(solution)] = solution
    return FourierFit(coefficients, float(chi2[0]), float(chi2[best]), float(bic[best]))


def _design(time: NDArray[np.float64], period: float) -> NDArray[np.float64]:
    angle = 2.0 * np.pi * np.mod(time / period, 1.0)
    columns = [np.ones_like(time), time - time.min()]
    for harmonic in range(1, MAX_HARMONICS + 1):
        columns += [np.cos(harmonic * angle), np.sin(harmonic * angle)]
    return np.stack(columns, axis=1)


def chi2_of_frequencies(curve: LightCurve, frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return chi2 of the models with 0..5 harmonics, shape (n_frequencies, 6).

    One Cholesky factor of the normal equations, bordered by the data, serves all six: its last row
    holds what each coefficient takes off the chi2.

    Parameters
    ----------
    frequencies : [1/d], shape (n_frequencies,)
    """
    weight = 1.0 / curve.magerr
    target = (curve.mag - np.average(curve.mag, weights=weight**2)) * weight
    scale = float(target @ target)
    span = curve.time[-1] - curve.time[0]
    line = (curve.time - curve.time[0]) / span - 0.5
    rows = np.empty((len(frequencies), 3 + 2 * MAX_HARMONICS, len(target)))
    rows[:, 0] = weight
    rows[:, 1] = weight * line
    rows[:, -1] = target / np.sqrt(scale)
    _fill_harmonics(rows, (curve.time - curve.time[0]), frequencies, weight)
    normal = rows @ rows.transpose(0, 2, 1)
    diagonal = np.einsum("fii->fi", normal)
    diagonal[:, :-1] += RIDGE * diagonal[:, :1]
    diagonal[:, -1] += RIDGE
    reduction = np.linalg.cholesky(normal)[:, -1, :-1] ** 2
    explained = np.cumsum(reduction, axis=1)[:, 1::2]
    return np.asarray(scale * np.maximum(1.0 - explained, 0.0))


def _fill_harmonics(
    rows: NDArray[np.float64],
    elapsed: NDArray[np.float64],
    frequencies: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> None:
    phase = np.mod(frequencies[:, None] * elapsed, 1.0)
    angle = 2.0 * np.pi * phase
    turn = np.empty(angle.shape, dtype=np.complex128)
    np.cos(angle, out=turn.real)
    np.sin(angle, out=turn.imag)
    wave = turn * weight
    for harmonic in range(MAX_HARMONICS):
        rows[:, 2 + 2 * harmonic] = wave.real
        rows[:, 3 + 2 * harmonic] = wave.imag
        if harmonic < MAX_HARMONICS - 1:
            wave *= turn
