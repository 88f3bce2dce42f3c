"""The measures against scikit-learn and hand computation, the intervals against their law."""

import numpy as np
import pytest
from sklearn import metrics as sk

from scope.evaluation.metrics import TEST_NAMES, Bootstrap, measure, resample, summarise
from scope.models.shared.measures import ranked_counts

BOOTSTRAP = Bootstrap(resamplings=50, confidence=0.9, seed=3)
BY_SKLEARN = {
    "precision": lambda truth, score: sk.precision_score(truth, score > 0.5),
    "recall": lambda truth, score: sk.recall_score(truth, score > 0.5),
    "f1": lambda truth, score: sk.f1_score(truth, score > 0.5),
    "accuracy": lambda truth, score: sk.accuracy_score(truth, score > 0.5),
    "false_positive_rate": lambda truth, score: 1 - sk.recall_score(~truth, score <= 0.5),
    "average_precision": sk.average_precision_score,
    "roc_auc": sk.roc_auc_score,
    "mcc": lambda truth, score: sk.matthews_corrcoef(truth, score > 0.5),
    "brier": sk.brier_score_loss,
}


def scored(n, seed, decimals=3):
    """Truth and overlapping scores; rounding makes ties."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < 0.2
    truth[:2] = True, False
    score = 1 / (1 + np.exp(-rng.normal(np.where(truth, 1.0, -1.0), 1.0)))
    return truth, np.round(score, decimals)


def ones(truth):
    return np.ones((1, len(truth)))


@pytest.mark.parametrize("decimals", [1, 3, 16])
@pytest.mark.parametrize("name", TEST_NAMES)
def test_every_measure_is_that_of_scikit_learn_with_and_without_ties(name, decimals):
    truth, score = scored(400, 11, decimals)
    found = measure(truth, score, 0.5, ones(truth))[name][0]
    assert found == pytest.approx(BY_SKLEARN[name](truth, score), abs=1e-12)


@pytest.mark.parametrize("name", ["average_precision", "roc_auc"])
def test_a_weighted_row_counts_as_scikit_learn_counts_it(name):
    truth, score = scored(300, 5, 1)
    weights = np.random.default_rng(0).integers(0, 4, size=(3, 300)).astype(float)
    by_sklearn = {"average_precision": sk.average_precision_score, "roc_auc": sk.roc_auc_score}
    for found, w in zip(measure(truth, score, 0.5, weights)[name], weights, strict=True):
        assert found == pytest.approx(by_sklearn[name](truth, score, sample_weight=w), abs=1e-12)


def test_the_four_counts_are_those_counted_by_hand():
    truth = np.array([True, True, True, False, False])
    score = np.array([0.9, 0.5, 0.8, 0.6, 0.1])
    summary = summarise(truth, score, 0.5, BOOTSTRAP, ("precision",))
    assert [summary[name] for name in ("tp", "fp", "tn", "fn")] == [2, 1, 1, 1]
    assert summary["precision"] == pytest.approx(2 / 3, abs=1e-6)


def test_a_score_at_the_threshold_is_not_called_positive():
    truth = np.array([True, False])
    assert measure(truth, np.array([0.5, 0.5]), 0.5, ones(truth))["tp"][0] == 0


def test_a_perfect_classifier_reaches_one_in_every_measure_and_zero_in_brier():
    truth = np.array([True] * 5 + [False] * 5)
    found = measure(truth, truth.astype(float), 0.5, ones(truth))
    best = ("precision", "recall", "f1", "accuracy", "average_precision", "roc_auc", "mcc")
    assert {float(found[name][0]) for name in best} == {1.0}
    assert found["brier"][0] == found["false_positive_rate"][0] == 0.0


def test_equal_scores_have_the_average_precision_of_the_prevalence_and_half_the_area():
    truth = np.array([True] * 3 + [False] * 7)
    found = measure(truth, np.full(10, 0.4), 0.5, ones(truth))
    assert found["average_precision"][0] == pytest.approx(0.3)
    assert found["roc_auc"][0] == pytest.approx(0.5)


def test_precision_is_none_where_nothing_is_called_positive():
    truth = np.array([True, False, False])
    summary = summarise(truth, np.array([0.3, 0.2, 0.1]), 0.5, BOOTSTRAP, TEST_NAMES)
    assert summary["precision"] is summary["precision_low"] is summary["precision_high"] is None
    assert summary["mcc"] == summary["f1"] == 0.0


def test_rows_of_one_side_have_no_curve_but_an_accuracy():
    truth = np.zeros(4, dtype=bool)
    summary = summarise(
        truth, np.array([0.1, 0.2, 0.3, 0.9]), 0.5, BOOTSTRAP, ("roc_auc", "accuracy")
    )
    assert summary["roc_auc"] is None
    assert summary["accuracy"] == 0.75


def test_ranked_counts_are_those_at_or_above_each_distinct_score():
    truth = np.array([True, False, True, False])
    score, hits, alarms = ranked_counts(truth, np.array([0.2, 0.7, 0.7, 0.1]), np.ones((1, 4)))
    assert score.tolist() == [0.7, 0.2, 0.1]
    assert hits.tolist() == [[1, 2, 2]]
    assert alarms.tolist() == [[1, 1, 2]]


def test_each_resampling_keeps_the_number_of_positives_and_of_negatives():
    truth, _ = scored(90, 1)
    weights = np.concatenate(list(resample(truth, BOOTSTRAP)))
    assert weights.shape == (50, 90)
    assert set(weights[:, truth].sum(axis=1)) == {float(truth.sum())}
    assert set(weights[:, ~truth].sum(axis=1)) == {float((~truth).sum())}


def test_rows_are_drawn_with_the_variance_of_drawing_with_replacement():
    truth = np.arange(40) < 20
    weights = np.concatenate(list(resample(truth, Bootstrap(2000, 0.9, 0))))
    assert weights.mean() == pytest.approx(1.0)
    assert weights.var() == pytest.approx(1 - 1 / 20, rel=0.02)  # binomial, 20 draws among 20


def test_blocks_of_resamplings_are_drawn_one_after_the_other(monkeypatch):
    truth, _ = scored(30, 2)
    monkeypatch.setattr("scope.evaluation.metrics._CELLS_AT_ONCE", 30 * 20)
    blocks = list(resample(truth, BOOTSTRAP))
    assert [len(block) for block in blocks] == [20, 20, 10]
    assert not np.array_equal(blocks[0], blocks[1])


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    truth, score = scored(100, 4)
    first, again, other = (
        summarise(truth, score, 0.5, Bootstrap(50, 0.9, seed), TEST_NAMES) for seed in (1, 1, 2)
    )
    assert first == again
    assert first["roc_auc_low"] != other["roc_auc_low"]
    assert first["roc_auc"] == other["roc_auc"]


def test_an_interval_of_accuracy_has_the_width_of_the_binomial_law():
    truth = np.zeros(2000, dtype=bool)
    score = np.where(np.arange(2000) < 400, 0.9, 0.1)
    summary = summarise(truth, score, 0.5, Bootstrap(1000, 0.9, 0), ("accuracy",))
    width = summary["accuracy_high"] - summary["accuracy_low"]
    assert width == pytest.approx(2 * 1.6449 * np.sqrt(0.8 * 0.2 / 2000), rel=0.1)


def test_nine_of_ten_intervals_of_the_area_hold_the_true_area():
    rng = np.random.default_rng(12)
    truth = np.arange(300) < 100
    true_area = 0.5 * (1 + 0.5204998778)  # Phi(1 / sqrt(2)) = (1 + erf(1 / 2)) / 2
    held = 0
    for trial in range(200):
        score = rng.normal(np.where(truth, 1.0, 0.0), 1.0)
        summary = summarise(truth, score, 0.5, Bootstrap(100, 0.9, trial), ("roc_auc",))
        held += summary["roc_auc_low"] <= true_area <= summary["roc_auc_high"]
    assert 168 <= held <= 191  # 180 +- 3 binomial standard deviations, less a little narrowness
