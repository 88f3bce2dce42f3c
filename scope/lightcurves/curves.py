"""Many light curves of unequal length in one set of flat arrays."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LightCurve:
    """One light curve: time [d], mag [mag] and magerr [mag], each float64 of shape (n_points,)."""

    time: NDArray[np.float64]
    mag: NDArray[np.float64]
    magerr: NDArray[np.float64]


@dataclass(frozen=True)
class LightCurves:
    """Light curves one after the other; curve i holds the points offsets[i]:offsets[i + 1].

    Attributes
    ----------
    offsets : int64, shape (n_curves + 1,), rising from 0
    time, mag, magerr : float64, shape (n_points,); MJD or HJD [d], [mag], [mag]
    """

    offsets: NDArray[np.int64]
    time: NDArray[np.float64]
    mag: NDArray[np.float64]
    magerr: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, curve: int) -> LightCurve:
        # Slices are views: a light curve costs no copy of its points.
        points = slice(self.offsets[curve], self.offsets[curve + 1])
        return LightCurve(self.time[points], self.mag[points], self.magerr[points])

    def __iter__(self) -> Iterator[LightCurve]:
        return (self[curve] for curve in range(len(self)))

    def lengths(self) -> NDArray[np.int64]:
        """Return the number of points of each curve, shape (n_curves,)."""
        return np.diff(self.offsets)
