"""Which rows train, stop and test a classifier."""

from dataclasses import replace

import numpy as np
import pytest
from learning import FEATURES, class_params, scaled_data

from scope.base.constants import TEST, TRAIN, VAL
from scope.base.errors import ConfigError, DataError
from scope.models.shared.examples import select_examples, take, training_set_of


def with_labels(data, column, rows, value):
    labels = data.labels.copy()
    labels[rows, column] = value
    return replace(data, labels=labels)


def test_a_label_at_the_threshold_is_not_positive():
    data = with_labels(scaled_data(), 0, [0, 1], [0.75, np.float32(0.7)])
    examples = select_examples(data, "rrlyr", class_params(threshold=0.75), FEATURES, 1)
    assert examples.truth[:3].tolist() == [False, False, True]


def test_every_labelled_row_has_one_place():
    data = scaled_data()
    examples = select_examples(data, "rrlyr", class_params(balance=1.5), FEATURES, 1)
    places = [examples.train, examples.val, examples.test, examples.dropped]
    assert np.array_equal(np.sort(np.concatenate(places)), np.arange(len(data.ids)))


def test_an_unlabelled_row_is_used_nowhere():
    data = with_labels(scaled_data(), 0, [5, 200], np.nan)
    examples = select_examples(data, "rrlyr", class_params(balance=1.0), FEATURES, 1)
    used = np.concatenate([examples.train, examples.val, examples.test, examples.dropped])
    assert not {5, 200} & set(used.tolist())


def test_where_a_negative_label_is_named_only_its_rows_are_negative():
    data = with_labels(scaled_data(), 1, slice(200, 260), 1.0)
    params = class_params(negative="non-variable")
    examples = select_examples(data, "vnv", params, FEATURES, 1)
    used = np.concatenate([examples.train, examples.val, examples.test])
    assert set(used[~examples.truth[used]].tolist()) == set(range(200, 260))


def test_balancing_keeps_that_many_of_the_other_side_in_training_and_validation():
    examples = select_examples(scaled_data(), "rrlyr", class_params(balance=1.5), FEATURES, 1)
    for rows in (examples.train, examples.val):
        assert np.bincount(examples.truth[rows]).tolist() == [37, 25]


def test_balancing_thins_positives_where_they_are_more_numerous():
    data = scaled_data(share=0.75)
    examples = select_examples(data, "rrlyr", class_params(balance=2.0), FEATURES, 1)
    assert np.bincount(examples.truth[examples.train]).tolist() == [25, 50]


def test_balancing_leaves_the_test_split_as_it_is():
    data = scaled_data()
    examples = select_examples(data, "rrlyr", class_params(balance=1.0), FEATURES, 1)
    assert np.array_equal(examples.test, np.flatnonzero(data.split == TEST))
    assert set(data.split[examples.dropped].tolist()) == {TRAIN, VAL}


def test_another_seed_keeps_other_rows_and_the_same_seed_the_same():
    data, params = scaled_data(), class_params(balance=1.0)
    first, again, other = (
        select_examples(data, "rrlyr", params, FEATURES, seed).train for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_both_sides_weigh_the_same_where_that_is_asked_for():
    params = class_params(weight_per_class=True)
    examples = select_examples(scaled_data(), "rrlyr", params, FEATURES, 1)
    n_negative, n_positive = np.bincount(examples.truth[examples.train])
    negative, positive = examples.weights
    assert negative * n_negative == pytest.approx(positive * n_positive)
    assert negative * n_negative + positive * n_positive == pytest.approx(n_negative + n_positive)


def test_features_come_in_the_order_of_the_feature_set():
    data = scaled_data()
    examples = select_examples(data, "rrlyr", class_params(), ["noise", "period"], 1)
    assert training_set_of(data, examples).feature_names == ["noise", "period"]
    part = take(data, examples, np.array([7, 3]))
    assert np.array_equal(part.features, data.features[[7, 3]][:, [2, 0]])


def test_a_split_without_positives_is_refused_with_its_counts():
    data = scaled_data()
    data = with_labels(data, 0, np.flatnonzero(data.split == VAL), 0.0)
    with pytest.raises(
        DataError, match=r"rrlyr.*'RR Lyrae' > 0.7.*validation 0 positive, 100 negative"
    ):
        select_examples(data, "rrlyr", class_params(), FEATURES, 1)


def test_a_class_without_negatives_is_refused():
    data = with_labels(scaled_data(), 0, slice(None), 1.0)
    with pytest.raises(DataError, match="100 positive, 0 negative"):
        select_examples(data, "pnp", class_params(), FEATURES, 1)


def test_an_absent_label_is_named_with_those_there_are():
    with pytest.raises(DataError, match="'Mira' among RR Lyrae, non-variable"):
        select_examples(scaled_data(), "mir", class_params(label="Mira"), FEATURES, 1)


def test_an_absent_feature_is_named():
    with pytest.raises(ConfigError, match="lack welch_i"):
        select_examples(scaled_data(), "rrlyr", class_params(), ["period", "welch_i"], 1)


def test_the_mix_before_balancing_is_that_of_the_validation_split():
    params = class_params(balance=1.0)
    data = scaled_data(n_rows=300, share=0.2)
    examples = select_examples(data, "rrlyr", params, FEATURES, 1)
    positive = data.labels[:, 0] > 0.7
    # Seeds exchange sources of one side between training and validation, so its counts stay.
    n_positive = int(np.count_nonzero(positive & (data.split == VAL)))
    n_negative = int(np.count_nonzero(~positive & (data.split == VAL)))
    assert (n_negative, n_positive) == (80, 20)
    assert examples.val_mix == (n_negative, n_positive)
    assert len(examples.val) == 2 * n_positive
