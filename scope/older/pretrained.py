"""A network to go on with: ours, or one of plain Keras with the same layers."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scope import nn
from scope.engine.network import Network
from scope.errors import ConfigError, ModelError

ENDINGS = ("", ".keras", ".h5", ".hdf5")
TRIED_ROWS = 8  # on which a translated network must score as the file's

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shape:
    """What a network is to look at."""

    n_features: int
    dense_branch: bool
    conv_branch: bool


def find_file(path: Path) -> Path:
    """Return `path`, or `path` with the ending .keras, .h5 or .hdf5, whichever is a file."""
    for ending in ENDINGS:
        candidate = path.with_name(path.name + ending)
        if candidate.is_file():
            return candidate
    tried = ", ".join(f"{path.name}{ending}" for ending in ENDINGS)
    raise ModelError(f"{path}: no such model; looked in {path.parent} for {tried}")


def load_network(path: Path, shape: Shape) -> Network:
    """Return the network in a .keras or .h5 file, ours or of plain Keras with the same layers.

    Raises
    ------
    ModelError : it holds no network, or one of other layers; the layer that differs is named
    ConfigError : it looks at other branches than it is to
    """
    network = _ours(path)
    if network is None:
        return _of_keras(path, shape)
    if Shape(network.n_features, network.dense_branch, network.conv_branch) == shape:
        return network
    if network.n_features != shape.n_features and network.dense_branch and shape.dense_branch:
        raise ModelError(
            f"{path}: layer features_1 takes {network.n_features} features, {shape.n_features} are "
            "asked for; give --features those it was trained with"
        )
    if (network.dense_branch, network.conv_branch) != (shape.dense_branch, shape.conv_branch):
        raise ConfigError(
            f"{path} has dense_branch={network.dense_branch} and "
            f"conv_branch={network.conv_branch}; give these flags the same values"
        )
    return Network(shape.n_features, shape.dense_branch, shape.conv_branch, network.weights)


def _ours(path: Path) -> Network | None:
    if path.suffix != ".keras":
        return None
    try:
        return nn.load(path)
    except ModelError as error:
        logger.info("%s is not of this project (%s); read by Keras", path, error)
        return None


def _of_keras(path: Path, shape: Shape) -> Network:
    import keras

    from scope.scopenet import ScopeNet, network_of

    try:
        source = keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(
            f"{path} holds no whole Keras model ({reason}); save one with model.save"
        ) from error
    target = ScopeNet(shape.n_features, shape.dense_branch, shape.conv_branch)
    _copy_layers(source, target, path)
    _check_scores(source, target, path)
    return network_of(target)


def _leaves(model: Any) -> list[Any]:
    """Return the layers in a model, those of models in it among them."""
    inner = getattr(model, "layers", None)
    return [model] if inner is None else [leaf for one in inner for leaf in _leaves(one)]


def _shapes(layer: Any) -> list[tuple[int, ...]]:
    return [tuple(variable.shape) for variable in layer.weights]


def _copy_layers(source: Any, target: Any, path: Path) -> None:
    """Give each layer of `target` the weights of the first layer of its shapes left in `source`."""
    left = [layer for layer in _leaves(source) if layer.weights]
    for layer in (one for one in _leaves(target) if one.weights):
        fitting = next((one for one in left if _shapes(one) == _shapes(layer)), None)
        if fitting is None:
            alike = [one for one in left if type(one).__name__ == type(layer).__name__]
            raise ModelError(
                f"{path}: no layer is like {layer.name} of ScopeNet, with weights "
                f"{_shapes(layer)}; the first that differs is {_described(alike)}"
            )
        left.remove(fitting)
        layer.set_weights(fitting.get_weights())
    if left:
        raise ModelError(f"{path}: ScopeNet has no layer like {_described(left)}")
    _adopt_scale(source, target)


def _described(layers: list[Any]) -> str:
    if not layers:
        return "none, since the file has fewer of its kind"
    return f"{layers[0].name} with weights {_shapes(layers[0])}"


def _adopt_scale(source: Any, target: Any) -> None:
    """Let the first convolution make up for dm-dt that the file's network scales otherwise."""
    if not target.of_dmdt:
        return
    first = next(one for one in _leaves(target.of_dmdt) if one.weights)
    depthwise, *others = first.get_weights()
    first.set_weights([depthwise * (_scale(source) / _scale(target)), *others])


def _scale(model: Any) -> float:
    scales = [one.scale for one in _leaves(model) if type(one).__name__ == "Rescaling"]
    return float(np.prod(scales)) if scales else 1.0


def _check_scores(source: Any, target: Any, path: Path) -> None:
    """Refuse a network of the same weights that computes something else from them."""
    import keras

    chance = np.random.default_rng(0)
    features = chance.normal(size=(TRIED_ROWS, target.n_features)).astype(np.float32)
    dmdt = chance.uniform(size=(TRIED_ROWS, 26, 26, 1)).astype(np.float32) / 26
    inputs = [features if len(one.shape) == 2 else dmdt for one in source.inputs]
    inputs = [
        given[..., 0] if len(one.shape) == 3 else given
        for given, one in zip(inputs, source.inputs, strict=True)
    ]
    plain = keras.Model(list(source.inputs), source.outputs[0])
    theirs = np.ravel(keras.ops.convert_to_numpy(plain(inputs if len(inputs) > 1 else inputs[0])))
    ours = np.ravel(keras.ops.convert_to_numpy(target((features, dmdt[..., 0]))))
    if not np.allclose(theirs, ours, atol=1e-4):
        raise ModelError(
            f"{path}: its layers are those of ScopeNet, but they are joined otherwise: it scores "
            f"{theirs[0]:.4f} where ScopeNet scores {ours[0]:.4f}; train anew"
        )
