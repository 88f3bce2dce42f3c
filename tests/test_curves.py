"""Curves and counts against scikit-learn, SciPy and hand computation."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from scope.evaluation import curves


def scored(n, seed, share=0.2, distance=2.0):
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < share
    truth[:2] = True, False
    return truth, 1 / (1 + np.exp(-rng.normal(np.where(truth, distance, 0.0) - 1.0, 1.0)))


def column(rows, name):
    return np.array([row[name] for row in rows])


def test_the_roc_curve_of_few_rows_is_that_of_scikit_learn():
    truth, score = scored(60, 1)
    rows = curves.roc(truth, score)
    false_rate, true_rate, _ = sk.roc_curve(truth, score, drop_intermediate=False)
    assert column(rows, "false_positive_rate") == pytest.approx(false_rate, abs=1e-6)
    assert column(rows, "true_positive_rate") == pytest.approx(true_rate, abs=1e-6)


def test_the_precision_recall_curve_of_few_rows_is_that_of_scikit_learn():
    truth, score = scored(60, 2)
    rows = curves.precision_recall(truth, score)
    precision, recall, _ = sk.precision_recall_curve(truth, score)
    assert column(rows, "precision") == pytest.approx(precision[::-1], abs=1e-6)
    assert column(rows, "recall") == pytest.approx(recall[::-1], abs=1e-6)


@pytest.mark.parametrize(("n", "share"), [(2_000, 0.3), (20_000, 0.05), (20_000, 0.2)])
def test_a_thinned_curve_keeps_the_average_precision_within_a_thousandth(n, share):
    truth, score = scored(n, 3, share)
    rows = curves.precision_recall(truth, score)
    assert len(rows) <= curves.MAX_POINTS
    area = np.trapezoid(column(rows, "precision"), column(rows, "recall"))
    assert area == pytest.approx(sk.average_precision_score(truth, score), abs=1e-3)


def test_a_thinned_curve_keeps_the_area_under_the_roc_curve_within_a_thousandth():
    truth, score = scored(20_000, 4, 0.01)
    rows = curves.roc(truth, score)
    assert len(rows) <= curves.MAX_POINTS
    area = np.trapezoid(column(rows, "true_positive_rate"), column(rows, "false_positive_rate"))
    assert area == pytest.approx(sk.roc_auc_score(truth, score), abs=1e-3)


def test_curves_are_monotone_and_keep_both_ends():
    truth, score = scored(5_000, 5)
    roc, pr = curves.roc(truth, score), curves.precision_recall(truth, score)
    for rows, name in [
        (roc, "false_positive_rate"),
        (roc, "true_positive_rate"),
        (pr, "recall"),
    ]:
        values = column(rows, name)
        assert np.all(np.diff(values) >= 0), name
        assert (values[0], values[-1]) == (0.0, 1.0), name
    assert np.all(np.diff(column(roc, "threshold")) <= 0)
    assert pr[0]["precision"] == 1.0
    assert pr[-1]["precision"] == pytest.approx(truth.mean(), abs=1e-6)


def test_thinning_takes_even_steps_along_the_path_not_in_number():
    x = np.concatenate([np.linspace(0, 0.5, 10_000), np.linspace(0.5, 1, 101)[1:]])
    kept = curves.thin(x, np.zeros_like(x), 21)
    assert x[kept] == pytest.approx(np.linspace(0, 1, 21), abs=0.01)


def test_a_short_curve_is_not_thinned():
    assert curves.thin(np.arange(5.0), np.arange(5.0), 5).tolist() == [0, 1, 2, 3, 4]


def test_the_confusion_matrix_is_that_of_scikit_learn():
    truth, score = scored(200, 6)
    rows = curves.confusion(truth, score, 0.3)
    found = {(row["truth"], row["predicted"]): row["count"] for row in rows}
    (tn, fp), (fn, tp) = sk.confusion_matrix(truth, score > 0.3)
    assert found == {
        ("positive", "positive"): tp,
        ("positive", "negative"): fn,
        ("negative", "positive"): fp,
        ("negative", "negative"): tn,
    }
    assert rows[0]["share"] == pytest.approx(tp / (tp + fn), abs=1e-6)


def test_the_histogram_counts_every_row_once_the_score_one_included():
    truth = np.array([True, True, False, False])
    rows = curves.histogram(truth, np.array([1.0, 0.0, 0.26, 0.25]), 4)
    assert [row["count"] for row in rows] == [1, 0, 0, 1, 0, 2, 0, 0]
    assert (rows[1]["score_low"], rows[1]["score_high"]) == (0.25, 0.5)
    assert [row["truth"] for row in rows] == ["positive"] * 4 + ["negative"] * 4


def test_the_reliability_diagram_is_that_of_scikit_learn():
    truth, score = scored(500, 7)
    rows = curves.reliability(truth, score, 10, 0.9)
    share, mean = calibration_curve(truth, score, n_bins=10)
    assert column(rows, "share_positive") == pytest.approx(share, abs=1e-6)
    assert column(rows, "mean_score") == pytest.approx(mean, abs=1e-6)
    assert column(rows, "count").sum() == 500


def test_the_reliability_diagram_has_no_row_for_an_empty_bin():
    rows = curves.reliability(np.array([True, False]), np.array([1.0, 0.05]), 10, 0.9)
    assert [row["count"] for row in rows] == [1, 1]


@pytest.mark.parametrize(("k", "n"), [(0, 7), (3, 10), (200, 200)])
def test_the_interval_of_a_share_is_that_of_scipy(k, n):
    expected = binomtest(k, n).proportion_ci(0.9, method="wilson")
    assert curves.wilson(k / n, n, 0.9) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_the_calibration_error_is_the_mean_gap_between_score_and_share_of_equal_counts():
    truth, score = scored(500, 8)
    share, mean = calibration_curve(truth, score, n_bins=10, strategy="quantile")
    expected = np.mean(np.abs(share - mean))
    assert curves.calibration_error(truth, score, 10) == pytest.approx(expected, abs=1e-9)


def test_rows_of_equal_score_share_a_bin_so_their_order_does_not_matter():
    truth = np.array([True] * 5 + [False] * 5)
    assert curves.calibration_error(truth, np.full(10, 0.5), 10) == 0.0


def test_a_score_that_is_always_off_by_a_tenth_has_a_calibration_error_of_a_tenth():
    truth, score = np.arange(100) % 2 == 0, np.repeat([0.6, 0.6, 0.4, 0.4], 25)
    assert curves.calibration_error(truth, score, 2) == pytest.approx(0.1)


def test_the_spread_is_averaged_over_the_rows_of_each_bin_and_the_wrong_ones_counted():
    score, spread = np.array([0.1, 0.2, 0.9, 1.0]), np.array([0.1, 0.3, 0.05, 0.15])
    rows = curves.spread_by_score(score, spread, np.array([False, True, False, False]), 4)
    known = {"score_low": 0.0, "score_high": 0.25, "mean_score": 0.15}
    assert rows[0] == {**known, "mean_spread": 0.2, "count": 2, "wrong": 1}
    assert rows[1]["score_low"] == 0.75
    assert rows[1]["mean_spread"] == pytest.approx(0.1)
    assert len(rows) == 2
