"""The dm-dt histogram in a few numbers a tree can split by.

A tree looks at one number at a time, and a cell of the histogram says little by itself. The sums
and moments here need nothing learnt from the data. They count cells, not magnitudes or days: with
the usual edges, the middle of the rows is a change of 0 mag and cells grow about geometrically.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

PREFIX = "dmdt_"
N_GROUPS = 6  # of changes, and of lags


def summary_names() -> list[str]:
    """Return the names of the columns of `summarise`, in order."""
    kinds = ("change", "lag", "mean", "width", "size")
    return [f"{PREFIX}{kind}_{group}" for kind in kinds for group in range(1, N_GROUPS + 1)]


def summarise(dmdt: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the summary of each dm-dt histogram, shape (n, 30), all 0 where it has no pairs.

    Columns, for six groups of neighbouring cells each: `change`, the share of the pairs by absolute
    change of brightness, small ones first; `lag`, the share by time lag, short ones first; and,
    among the pairs of each group of lags, `mean` and `width`, the mean and the standard deviation
    of the change, and `size`, the mean of its absolute value, as distances [cells] from the middle
    of the rows.

    Parameters
    ----------
    dmdt : histograms of any norm, rows change, columns lag, shape (n, n_dm, n_dt),
        n_dm even
    """
    by_lag = _grouped(dmdt).transpose(0, 2, 1).astype(np.float64, order="C")
    shares = _over(by_lag, by_lag.sum(axis=(1, 2), keepdims=True))
    lags = shares.sum(axis=2)
    within = _over(shares, lags[:, :, np.newaxis])
    n_dm = shares.shape[2]
    distance = np.arange(n_dm) - (n_dm - 1) / 2.0
    mean = (within * distance).sum(axis=2)
    # Rounding can leave a square just below 0 where all pairs lie in one cell.
    width = np.sqrt(np.maximum((within * distance**2).sum(axis=2) - mean**2, 0.0))
    size = (within * np.abs(distance)).sum(axis=2)
    by_change = shares.sum(axis=1)
    folded = by_change[:, n_dm // 2 :] + by_change[:, : n_dm // 2][:, ::-1]
    columns = [_grouped(folded), lags, mean, width, size]
    return np.concatenate(columns, axis=1).astype(np.float32)


def _grouped(values: NDArray[Any]) -> NDArray[Any]:
    """Return the sums over `N_GROUPS` runs of nearly equal length along the last axis."""
    runs = np.array_split(np.arange(values.shape[-1]), N_GROUPS)
    sums: NDArray[Any] = np.add.reduceat(values, [run[0] for run in runs], axis=-1)
    return sums


def _over(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)
