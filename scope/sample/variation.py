"""What a simulated source does: a magnitude offset as a function of time and band."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BASELINE_DAYS = 1000.0


class Band(IntEnum):
    """A ZTF filter, numbered as in ZTF's own tables."""

    G = 1
    R = 2


Curve = Callable[[Array, Band], Array]


@dataclass(frozen=True)
class Variation:
    """How the brightness of one source changes.

    Attributes
    ----------
    curve : magnitude offset [mag] of time [d since the first night], shape (n,), and band
    period_days : period [d], NaN where there is none
    """

    curve: Curve
    period_days: float = float("nan")


def in_band(band: Band, g_value: float, r_over_g: float) -> float:
    """Return a quantity in one band from its value in g and its ratio r / g."""
    return g_value if band is Band.G else g_value * r_over_g


def fold(time: Array, period: float, epoch: float = 0.0) -> Array:
    """Return the phase in [0, 1) of each time, shape (n,); all in days."""
    return np.asarray(np.mod((time - epoch) / period, 1.0))


def add(*variations: Variation) -> Variation:
    """Return the sum of several variations, with the period of the first."""

    def curve(time: Array, band: Band) -> Array:
        return np.asarray(np.sum([one.curve(time, band) for one in variations], axis=0))

    return Variation(curve, variations[0].period_days)


def damped_random_walk(rng: np.random.Generator, tau: float, sigma: float, step: float) -> Array:
    """Return a damped random walk on a regular grid over the baseline, padded by one step.

    x[k+1] = x[k] exp(-step / tau) + noise, so that std(x) = sigma and the structure function
    rises as sigma sqrt(2 (1 - exp(-lag / tau))): Kelly et al. 2009, ApJ 698, 895.
    `tau` and the grid spacing `step` are in days, `sigma` in mag.
    """
    memory = float(np.exp(-step / tau))
    shocks = sigma * np.sqrt(1.0 - memory**2) * rng.standard_normal(int(BASELINE_DAYS / step) + 2)
    shocks[0] = sigma * rng.standard_normal()
    return np.array(list(accumulate(shocks.tolist(), lambda x, shock: memory * x + shock)))


def on_grid(values: Array, step: float, time: Array) -> Array:
    """Return values given every `step` days, interpolated linearly to the times [d], shape (n,)."""
    return np.interp(time, step * np.arange(len(values)), values)


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a number whose logarithm is uniform between those of `low` and `high`."""
    return float(low * (high / low) ** rng.random())


def clipped_normal(rng: np.random.Generator, mean: float, spread: float, low: float = 0.0) -> float:
    """Return a normal number, raised to `low` where it falls below."""
    return max(low, float(rng.normal(mean, spread)))
