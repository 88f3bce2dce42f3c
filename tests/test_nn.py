"""ScopeNet: its layers against a hand computation, its training, its files."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from learning import FEATURES, class_params, scaled_data, training_params

from scope.base.errors import ModelError
from scope.models.networks import training as nn
from scope.models.networks.network import new_network
from scope.models.networks.scopenet import ScopeNet
from scope.models.shared.examples import select_examples, take, training_set_of


@pytest.fixture(scope="module")
def taught():
    data = scaled_data()
    examples = select_examples(data, "rrlyr", class_params(), FEATURES, 1)
    model, history = nn.fit(training_set_of(data, examples), training_params(), 1)
    return model, history, take(data, examples, examples.val), examples


def test_the_network_has_the_layers_of_scopenet():
    net = ScopeNet(5)
    branches = (net.of_features, net.of_dmdt, net.head)
    layers = [vars(layer) for branch in branches for layer in branch.layers]
    dense, conv, rates = (
        [layer[size] for layer in layers if size in layer] for size in ("units", "filters", "rate")
    )
    assert dense == [256, 32, 16, 1]
    assert conv == [16, 16, 32, 32]
    assert rates == [0.25, 0.25, 0.25, 0.4]


@pytest.mark.filterwarnings("error")
def test_features_far_from_all_others_score_nought_or_one_without_a_warning():
    far = 1e4 * np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    network = new_network(3, True, False, 1)
    score = nn.predict(network, far, np.zeros((50, 26, 26), np.float32), 1)
    assert set(np.unique(score)) == {0.0, 1.0}


def test_a_network_of_features_alone_is_three_matrix_products_and_a_sigmoid():
    net = new_network(3, True, False, 1)
    features = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    w1, b1, w2, b2, w3, b3, w4, b4 = (weight.astype(np.float64) for weight in net.weights)
    hidden = np.maximum(np.maximum(features @ w1 + b1, 0) @ w2 + b2, 0)
    logits = np.maximum(hidden @ w3 + b3, 0) @ w4 + b4
    scores = nn.predict(net, features, np.zeros((6, 26, 26), np.float32), 1)
    assert np.allclose(scores, 1 / (1 + np.exp(-logits[:, 0])), atol=1e-6)


def test_without_the_dense_branch_features_change_nothing():
    net = new_network(3, False, True, 1)
    dmdt = scaled_data().dmdt[:8]
    zeros, ones = (np.full((8, 3), value, np.float32) for value in (0, 1))
    scores = nn.predict(net, zeros, dmdt, 1)
    assert np.array_equal(scores, nn.predict(net, ones, dmdt, 1))
    assert len(np.unique(scores)) > 1


def test_training_keeps_the_weights_of_the_smallest_validation_loss(taught):
    model, history, val, _ = taught
    scores = nn.predict(model, val.features, val.dmdt, 2).astype(np.float64)
    loss = -np.mean(np.log(np.where(val.truth > 0, scores, 1 - scores)))
    assert loss == pytest.approx(min(one["val_loss"] for one in history), rel=1e-4)


def test_the_network_tells_apart_what_differs_by_three_standard_deviations(taught):
    model, _, val, _ = taught
    scores = nn.predict(model, val.features, val.dmdt, 2)
    assert np.mean((scores > 0.5) == (val.truth > 0)) > 0.85


def test_training_stops_after_patience_epochs_without_progress():
    data = scaled_data()
    chosen = select_examples(data, "rrlyr", class_params(), FEATURES, 1)
    training_set = training_set_of(data, chosen)
    still = training_params(
        learning_rate=1e-12, epochs=20, patience=3, lr_patience=1, conv_branch=False
    )
    _, history = nn.fit(training_set, still, 1)
    stale = len(history) - 1 - int(np.argmin([one["val_loss"] for one in history]))
    assert stale == 3
    assert history[-1]["learning_rate"] < 1e-12


def test_a_loss_that_is_not_finite_is_an_error():
    data = scaled_data()
    chosen = select_examples(data, "rrlyr", class_params(), FEATURES, 1)
    training_set = training_set_of(data, chosen)
    endless = replace(training_set, weights=(np.inf, 1.0))
    with pytest.raises(ModelError, match=r"lower training.learning_rate"):
        nn.fit(endless, training_params(conv_branch=False), 1)


def test_a_saved_network_scores_the_same_when_loaded(taught, tmp_path):
    model, _, val, _ = taught
    nn.save(model, tmp_path / "a.keras")
    again = nn.load(tmp_path / "a.keras")
    first, second = (nn.predict(one, val.features, val.dmdt, 2) for one in (model, again))
    assert np.array_equal(first, second)


def test_keras_loads_a_saved_network_and_scores_the_same(taught, tmp_path):
    model, _, val, _ = taught
    nn.save(model, tmp_path / "a.keras")
    plain = keras.saving.load_model(tmp_path / "a.keras", compile=False)
    scores = keras.ops.convert_to_numpy(plain((val.features, val.dmdt)))
    assert isinstance(plain, ScopeNet)
    assert np.allclose(nn.predict(model, val.features, val.dmdt, 2), scores, atol=1e-6)


@pytest.mark.parametrize(("dense", "conv"), [(True, True), (True, False), (False, True)])
def test_a_network_that_keras_saved_is_loaded(dense, conv, tmp_path):
    net = ScopeNet(3, dense, conv)
    net.save(tmp_path / "a.keras")
    loaded = nn.load(tmp_path / "a.keras").weights
    pairs = zip(loaded, net.get_weights(), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


def test_a_keras_archive_of_something_else_is_refused(tmp_path):
    net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    net.save(tmp_path / "a.keras")
    with pytest.raises(ModelError, match="holds a Sequential, no ScopeNet"):
        nn.load(tmp_path / "a.keras")


def test_the_number_of_threads_changes_no_weight():
    data = scaled_data()
    chosen = select_examples(data, "rrlyr", class_params(), FEATURES, 1)
    training_set = training_set_of(data, chosen)
    one, three = (
        nn.fit(training_set, training_params(epochs=2, threads=threads), 3)[0] for threads in (1, 3)
    )
    assert np.array_equal(one.flat(), three.flat())


def test_training_goes_on_from_a_given_network(taught):
    model, _, _, examples = taught
    training_set = training_set_of(scaled_data(), examples)
    still = training_params(learning_rate=1e-12, epochs=1)
    again, history = nn.fit(training_set, still, 9, start=model)
    assert np.allclose(again.flat(), model.flat(), atol=1e-9)
    assert history[0]["val_auc"] > 0.9


def test_each_epoch_is_told_as_it_ends():
    data, told = scaled_data(), []
    chosen = select_examples(data, "rrlyr", class_params(), FEATURES, 1)
    training_set = training_set_of(data, chosen)
    _, history = nn.fit(training_set, training_params(epochs=3), 1, watch=told.append)
    assert told == [{"epoch": k + 1, **one} for k, one in enumerate(history)]


def test_label_smoothing_keeps_scores_from_the_ends():
    data = scaled_data()
    chosen = select_examples(data, "rrlyr", class_params(), FEATURES, 1)
    training_set = training_set_of(data, chosen)
    spans = []
    for value in (0.0, 0.4):
        params = training_params(epochs=8, label_smoothing=value, patience=8)
        net, _ = nn.fit(training_set, params, 1)
        spans.append(np.ptp(nn.predict(net, training_set.val.features, training_set.val.dmdt, 1)))
    assert spans[1] < 0.8 * spans[0]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    data = scaled_data()
    chosen = select_examples(data, "rrlyr", class_params(), FEATURES, 1)
    training_set = training_set_of(data, chosen)
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        model, _ = nn.fit(training_set, training_params(epochs=2), seed)
        nn.save(model, tmp_path / f"{name}.keras")
    first, same, other = ((tmp_path / f"{name}.keras").read_bytes() for name in "abc")
    assert first == same
    assert first != other


def test_a_file_that_is_no_network_is_named(tmp_path):
    path = tmp_path / "seed_1.keras"
    path.write_bytes(b"not a network")
    with pytest.raises(ModelError, match=r"seed_1.keras holds no Keras network"):
        nn.load(path)
