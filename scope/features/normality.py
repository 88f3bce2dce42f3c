"""How far a sample is from a normal distribution: Anderson-Darling and Shapiro-Wilk."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri

# Royston (1995, Applied Statistics 44, 547, AS R94): the two outermost weights as polynomials in
# 1/sqrt(n), highest power first.
OUTERMOST = (-2.706056, 4.434685, -2.071190, -0.147981, 0.221157, 0.0)
SECOND = (-3.582633, 5.682633, -1.752461, -0.293762, 0.042981, 0.0)


def anderson_darling(values: NDArray[np.float64]) -> float:
    """Return the Anderson-Darling statistic of rising `values`, mean and variance estimated.

    Anderson & Darling 1952, Ann. Math. Stat. 23, 193. The statistic is that of
    `scipy.stats.anderson(values, "norm")`; NaN if all values are equal.
    """
    n = len(values)
    scatter = values.std(ddof=1)
    if scatter == 0:
        return float("nan")
    scaled = (values - values.mean()) / scatter
    weight = (2.0 * np.arange(1, n + 1) - 1.0) / n
    # Logarithms of both tails: 1 - Phi(x) itself is 0 in double precision beyond x = 8.3.
    return float(-n - np.sum(weight * (log_ndtr(scaled) + log_ndtr(-scaled[::-1]))))


def shapiro_wilk(values: NDArray[np.float64]) -> float:
    """Return Shapiro and Wilk's W of rising `values`, at least 4 of them.

    Shapiro & Wilk 1965, Biometrika 52, 591, by Royston's (1995) approximation, as in
    `scipy.stats.shapiro`; NaN if all values are equal.
    """
    centred = values - values.mean()
    scatter = float(centred @ centred)
    if scatter == 0:
        return float("nan")
    return float(_royston_weights(len(values)) @ centred) ** 2 / scatter


@lru_cache(maxsize=4096)
def _royston_weights(n: int) -> NDArray[np.float64]:
    """Return the weights of the order statistics of a sample of n >= 4, shape (n,), rising."""
    # Blom's (1958) approximation of the expected order statistics of a normal sample.
    expected = ndtri((np.arange(1, n + 1) - 0.375) / (n + 0.25))
    norm = float(expected @ expected)
    root = 1.0 / np.sqrt(n)
    last = np.polyval(OUTERMOST, root) + expected[-1] / np.sqrt(norm)
    # Royston corrects two weights at either end, of samples up to five only one.
    if n > 5:
        fixed, outer = 2, [last, np.polyval(SECOND, root) + expected[-2] / np.sqrt(norm)]
    else:
        fixed, outer = 1, [last]
    # The weights between keep their ratios; their scale makes the sum of all squares one.
    left = norm - 2.0 * float(np.sum(expected[-fixed:] ** 2))
    weights = expected / np.sqrt(left / (1.0 - 2.0 * float(np.sum(np.square(outer)))))
    weights[-fixed:] = outer[::-1]
    weights[:fixed] = -np.asarray(outer)
    # The cache hands the same array to every light curve of this length.
    weights.setflags(write=False)
    return np.asarray(weights, dtype=np.float64)
