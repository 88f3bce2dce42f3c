"""Calibrated scores against scikit-learn and the arithmetic of small cases."""

import json

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss

from scope.base.errors import DataError, ModelError
from scope.models.shared.calibration import TILT, Calibration, learn, natural_weights

KINDS = ["platt", "isotonic"]


def scored(n=400, seed=0, share=0.25):
    """Scores that are too sure of themselves, in single precision as models give them."""
    chance = np.random.default_rng(seed)
    truth = chance.random(n) < share
    odds = 2.0 * chance.normal(np.where(truth, 1.0, -1.0), 1.5)
    return (1.0 / (1.0 + np.exp(-odds))).astype(np.float32), truth


def one_each(truth):
    return np.ones(len(truth))


def test_platt_is_the_logistic_regression_of_scikit_learn_on_smoothed_targets():
    score, truth = scored()
    weight = np.where(truth, 1.0, 7.0)
    positives, negatives = weight[truth].sum(), weight[~truth].sum()
    target = np.where(truth, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    odds = np.log(score.astype(float)) - np.log1p(-score.astype(float))
    line = LogisticRegression(C=np.inf, tol=1e-10).fit(
        np.concatenate([odds, odds])[:, np.newaxis],
        np.repeat([1, 0], len(odds)),
        sample_weight=np.concatenate([weight * target, weight * (1 - target)]),
    )
    found = learn("platt", score, truth, weight)
    assert found.slope == pytest.approx(line.coef_[0, 0], abs=1e-5)
    assert found.offset == pytest.approx(line.intercept_[0], abs=1e-5)
    expected = line.predict_proba(odds[:, np.newaxis])[:, 1]
    assert found.apply(score) == pytest.approx(expected, abs=1e-5)


def test_isotonic_is_that_of_scikit_learn_but_for_a_thousandth_of_the_score():
    score, truth = scored()
    score = np.round(score, 2)  # many ties
    weight = np.where(truth, 1.0, 7.0)
    expected = IsotonicRegression(out_of_bounds="clip").fit(score, truth, weight)
    grid = np.linspace(0, 1, 1001).astype(np.float32)
    steps = (learn("isotonic", score, truth, weight).apply(grid) - TILT * grid) / (1 - TILT)
    assert steps == pytest.approx(expected.predict(grid), abs=1e-6)


def test_isotonic_pools_two_neighbours_in_the_wrong_order():
    score, truth = np.array([0.2, 0.4, 0.6, 0.8]), np.array([False, True, False, True])
    found = learn("isotonic", score, truth, one_each(truth))
    assert found.scores == (0.2, 0.4, 0.6, 0.8)
    assert found.shares == (0.0, 0.5, 0.5, 1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_weight_of_three_counts_as_three_rows(kind):
    score, truth = scored(60)
    weight = np.where(truth, 1, 3)
    weighted = learn(kind, score, truth, weight.astype(float))
    repeated = learn(
        kind, np.repeat(score, weight), np.repeat(truth, weight), np.ones(weight.sum())
    )
    assert weighted.apply(score) == pytest.approx(repeated.apply(score), abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_mean_of_the_calibrated_scores_is_the_share_of_positives(kind):
    score, truth = scored(2000)
    weight = np.where(truth, 1.0, 20.0)
    mean = np.average(learn(kind, score, truth, weight).apply(score), weights=weight)
    assert mean == pytest.approx(np.average(truth, weights=weight), rel=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_calibration_mends_the_brier_score_of_rows_it_has_not_seen(kind):
    score, truth = scored(4000, seed=1)
    unseen, unseen_truth = scored(4000, seed=2)
    found = learn(kind, score, truth, one_each(truth)).apply(unseen)
    assert brier_score_loss(unseen_truth, found) < brier_score_loss(unseen_truth, unseen) - 0.005


@pytest.mark.parametrize("kind", KINDS)
def test_calibrated_scores_keep_order_and_average_precision(kind):
    score, truth = scored(300)
    unseen, unseen_truth = scored(2000, seed=3)
    unseen = np.round(unseen, 4)
    found = learn(kind, score, truth, one_each(truth)).apply(unseen)
    order = np.argsort(unseen)
    assert found.dtype == np.float32
    assert np.all((found >= 0) & (found <= 1))
    assert np.all(np.diff(found[order])[np.diff(unseen[order]) > 0] > 0)
    before = average_precision_score(unseen_truth, unseen)
    assert average_precision_score(unseen_truth, found) == pytest.approx(before, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_scores_that_run_the_wrong_way_are_flattened_not_turned_round(kind):
    score, truth = scored()
    found = learn(kind, 1 - score, truth, one_each(truth)).apply(np.array([0.1, 0.5, 0.9]))
    assert np.all(np.diff(found) > 0)
    assert found == pytest.approx(np.full(3, truth.mean()), abs=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_scores_that_part_the_sides_wholly_give_finite_probabilities(kind):
    truth = np.arange(40) >= 30
    found = learn(kind, truth.astype(np.float32), truth, one_each(truth))
    low, high = found.apply(np.array([0.0, 1.0]))
    assert 0 <= low < 0.1
    assert 0.9 < high <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_constant_score_becomes_the_share_of_positives(kind):
    truth = np.arange(4000) % 4 == 0
    found = learn(kind, np.full(4000, 0.9, np.float32), truth, one_each(truth))
    assert found.apply(np.array([0.9]))[0] == pytest.approx(0.25, abs=2e-3)


def test_no_calibration_leaves_a_score_as_it_is():
    score, truth = scored(20)
    assert np.array_equal(learn("none", score, truth, one_each(truth)).apply(score), score)


@pytest.mark.parametrize("kind", ["none", *KINDS])
def test_a_calibration_comes_back_from_json_to_the_last_bit(kind):
    score, truth = scored()
    learnt = learn(kind, score, truth, one_each(truth))
    assert Calibration.from_dict(json.loads(json.dumps(learnt.to_dict()))) == learnt


@pytest.mark.parametrize(
    "change",
    [{"kind": "beta"}, {"slope": "steep"}, {"scores": [0.5]}, {"kind": "isotonic"}, {"shares": 1}],
)
def test_a_damaged_calibration_is_a_model_error(change):
    with pytest.raises(ModelError, match="is no calibration"):
        Calibration.from_dict(Calibration("platt").to_dict() | change)


def test_a_calibration_that_lacks_a_number_is_a_model_error():
    with pytest.raises(ModelError, match="offset"):
        Calibration.from_dict({"kind": "platt", "slope": 1.0, "scores": [], "shares": []})


@pytest.mark.parametrize("side", [True, False])
def test_rows_of_one_side_are_refused(side):
    truth = np.full(5, side)
    with pytest.raises(DataError, match=f"{5 * side} positives among 5 validation rows"):
        learn("platt", np.linspace(0, 1, 5), truth, one_each(truth))


def test_a_score_that_is_no_number_is_refused():
    truth = np.array([True, False])
    with pytest.raises(DataError, match=r"outside \[0, 1\]"):
        learn("isotonic", np.array([np.nan, 0.5]), truth, one_each(truth))


def test_natural_weights_give_each_side_what_it_counted_before_balancing():
    truth = np.array([True, True, False, False, False])
    weight = natural_weights(truth, n_negative=30, n_positive=2)
    assert weight.tolist() == [1.0, 1.0, 10.0, 10.0, 10.0]


def test_calibration_undoes_balancing():
    score, truth = scored(40_000, share=0.05)
    kept = truth | (np.random.default_rng(4).random(len(truth)) < 0.1)
    weight = natural_weights(truth[kept], np.count_nonzero(~truth), np.count_nonzero(truth))
    found = learn("platt", score[kept], truth[kept], weight).apply(score)
    assert found.mean() == pytest.approx(truth.mean(), rel=0.05)
