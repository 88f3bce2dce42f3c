"""How much faster extract() is than a plain loop over Astropy, SciPy and NumPy.

The loop searches each light curve with Astropy's fast Lomb-Scargle periodogram on the same grid,
fits the Fourier model at the highest peak alone, and takes the statistics from SciPy and NumPy: the
least anyone would write, and with a poorer period. Both run in one process, one after the other.
"""

import argparse
import time
import warnings

import numpy as np
import scipy.stats
from astropy.timeseries import LombScargle

from scope.config.features import DmdtParams, FeatureParams
from scope.features.extract import extract
from scope.lightcurves.curves import LightCurve, LightCurves

LENGTH = 1000.0  # [d]
EDGES = DmdtParams(
    dm_edges=[-8, -1, -0.5, -0.2, -0.1, 0, 0.1, 0.2, 0.5, 1, 8],
    dt_edges=[0, 0.04, 0.3, 1, 3, 10, 50, 200, 2000],
)


def simulate(n_curves: int, seed: int) -> LightCurves:
    """Return noisy sine waves observed at night, 50 to 900 points, half of them below 200."""
    rng = np.random.default_rng(seed)
    lengths = np.clip(rng.lognormal(np.log(200.0), 0.7, n_curves), 50, 900).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    nights = [np.sort(rng.integers(0, int(LENGTH), n)) for n in lengths]
    times = [58000.0 + np.sort(night + rng.uniform(0.1, 0.5, len(night))) for night in nights]
    periods = 10.0 ** rng.uniform(-1.0, 1.5, n_curves)
    waves = [np.sin(2 * np.pi * t / p) for t, p in zip(times, periods, strict=True)]
    magerr = rng.uniform(0.02, 0.1, offsets[-1])
    mag = 17.0 + 0.3 * np.concatenate(waves) + magerr * rng.normal(size=offsets[-1])
    return LightCurves(offsets, np.concatenate(times), mag, magerr)


def plain(curve: LightCurve, params: FeatureParams) -> float:
    """Return the period [d] after everything else has been computed, as one would at first."""
    length = np.ptp(curve.time)
    step = 1.0 / (params.period.oversampling * length)
    grid = np.arange(params.period.min_cycles / length, params.period.max_frequency, step)
    power = LombScargle(curve.time, curve.mag, curve.magerr).power(grid)
    period = 1.0 / float(grid[np.argmax(power)])
    for harmonics in range(6):
        angles = 2 * np.pi * np.arange(1, harmonics + 1)[:, None] * curve.time / period
        design = np.vstack([np.ones_like(curve.time), curve.time, np.cos(angles), np.sin(angles)])
        np.linalg.lstsq((design / curve.magerr).T, curve.mag / curve.magerr, rcond=None)
    scipy.stats.anderson(curve.mag / curve.magerr, "norm")
    scipy.stats.shapiro(curve.mag / curve.magerr)
    scipy.stats.median_abs_deviation(curve.mag)
    np.percentile(curve.mag, [5, 10, 15, 20, 25, 50, 75, 80, 85, 90, 95])
    first, second = np.triu_indices(len(curve.time), k=1)
    differences = curve.mag[second] - curve.mag[first], curve.time[second] - curve.time[first]
    np.histogram2d(*differences, bins=(params.dmdt.dm_edges, params.dmdt.dt_edges))
    return period


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--curves", type=int, default=200, help="light curves simulated")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    curves = simulate(arguments.curves, arguments.seed)
    params = FeatureParams(dmdt=EDGES)
    warnings.simplefilter("ignore", FutureWarning)
    extract(simulate(2, 0), params, workers=1)
    plain(curves[0], params)
    started = time.perf_counter()
    extract(curves, params, workers=1)
    between = time.perf_counter()
    for curve in curves:
        plain(curve, params)
    ours, theirs = between - started, time.perf_counter() - between
    print(f"extract {1e3 * ours / len(curves):.1f} ms a light curve and core")
    print(f"plain   {1e3 * theirs / len(curves):.1f} ms a light curve and core")
    print(f"ratio   {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
