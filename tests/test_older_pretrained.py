"""Going on with networks of this project and of plain Keras."""

import json

import h5py
import keras
import numpy as np
import pytest

from scope.base.errors import ConfigError, ModelError
from scope.models.networks import training as nn
from scope.models.networks.network import new_network
from scope.older.pretrained import find_file, load_network
from scope.older.shape import Shape

SHAPE = Shape(5, dense_branch=True, conv_branch=True)


def plain(n_features: int = 5, *, scale: float | None = None, swapped: bool = False, width=32):
    """Return the layers of ScopeNet as a functional model, as the older tool built them."""
    layers = keras.layers
    features = keras.Input((n_features,), name="features")
    x = layers.Dense(256, activation="relu", name="dense_fc_1")(features)
    x = layers.Dense(width, activation="relu", name="dense_fc_2")(x)
    dmdt = keras.Input((26, 26, 1), name="dmdt")
    y = dmdt if scale is None else layers.Rescaling(scale)(dmdt)
    y = layers.SeparableConv2D(16, 3, activation="relu", name="conv_1")(y)
    y = layers.SeparableConv2D(16, 3, activation="relu", name="conv_2")(y)
    y = layers.MaxPooling2D(2)(y)
    y = layers.SeparableConv2D(32, 3, activation="relu", name="conv_3")(y)
    y = layers.SeparableConv2D(32, 3, activation="relu", name="conv_4")(y)
    y = layers.GlobalAveragePooling2D()(y)
    z = layers.concatenate([y, x] if swapped else [x, y])
    z = layers.Dense(16, activation="relu", name="fc_1")(z)
    return keras.Model([features, dmdt], layers.Dense(1, activation="sigmoid", name="fc_2")(z))


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("scale", [None, 26.0, 5.0])
def test_a_plain_keras_model_scores_the_same_once_it_is_ours(tmp_path, ending, scale):
    keras.utils.set_random_seed(1)
    model = plain(scale=scale)
    model.save(tmp_path / f"model.{ending}")
    network = load_network(tmp_path / f"model.{ending}", SHAPE)
    chance = np.random.default_rng(2)
    features = chance.normal(size=(9, 5)).astype(np.float32)
    dmdt = chance.uniform(size=(9, 26, 26)).astype(np.float32)
    theirs = keras.ops.convert_to_numpy(model([features, dmdt[..., None]]))[:, 0]
    assert nn.predict(network, features, dmdt, 1) == pytest.approx(theirs, abs=1e-5)


def test_a_model_written_by_keras_2_is_read(tmp_path):
    path = tmp_path / "model.h5"
    model = plain()
    model.save(path)
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        for layer in config["config"]["layers"]:
            if layer["class_name"] == "SeparableConv2D":
                zeros = {"class_name": "Zeros", "config": {}}
                layer["config"] |= {"groups": 1, "kernel_initializer": zeros}
                layer["config"] |= {"kernel_regularizer": None, "kernel_constraint": None}
        file.attrs["model_config"] = json.dumps(config)
    network = load_network(path, SHAPE)
    assert np.array_equal(network.weights[0], model.get_layer("dense_fc_1").get_weights()[0])


def test_a_network_of_ours_comes_back_as_it_was(tmp_path):
    network = new_network(5, True, True, 3)
    nn.save(network, tmp_path / "a.keras")
    again = load_network(tmp_path / "a.keras", SHAPE)
    assert all(map(np.array_equal, again.weights, network.weights))


def test_a_layer_that_differs_is_named(tmp_path):
    plain(width=48).save(tmp_path / "model.h5")
    with pytest.raises(ModelError, match=r"features_2 of ScopeNet.* differs is dense_fc_2"):
        load_network(tmp_path / "model.h5", SHAPE)


def test_another_number_of_features_is_named(tmp_path):
    nn.save(new_network(7, True, True, 3), tmp_path / "a.keras")
    with pytest.raises(ModelError, match="features_1 takes 7 features, 5 are asked for"):
        load_network(tmp_path / "a.keras", SHAPE)


def test_other_branches_are_refused(tmp_path):
    nn.save(new_network(5, True, False, 3), tmp_path / "a.keras")
    with pytest.raises(ConfigError, match="conv_branch=False; give these flags the same values"):
        load_network(tmp_path / "a.keras", SHAPE)


def test_the_same_layers_joined_otherwise_are_refused(tmp_path):
    plain(swapped=True).save(tmp_path / "model.keras")
    with pytest.raises(ModelError, match="joined otherwise"):
        load_network(tmp_path / "model.keras", SHAPE)


def test_a_file_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "model.h5").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="no whole Keras model"):
        load_network(tmp_path / "model.h5", SHAPE)


@pytest.mark.parametrize("ending", ["", ".keras", ".h5"])
def test_a_model_is_found_with_and_without_its_ending(tmp_path, ending):
    name = "vnv.20210324_220331"
    (tmp_path / f"{name}{ending}").touch()
    assert find_file(tmp_path / name) == tmp_path / f"{name}{ending}"
    assert find_file(tmp_path / f"{name}{ending}") == tmp_path / f"{name}{ending}"


def test_a_model_that_is_not_there_is_named_with_where_it_was_looked_for(tmp_path):
    with pytest.raises(ModelError, match=r"no such model; looked in .* vnv\.1, vnv\.1\.keras"):
        find_file(tmp_path / "vnv.1")
