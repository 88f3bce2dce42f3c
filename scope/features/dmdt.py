"""The dm-dt histogram: how much the brightness changes over which time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class DmdtParams:
    """Edges of the cells: magnitude differences [mag] and time lags [d], both rising."""

    dm_edges: list[float]
    dt_edges: list[float]

    def n_cells(self) -> int:
        """Return the number of cells."""
        return (len(self.dm_edges) - 1) * (len(self.dt_edges) - 1)


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
    n_dm, n_dt = len(dm_edges) - 1, len(dt_edges) - 1
    first, second = np.triu_indices(len(time), k=1)
    row = _cells(mag[second] - mag[first], dm_edges)
    column = _cells(time[second] - time[first], dt_edges)
    inside = (row >= 0) & (row < n_dm) & (column >= 0) & (column < n_dt)
    counts = np.bincount(row[inside] * n_dt + column[inside], minlength=n_dm * n_dt)
    norm = np.sqrt(float((counts.astype(np.float64) ** 2).sum()))
    return (counts / (norm or 1.0)).astype(np.float32)


def _cells(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.intp]:
    cells = np.searchsorted(edges, values, side="right") - 1
    cells[values == edges[-1]] = len(edges) - 2
    return cells
