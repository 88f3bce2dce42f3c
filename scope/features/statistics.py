"""The features of a light curve that need no period: brightness, scatter, shape, correlation."""

import numpy as np
from numpy.typing import NDArray

from scope.features.normality import anderson_darling, shapiro_wilk
from scope.lightcurves.curves import LightCurve

RANGES = {"iqr": (25, 75), "i60r": (20, 80), "i70r": (15, 85), "i80r": (10, 90), "i90r": (5, 95)}


def statistics(curve: LightCurve) -> dict[str, float]:
    """Return the statistics of a light curve in time order of at least 4 points, by name.

    Magnitudes and ranges in mag, all else without unit; definitions as in arXiv:2102.11304, most of
    them compared by Sokolovsky et al. 2017, MNRAS 464, 274.
    A feature whose formula divides by zero comes out as NaN or infinite.
    """
    mag, magerr = curve.mag, curve.magerr
    weight = magerr**-2.0
    total_weight = weight.sum()
    wmean = float((weight * mag).sum() / total_weight)
    centred = mag - wmean
    chi2 = float((weight * centred**2).sum())
    n = len(mag)
    features = {
        "n": float(n),
        "wmean": wmean,
        "chi2red": chi2 / (n - 1),
        "wstd": float(np.sqrt(chi2 / total_weight)),
        "norm_excess_var": float((centred**2 - magerr**2).sum() / (n * wmean**2)),
        "norm_peak_to_peak_amp": _peak_to_peak(mag, magerr),
    }
    return {
        **features,
        **_quantiles(mag, magerr),
        **_moments(centred / magerr),
        **_correlations(centred / magerr),
        "inv_vonneumannratio": _inverse_von_neumann(curve.time, mag, features["wstd"]),
        **_normality(mag / magerr),
    }


def _peak_to_peak(mag: NDArray[np.float64], magerr: NDArray[np.float64]) -> float:
    # Faint is the larger magnitude. Drawn in by its error, a bad outlier counts less.
    faint, bright = (mag - magerr).max(), (mag + magerr).min()
    return float((faint - bright) / (faint + bright))


def _quantiles(mag: NDArray[np.float64], magerr: NDArray[np.float64]) -> dict[str, float]:
    percents = [50.0, *(percent for pair in RANGES.values() for percent in pair)]
    median, *ends = np.percentile(mag, percents).tolist()
    deviation = np.abs(mag - median)
    return {
        "median": median,
        "median_abs_dev": float(np.median(deviation)),
        "roms": float((deviation / magerr).sum() / (len(mag) - 1)),
        **{name: ends[2 * i + 1] - ends[2 * i] for i, name in enumerate(RANGES)},
    }


def _moments(deviate: NDArray[np.float64]) -> dict[str, float]:
    n = len(deviate)
    square = deviate**2
    third, fourth = float((square * deviate).sum()), float((square**2).sum())
    pairs = (n - 1) * (n - 2)
    return {
        # Corrected for small samples (Joanes & Gill 1998, The Statistician 47, 183), but in units
        # of each point's own error, not of the scatter.
        "skew": n / pairs * third,
        "smallkurt": n * (n + 1) / (pairs * (n - 3)) * fourth
        - 3.0 * (n - 1) ** 2 / ((n - 2) * (n - 3)),
    }


def _correlations(deviate: NDArray[np.float64]) -> dict[str, float]:
    """Welch and Stetson's indices; stetson_k needs no sqrt(N/(N-1)), which cancels.

    I: Welch & Stetson 1993, AJ 105, 1813; J and K: Stetson 1996, PASP 108, 851.
    """
    n = len(deviate)
    # Neighbours in time take the place of Welch and Stetson's simultaneous pairs in two bands.
    product = deviate[:-1] * deviate[1:] * (n / (n - 1))
    return {
        "welch_i": float(product.sum()),
        "stetson_j": float((np.sign(product) * np.sqrt(np.abs(product))).sum()),
        "stetson_k": float(np.abs(deviate).mean() / np.sqrt((deviate**2).mean())),
    }


def _inverse_von_neumann(time: NDArray[np.float64], mag: NDArray[np.float64], wstd: float) -> float:
    """Return 1/eta over neighbours at different times: those at one time have no slope.

    Von Neumann 1941, Ann. Math. Stat. 12, 367.
    """
    step, rise = np.diff(time), np.diff(mag)
    apart = step > 0
    # Squares of slopes rather than of differences, since the points are unevenly spaced, as in the
    # eta^e of Kim et al. 2014, A&A 566, A43.
    weight = step[apart] ** -2.0
    # A NumPy number: all neighbours alike give infinity instead of an exception.
    return float(weight.sum() * np.float64(wstd) ** 2 / (weight * rise[apart] ** 2).sum())


def _normality(signal_to_noise: NDArray[np.float64]) -> dict[str, float]:
    ordered = np.sort(signal_to_noise)
    return {"ad": anderson_darling(ordered), "sw": shapiro_wilk(ordered)}
