"""Cross-validated choice among combinations of parameters."""

from dataclasses import replace

import numpy as np
import pytest
from learning import FEATURES, class_params, scaled_data, training_params
from sklearn.metrics import average_precision_score

from scope.base.errors import DataError
from scope.models.shared.examples import select_examples, training_set_of
from scope.models.trees.cross_validation import folds_of, search


def trees(**changes):
    return replace(training_params().xgb, **changes)


@pytest.fixture
def training_set():
    data = scaled_data()
    return training_set_of(data, select_examples(data, "rrlyr", class_params(), FEATURES, 1))


def test_light_curves_of_one_source_lie_in_one_fold():
    sources = np.random.default_rng(0).integers(40, size=300)
    fold = folds_of(sources, sources % 4 == 0, 3, seed=1)
    assert all(len(set(fold[sources == source])) == 1 for source in set(sources))


def test_each_fold_has_its_share_of_the_positive_sources():
    sources = np.arange(120)
    fold = folds_of(sources, sources < 12, 3, seed=1)
    assert np.bincount(fold[:12]).tolist() == [4, 4, 4]
    assert np.bincount(fold).tolist() == [40, 40, 40]


def test_fewer_positive_sources_than_folds_are_refused():
    sources = np.arange(120)
    with pytest.raises(DataError, match=r"2 sources of the training rows are positive.*folds, 3;"):
        folds_of(sources, sources < 2, 3, seed=1)


def test_no_trial_is_scored_on_a_source_that_it_learns_from(training_set):
    seen = []

    def trial(part, unseen, _):
        seen.append(unseen.sources)
        assert not set(part.train.sources) & set(unseen.sources)
        assert np.array_equal(part.val.sources, training_set.val.sources)
        return unseen.features[:, 0], 1

    search(training_set, trees(grid={"max_depth": [4]}, folds=4), 1, trial)
    assert sorted(np.concatenate(seen)) == sorted(training_set.train.sources)


def test_combinations_come_by_falling_mean_average_precision(training_set):
    """A made-up trial, whose scores are the period and, at depth 2, noise."""
    expected = {2: [], 4: []}

    def trial(_, unseen, params):
        scores = unseen.features[:, 0 if params.max_depth == 4 else 2]
        expected[params.max_depth].append(average_precision_score(unseen.truth, scores))
        return scores, 10 * params.max_depth

    results = search(training_set, trees(grid={"max_depth": [2, 4]}), 1, trial)
    assert [result.values for result in results] == [{"max_depth": 4}, {"max_depth": 2}]
    assert [result.rounds for result in results] == [40, 20]
    for result in results:
        precisions = expected[result.values["max_depth"]]
        assert result.average_precision == pytest.approx(np.mean(precisions))
        assert result.spread == pytest.approx(np.std(precisions))


def test_all_combinations_are_tried_on_the_same_folds(training_set):
    tried = {2: [], 4: []}

    def trial(_, unseen, params):
        tried[params.max_depth].append(unseen.sources.tolist())
        return unseen.features[:, 0], 1

    search(training_set, trees(grid={"max_depth": [2, 4]}), 1, trial)
    assert tried[2] == tried[4]
