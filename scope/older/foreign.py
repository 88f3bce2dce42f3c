"""Networks of plain Keras with the layers of ScopeNet, such as the older tool saved."""

from pathlib import Path
from typing import Any, Self

import keras
import numpy as np

from scope.base.errors import ModelError
from scope.models.networks.network import Network
from scope.models.networks.scopenet import ScopeNet, network_of
from scope.older.shape import Shape

TRIED_ROWS = 8  # on which a translated network must score as the file's
MESSAGE_LENGTH = 200
NO_LONGER_KNOWN = ("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint")


class _SeparableConv2D(keras.layers.SeparableConv2D):  # type: ignore[misc]
    """The layer as Keras 2 wrote it: with settings, all without effect, that Keras 3 refuses."""

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the layer."""
        known = {name: one for name, one in config.items() if name not in NO_LONGER_KNOWN}
        layer: Self = super().from_config(known)
        return layer


OF_KERAS_2 = {"SeparableConv2D": _SeparableConv2D}


def load_foreign(path: Path, shape: Shape) -> Network:
    """Return the network in a whole-model .keras or .h5 file of Keras 2 or 3.

    Layers are recognised by the shapes of their weights, which differ from layer to layer.

    Raises
    ------
    ModelError : it holds no network, or one of other layers (the one that differs is named) or of
        layers joined otherwise
    """
    try:
        source = keras.saving.load_model(path, OF_KERAS_2, compile=False)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:MESSAGE_LENGTH]
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
            alike = [one for one in left if isinstance(one, type(layer))]
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
    scales = [one.scale for one in _leaves(model) if isinstance(one, keras.layers.Rescaling)]
    return float(np.prod(scales)) if scales else 1.0


def _check_scores(source: Any, target: Any, path: Path) -> None:
    """Refuse a network of the same weights that computes something else from them."""
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
