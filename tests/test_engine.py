"""The compiled kernels of ScopeNet against Keras, finite differences and each other."""

import os
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
from threadpoolctl import threadpool_info

from scope.base.errors import ConfigError, ModelError
from scope.models.networks import kernels as compiled
from scope.models.networks.convolution import DROPPED_BELOW, chance
from scope.models.networks.gradient import Rows, adam, add_gradient
from scope.models.networks.layout import Views, keras_shapes
from scope.models.networks.maps import new_maps
from scope.models.networks.network import Network, new_network
from scope.models.networks.scopenet import ScopeNet, keras_network, network_of
from scope.models.networks.thread_pool import network_threads

N_FEATURES = 5
BRANCHES = [(True, True), (True, False), (False, True)]


def some_network(dense=True, conv=True) -> Network:
    """Return a network whose weights and biases are all away from zero."""
    network = new_network(N_FEATURES, dense, conv, 1)
    chance = np.random.default_rng(3)
    flat = network.flat()
    return network.with_weights(flat + chance.normal(0, 0.05, flat.size).astype(np.float32))


def some_rows(n=24) -> Rows:
    chance = np.random.default_rng(0)
    dmdt = chance.uniform(size=(n, 26, 26)) * (chance.uniform(size=(n, 26, 26)) < 0.4)
    dmdt /= np.sqrt((dmdt**2).sum(axis=(1, 2), keepdims=True))
    return Rows(
        chance.normal(size=(n, N_FEATURES)).astype(np.float32),
        dmdt.astype(np.float32),
        (chance.uniform(size=n) < 0.3).astype(np.float32),
        chance.uniform(0.5, 2.0, size=n).astype(np.float32),
    )


def gradient(network, flat, data, key=7):
    total = np.zeros_like(flat)
    rows = np.arange(len(data.truth), dtype=np.int32)
    views = network.views_of(flat), new_maps(), network.views_of(total)
    return add_gradient(rows, data, np.uint32(key), *views), total


@pytest.mark.parametrize(("dense", "conv"), BRANCHES)
def test_the_odds_are_those_of_keras(dense, conv):
    network, data = some_network(dense, conv), some_rows()
    with network_threads(network, 1) as pool:
        odds = pool.logits(network.flat(), data.features, data.dmdt)
    expected = keras_network(network).logits(data.features, data.dmdt)
    assert np.allclose(odds, expected, atol=1e-5)


@pytest.mark.parametrize("position", range(len(Views._fields)), ids=Views._fields)
def test_the_gradient_is_the_slope_of_the_loss(position):
    network, data = some_network(), some_rows()
    flat = network.flat()
    _, slope = gradient(network, flat, data)
    ends = np.cumsum([np.prod(shape) for shape in keras_shapes(N_FEATURES, True, True)]).astype(int)
    part = slice(ends[position - 1] if position else 0, ends[position])
    way = np.zeros_like(flat)
    way[part] = slope[part] / np.linalg.norm(slope[part])
    step = np.float32(2e-3)
    above, below = (gradient(network, flat + sign * step * way, data)[0] for sign in (1, -1))
    assert (above - below) / (2 * step) == pytest.approx(float(slope @ way), rel=0.01)


@pytest.mark.parametrize(("dense", "conv"), BRANCHES)
def test_the_mean_loss_over_dropouts_is_the_cross_entropy_of_keras(dense, conv):
    network, data = some_network(dense, conv), some_rows()
    with network_threads(network, 1) as pool:
        odds = pool.logits(network.flat(), data.features, data.dmdt)
    losses = keras.losses.binary_crossentropy(data.truth[:, None], odds[:, None], from_logits=True)
    expected = float(np.sum(data.weight * np.asarray(losses)))
    drawn = [gradient(network, network.flat(), data, key)[0] for key in range(60)]
    assert np.mean(drawn) == pytest.approx(expected, rel=0.1)  # dropout keeps the means
    assert np.std(drawn) > 0


def test_the_number_of_threads_changes_no_bit_of_the_gradient():
    network, data = some_network(), some_rows(50)
    rows = np.arange(50, dtype=np.int32)
    found = []
    for threads in (1, 3):
        with network_threads(network, threads) as pool:
            found.append(pool.gradient(network.flat(), data, rows, 11))
    assert found[0][0] == found[1][0]
    assert np.array_equal(found[0][1], found[1][1])


def test_a_histogram_of_zeros_leaves_the_kernels_of_the_first_layer_alone():
    network, data = some_network(), some_rows()
    empty = data._replace(dmdt=np.zeros_like(data.dmdt))
    slope = network.views_of(gradient(network, network.flat(), empty)[1])
    assert not slope.taps_1.any()
    assert not slope.points_1.any()
    assert slope.bias_1.any()


@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam_moves_as_in_keras(amsgrad):
    chance = np.random.default_rng(2)
    ours = chance.normal(size=40).astype(np.float32)
    theirs = keras.Variable(ours.copy())
    optimizer = keras.optimizers.Adam(0.01, 0.8, 0.95, 1e-4, amsgrad)
    optimizer.build([theirs])
    moments = np.zeros((3, 40), np.float32)
    for step in range(1, 30):
        slope = chance.normal(scale=2.0 / step, size=40).astype(np.float32)
        adam(ours, slope, moments, step, (0.01, 0.8, 0.95, 1e-4, amsgrad))
        optimizer.apply([keras.ops.convert_to_tensor(slope)], [theirs])
    assert np.allclose(ours, theirs.numpy(), atol=1e-5)


def test_dropout_drops_a_quarter_and_neighbours_are_independent():
    positions = np.arange(200_000, dtype=np.uint32)
    drawn = np.array([chance(np.uint32(5), position) for position in positions])
    dropped = drawn < DROPPED_BELOW
    assert dropped.mean() == pytest.approx(0.25, abs=0.005)
    assert (dropped[1:] & dropped[:-1]).mean() == pytest.approx(0.0625, abs=0.003)


def test_new_weights_are_as_wide_as_those_of_keras():
    keras.utils.set_random_seed(4)
    draws = range(40)  # the smallest kernel has nine weights: one draw says little about its width
    ours = [new_network(N_FEATURES, True, True, seed).weights for seed in draws]
    theirs = [ScopeNet(N_FEATURES).get_weights() for _ in draws]
    for one, other in zip(zip(*ours, strict=True), zip(*theirs, strict=True), strict=True):
        assert one[0].shape == other[0].shape
        assert np.std(one) == pytest.approx(np.std(other), rel=0.15)


def test_weights_come_back_from_keras_as_they_went():
    network = some_network()
    again = network_of(keras_network(network))
    assert np.array_equal(again.flat(), network.flat())


def test_a_network_without_branches_is_refused():
    with pytest.raises(ConfigError, match="both false"):
        new_network(3, False, False, 1)


def test_weights_of_another_shape_are_refused():
    with pytest.raises(ModelError, match="shapes"):
        Network(4, True, True, some_network().weights)


LEARNT = """
from learning import FEATURES, class_params, scaled_data, training_params
from scope import nn
from scope.models.shared.examples import training_set_of, select_examples
data = scaled_data()
examples = select_examples(data, "rrlyr", class_params(), FEATURES, 1)
print(nn.fit(training_set_of(data, examples), training_params(), 1)[0].flat().tobytes().hex())
"""


def test_kernels_that_cannot_be_kept_are_a_clear_error(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(compiled, "CACHE", str(tmp_path / "file" / "folder"))
    with pytest.raises(
        ModelError, match=r"cannot be kept in .*folder: Not a directory.*free space"
    ):
        compiled.compile_all()


def test_kernels_that_do_not_compile_are_an_error_with_the_last_words_and_tried_again(
    tmp_path, monkeypatch
):
    fails = tmp_path / "python"
    fails.write_text("#!/bin/sh\necho one >&2\necho no compiler >&2\nexit 3\n")
    fails.chmod(0o755)
    monkeypatch.setattr(compiled, "CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "executable", str(fails))
    for _ in range(2):
        with pytest.raises(ModelError, match=r"compiled: no compiler \(status 3\)"):
            compiled.compile_all()


@pytest.mark.slow
def test_the_process_that_finds_no_compiled_kernels_learns_as_later_ones(tmp_path, root):
    for name in ("scope", "tests"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    where = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(tmp_path / "tests")])}
    command = [sys.executable, "-c", LEARNT]
    first, later = (
        subprocess.run(
            command, cwd=root, env=where, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    )
    assert first.split()[-1] == later.split()[-1]


def test_the_matrix_library_stays_on_one_thread_until_the_last_pool_ends():
    def blas_threads() -> set[int]:
        return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

    network = new_network(3, True, True, 1)
    before = blas_threads()
    with network_threads(network, 1):
        with network_threads(network, 1):
            assert blas_threads() == {1}
        assert blas_threads() == {1}
    assert blas_threads() == before
