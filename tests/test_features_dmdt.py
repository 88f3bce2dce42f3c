"""The dm-dt histogram against NumPy's own."""

import numpy as np
import pytest

from scope.base.errors import ConfigError
from scope.config.features import DmdtParams
from scope.features.dmdt import dmdt

EDGES = DmdtParams(dm_edges=[-2.0, -0.5, 0.0, 0.25, 2.0], dt_edges=[0.0, 1.0, 10.0, 100.0])


def counted_by_numpy(time, mag, params):
    first, second = np.triu_indices(len(time), k=1)
    pairs = mag[second] - mag[first], time[second] - time[first]
    counts, _, _ = np.histogram2d(*pairs, bins=(params.dm_edges, params.dt_edges))
    return counts


def test_all_pairs_fall_into_the_cells_of_numpy_histogram2d():
    rng = np.random.default_rng(3)
    time, mag = np.sort(rng.uniform(0, 150, 80)), rng.normal(17, 1, 80)
    counts = counted_by_numpy(time, mag, EDGES)
    expected = (counts / np.linalg.norm(counts)).ravel()
    assert dmdt(time, mag, EDGES) == pytest.approx(expected, rel=1e-6)


def test_differences_on_an_edge_fall_into_the_cells_of_numpy_histogram2d():
    time, mag = np.array([0.0, 1.0, 10.0, 100.0]), np.array([0.0, 0.25, -0.5, 2.0])
    counts = counted_by_numpy(time, mag, EDGES)
    assert counts.sum() > 4
    expected = (counts / np.linalg.norm(counts)).ravel()
    assert dmdt(time, mag, EDGES) == pytest.approx(expected, rel=1e-6)


def test_the_squares_sum_to_one():
    rng = np.random.default_rng(4)
    histogram = dmdt(np.sort(rng.uniform(0, 90, 50)), rng.normal(size=50), EDGES)
    assert float((histogram.astype(np.float64) ** 2).sum()) == pytest.approx(1.0, rel=1e-6)


def test_rows_are_dm_and_columns_dt():
    histogram = dmdt(np.array([0.0, 50.0]), np.array([17.0, 16.0]), EDGES).reshape(4, 3)
    assert np.argwhere(histogram).tolist() == [[0, 2]]


def test_pairs_beyond_the_edges_leave_all_cells_empty():
    histogram = dmdt(np.array([0.0, 500.0]), np.array([17.0, 16.9]), EDGES)
    assert not histogram.any()


def test_a_shift_in_time_and_magnitude_changes_nothing():
    rng = np.random.default_rng(5)
    time, mag = np.sort(rng.integers(0, 99, 40)).astype(float), rng.integers(0, 9, 40) / 4
    assert np.array_equal(dmdt(time, mag, EDGES), dmdt(time + 58000, mag + 16, EDGES))


def test_reversed_time_mirrors_the_magnitude_differences():
    edges = DmdtParams(dm_edges=[-4.1, -1.1, -0.1, 0.1, 1.1, 4.1], dt_edges=EDGES.dt_edges)
    rng = np.random.default_rng(6)
    time, mag = np.sort(rng.uniform(0, 90, 40)), rng.normal(size=40)
    forward = dmdt(time, mag, edges).reshape(5, 3)
    backward = dmdt(-time[::-1], mag[::-1], edges).reshape(5, 3)
    assert np.array_equal(backward, forward[::-1])


@pytest.mark.parametrize("edges", [[0.0], [0.0, 1.0, 1.0], list(range(200))])
def test_edges_that_make_no_cells_are_refused(edges):
    with pytest.raises(ConfigError, match="dt_edges"):
        DmdtParams(dm_edges=[-1.0, 1.0], dt_edges=edges)
