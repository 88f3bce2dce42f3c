"""The figures of the final table against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from scope.older.judge import figures


@pytest.fixture
def scored():
    chance = np.random.default_rng(1)
    truth = chance.uniform(size=300) < 0.3
    return truth, np.clip(chance.normal(0.3 + 0.3 * truth, 0.2), 0, 1).astype(np.float32)


def test_the_figures_are_those_of_scikit_learn(scored):
    truth, score = scored
    found = figures(truth, score, 0.4, "binary_crossentropy")
    called = score > 0.4
    tn, fp, fn, tp = metrics.confusion_matrix(truth, called).ravel().tolist()
    assert {name: found[name] for name in ("tn", "fp", "fn", "tp")} == {
        "tn": tn, "fp": fp, "fn": fn, "tp": tp,
    }  # fmt: skip
    expected = {
        "loss": metrics.log_loss(truth, np.clip(score.astype(float), 1e-7, 1 - 1e-7)),
        "accuracy": metrics.accuracy_score(truth, called),
        "precision": metrics.precision_score(truth, called),
        "recall": metrics.recall_score(truth, called),
        "auc": metrics.roc_auc_score(truth, score),
        "f1": metrics.f1_score(truth, called),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-6)


def test_of_negatives_alone_what_is_not_defined_is_none():
    found = figures(np.zeros(4, bool), np.full(4, 0.1, np.float32), 0.5, "binary_crossentropy")
    assert (found["auc"], found["recall"], found["precision"]) == (None, None, None)
    assert (found["tn"], found["accuracy"]) == (4, 1.0)
    assert found["loss"] == pytest.approx(-np.log(0.9), abs=1e-6)


def test_no_rows_have_no_figures():
    assert figures(np.zeros(0, bool), np.zeros(0, np.float32), 0.5, "binary_crossentropy") == {}


def test_another_loss_is_that_of_keras(scored):
    truth, score = scored
    found = figures(truth, score, 0.5, "mean_squared_error")
    assert found["loss"] == pytest.approx(np.mean((score - truth) ** 2), abs=1e-6)
