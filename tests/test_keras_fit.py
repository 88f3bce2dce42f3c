"""Training by Keras: what it has in common with the kernels, and what it does besides."""

from dataclasses import replace

import numpy as np
import pytest
from learning import FEATURES, class_params, older_params, scaled_data, training_params
from sklearn.metrics import roc_auc_score

from scope.base.errors import ConfigError, ModelError
from scope.models.networks import training as nn
from scope.models.shared.examples import select_examples, training_set_of
from scope.older import keras_fit
from scope.older.flags import OPTIMIZERS

DENSE = {"conv_branch": False, "epochs": 4}


@pytest.fixture(scope="module")
def training_set():
    data = scaled_data()
    return training_set_of(data, select_examples(data, "rrlyr", class_params(), FEATURES, 1))


def scores(network, part):
    return nn.predict(network, part.features, part.dmdt, 1).astype(np.float64)


@pytest.fixture(scope="module")
def taught(training_set):
    """A network of both branches, its history, and what was told of each epoch."""
    told: list[dict[str, float]] = []
    params = training_params(learning_rate=0.1, epochs=3)
    network, history = keras_fit.fit(
        training_set, params, older_params(optimizer="sgd"), 5, None, told.append
    )
    return network, history, told


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_takes_its_constants(name):
    constants = {"beta_1": 0.7, "beta_2": 0.8, "epsilon": 1e-3, "momentum": 0.6, "amsgrad": True}
    config = keras_fit.optimizer_of(older_params(optimizer=name, **constants), 0.02).get_config()
    known = {key for key in constants if key in config}
    assert known
    assert {key: config[key] for key in known} == {key: constants[key] for key in known}
    assert config["learning_rate"] == pytest.approx(0.02)


def test_training_brings_the_loss_down(taught):
    assert taught[1][-1]["loss"] < taught[1][0]["loss"]


def test_each_epoch_is_told_as_it_ends(taught):
    _, history, told = taught
    assert told == [{"epoch": i + 1, **one} for i, one in enumerate(history)]


def test_the_weights_kept_are_those_of_the_smallest_validation_loss(taught, training_set):
    network, history, _ = taught
    score, truth = scores(network, training_set.val), training_set.val.truth > 0
    loss = -np.mean(np.log(np.where(truth, score, 1 - score)))
    assert loss == pytest.approx(min(one["val_loss"] for one in history), rel=1e-4)


def test_the_area_shown_is_that_of_the_validation_rows(taught, training_set):
    network, history, _ = taught
    best = min(history, key=lambda one: one["val_loss"])
    area = roc_auc_score(training_set.val.truth, scores(network, training_set.val))
    assert best["val_auc"] == pytest.approx(area, abs=0.02)


def test_the_weight_of_a_side_counts_row_by_row(training_set):
    weighted = replace(training_set, weights=(0.5, 2.5))
    rule = older_params(optimizer="sgd")
    still = training_params(**{**DENSE, "epochs": 1, "learning_rate": 1e-12})
    network, history = keras_fit.fit(weighted, still, rule, 1)
    score, truth = scores(network, training_set.val), training_set.val.truth > 0
    entropy = -np.log(np.where(truth, score, 1 - score))
    expected = np.mean(np.where(truth, 2.5, 0.5) * entropy)
    assert history[0]["val_loss"] == pytest.approx(expected, rel=1e-5)


def test_without_progress_the_rate_is_halved_and_training_stops(training_set):
    still = training_params(conv_branch=False, epochs=9, patience=3, lr_patience=2)
    rule = older_params(optimizer="sgd", momentum=0.0)
    _, history = keras_fit.fit(training_set, replace(still, learning_rate=1e-12), rule, 1)
    rates = [one["learning_rate"] for one in history]
    assert len(history) == 4
    assert rates == pytest.approx([1e-12, 1e-12, 1e-12, 0.5e-12])


def test_without_callbacks_neither_happens(training_set):
    still = training_params(conv_branch=False, epochs=5, patience=1, lr_patience=1)
    rule = older_params(optimizer="sgd", callbacks=[])
    _, history = keras_fit.fit(training_set, replace(still, learning_rate=1e-12), rule, 1)
    assert [one["learning_rate"] for one in history] == pytest.approx([1e-12] * 5)


def test_the_same_seed_gives_the_same_weights(taught, training_set):
    params = training_params(learning_rate=0.1, epochs=3)
    again, history = keras_fit.fit(training_set, params, older_params(optimizer="sgd"), 5)
    assert np.array_equal(again.flat(), taught[0].flat())
    assert history == taught[1]


def test_training_goes_on_from_a_network(taught, training_set):
    still = training_params(epochs=1, learning_rate=1e-12)
    again, _ = keras_fit.fit(training_set, still, older_params(optimizer="sgd"), 2, taught[0])
    assert np.allclose(again.flat(), taught[0].flat(), atol=1e-6)


def test_a_loss_that_is_not_finite_is_an_error(training_set):
    endless = replace(training_set, weights=(np.inf, 1.0))
    with pytest.raises(ModelError, match="lower the learning rate"):
        keras_fit.fit(endless, training_params(**DENSE), older_params(optimizer="sgd"), 1)


def test_a_gpu_that_is_not_there_is_an_error_that_lists_the_devices():
    with pytest.raises(ConfigError, match=r"no GPU:99 is here .* TensorFlow sees CPU:0"):
        keras_fit.use_device(99)
