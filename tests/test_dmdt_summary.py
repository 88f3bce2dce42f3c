"""The dm-dt histogram in a few numbers."""

import numpy as np
import pytest

from scope.models.trees.dmdt_summary import N_GROUPS, summarise, summary_names


def histograms(n_rows: int = 5) -> np.ndarray:
    counts = np.random.default_rng(3).poisson(2.0, size=(n_rows, 26, 26)).astype(float)
    return (counts / np.linalg.norm(counts, axis=(1, 2), keepdims=True)).astype(np.float32)


def column(summary: np.ndarray, kind: str) -> np.ndarray:
    names = summary_names()
    return summary[:, [names.index(f"dmdt_{kind}_{k}") for k in range(1, N_GROUPS + 1)]]


def test_every_column_has_a_name_of_its_own():
    names = summary_names()
    assert summarise(histograms()).shape == (5, len(names))
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", ["change", "lag"])
def test_the_shares_add_up_to_one(kind):
    assert np.allclose(column(summarise(histograms()), kind).sum(axis=1), 1.0)


def test_a_histogram_without_pairs_has_a_summary_of_zeros():
    assert not summarise(np.zeros((1, 26, 26), np.float32)).any()


def test_the_norm_of_the_histogram_does_not_matter():
    assert np.allclose(summarise(histograms()), summarise(7.0 * histograms()), atol=1e-6)


def test_pairs_of_one_cell_lie_in_one_group_at_one_distance():
    dmdt = np.zeros((1, 26, 26), np.float32)
    dmdt[0, 20, 25] = 1.0  # 7.5 cells above the middle, at the longest lags
    summary = summarise(dmdt)
    assert column(summary, "lag")[0].tolist() == [0, 0, 0, 0, 0, 1]
    assert column(summary, "mean")[0].tolist() == [0, 0, 0, 0, 0, 7.5]
    assert column(summary, "size")[0].tolist() == [0, 0, 0, 0, 0, 7.5]
    assert not column(summary, "width").any()
    assert column(summary, "change")[0].tolist() == [0, 0, 0, 1, 0, 0]


def test_mean_and_width_are_the_moments_of_the_cells():
    dmdt = histograms(1)
    weight = dmdt[0, :, :5].sum(axis=1)  # 26 cells in six groups: the first two of five
    distance = np.arange(26) - 12.5
    mean = np.average(distance, weights=weight)
    width = np.sqrt(np.average((distance - mean) ** 2, weights=weight))
    summary = summarise(dmdt)
    assert column(summary, "mean")[0, 0] == pytest.approx(mean, abs=1e-5)
    assert column(summary, "width")[0, 0] == pytest.approx(width, rel=1e-5)


def test_time_run_backwards_turns_the_sign_of_the_mean_alone():
    summary, turned = summarise(histograms()), summarise(histograms()[:, ::-1])
    assert np.allclose(column(turned, "mean"), -column(summary, "mean"), atol=1e-5)
    for kind in ("change", "lag", "width", "size"):
        assert np.allclose(column(turned, kind), column(summary, kind), atol=1e-5)


def test_a_row_has_the_same_summary_in_any_company():
    dmdt = histograms(50)
    alone = np.concatenate([summarise(row[np.newaxis]) for row in dmdt])
    assert np.array_equal(alone, summarise(dmdt))
