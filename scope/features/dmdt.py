"""The dm-dt histogram: how much the brightness changes over which time.

Mahabal et al. 2017, arXiv:1709.06257.
"""

import numpy as np
from numpy.typing import NDArray

from scope.config.features import DmdtParams


def dmdt(
    time: NDArray[np.float64], mag: NDArray[np.float64], params: DmdtParams
) -> NDArray[np.float32]:
    """Return the histogram of all pairs i < j over dm = m_j - m_i and dt = t_j - t_i, flattened.

    Parameters
    ----------
    time : rising times [d], shape (n_points,)
    mag : magnitudes [mag], shape (n_points,)

    Returns
    -------
    shape (n_dm * n_dt,), rows dm, columns dt; divided by its L2 norm, all zero if no pair falls
    within the edges. Cells hold their lower edge and not their upper, save the last one, as in
    `numpy.histogram2d`.
    """
    dm_edges, dt_edges = np.asarray(params.dm_edges), np.asarray(params.dt_edges)
    # One flat cell number a pair: a single bincount then does the work of a two-dimensional
    # histogram. The numbers 0 and len(edges) are the margins outside the edges, cut off below.
    row = _cells(_differences(mag), dm_edges).astype(np.intp)
    row *= len(dt_edges) + 1
    row += _cells(_differences(time), dt_edges)
    counts = np.bincount(row, minlength=(len(dm_edges) + 1) * (len(dt_edges) + 1))
    counts = counts.reshape(len(dm_edges) + 1, -1)[1:-1, 1:-1].ravel()
    # The L2 norm, not the number of pairs, as in the published data sets.
    norm = np.sqrt(float((counts.astype(np.float64) ** 2).sum()))
    return (counts / (norm or 1.0)).astype(np.float32)


def _differences(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return v_j - v_i of all pairs i < j, lag after lag, shape (n (n - 1) / 2,)."""
    n = len(values)
    # Lag by lag each subtraction is contiguous, and no n x n matrix is ever held.
    differences = np.empty(n * (n - 1) // 2)
    start = 0
    for lag in range(1, n):
        stop = start + n - lag
        np.subtract(values[lag:], values[:-lag], out=differences[start:stop])
        start = stop
    return differences


def _cells(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the number of edges each value has passed: 0 below the first; the last holds itself.

    Counting the edges passed, edge by edge, is several times as fast as a binary search a value,
    whose branches no processor predicts.
    """
    # One byte a pair is what makes the counting fast; it bounds the edges to 127 (MOST_EDGES).
    cells = np.zeros(len(values), dtype=np.int8)
    passed = np.empty(len(values), dtype=bool)
    for edge in edges:
        np.greater_equal(values, edge, out=passed)
        cells += passed.view(np.int8)
    # numpy.histogram closes the last bin on the right: a value on that edge steps back into it.
    np.equal(values, edges[-1], out=passed)
    cells -= passed.view(np.int8)
    return cells
