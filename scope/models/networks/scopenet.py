"""ScopeNet as a Keras class: the neural network of features and dm-dt histograms.

The layers are those of arXiv:2102.11304, section 3. The pipeline trains and applies them by
the kernels of this room; this class is for work in Keras, and loads what the pipeline has saved.
"""

from typing import Any

import keras

from scope.base.errors import ConfigError
from scope.models.networks.layout import FEATURE_UNITS, FILTERS, HEAD_UNITS, SIDE
from scope.models.networks.network import Network


@keras.saving.register_keras_serializable(package="scope")
class ScopeNet(keras.Model):  # type: ignore[misc]
    """Probability that a light curve is of the class, from (features, dm-dt).

    Features, shape (n, n_features), pass a dense branch; dm-dt histograms, shape (n, 26, 26), a
    branch of separable convolutions. Either branch may be off, its input is then ignored.
    """

    def __init__(
        self,
        n_features: int,
        dense_branch: bool = True,
        conv_branch: bool = True,
        name: str = "scope_net",
        **kwargs: Any,
    ) -> None:
        """Build the network with new weights; ConfigError when both branches are off."""
        super().__init__(name=name, **kwargs)
        if not (dense_branch or conv_branch):
            raise ConfigError(
                "training.dense_branch and training.conv_branch are both false; turn one on"
            )
        self.n_features = n_features
        self.of_features = _dense_branch(n_features) if dense_branch else None
        self.of_dmdt = _conv_branch() if conv_branch else None
        width = sum(one.output_shape[-1] for one in (self.of_features, self.of_dmdt) if one)
        self.head = _head(width)
        self.built = True

    def logits(self, features: Any, dmdt: Any, *, training: bool = False) -> Any:
        """Return the logarithm of the odds of each row, shape (n,)."""
        branches = []
        if self.of_features:
            branches.append(self.of_features(features, training=training))
        if self.of_dmdt:
            branches.append(self.of_dmdt(dmdt[..., None], training=training))
        return self.head(keras.ops.concatenate(branches, axis=-1), training=training)[..., 0]

    def call(self, inputs: tuple[Any, Any], training: bool = False) -> Any:
        """Return the score of each row, shape (n,), of a pair (features, dmdt)."""
        return keras.ops.sigmoid(self.logits(*inputs, training=training))

    def get_config(self) -> dict[str, Any]:
        """Return what `__init__` needs to build the same network."""
        return {
            "name": self.name,
            "n_features": self.n_features,
            "dense_branch": self.of_features is not None,
            "conv_branch": self.of_dmdt is not None,
        }


def keras_network(network: Network) -> ScopeNet:
    """Return `network` as a Keras model."""
    model = ScopeNet(network.n_features, network.dense_branch, network.conv_branch)
    model.set_weights(list(network.weights))
    return model


def network_of(model: ScopeNet) -> Network:
    """Return the weights of a Keras model as a network that the kernels go on with."""
    config = model.get_config()
    shape = config["n_features"], config["dense_branch"], config["conv_branch"]
    return Network(*shape, tuple(variable.numpy() for variable in model.trainable_variables))


def _dense_branch(n_features: int) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((n_features,)),
            layers.Dense(FEATURE_UNITS[0], activation="relu", name="features_1"),
            layers.Dropout(0.25, name="features_dropout"),
            layers.Dense(FEATURE_UNITS[1], activation="relu", name="features_2"),
        ],
        name="dense_branch",
    )


def _conv_branch() -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            layers.Rescaling(float(SIDE), name="dmdt_scale"),  # norm 1 -> root mean square 1
            layers.SeparableConv2D(FILTERS[0], 3, activation="relu", name="dmdt_1"),
            layers.SeparableConv2D(FILTERS[1], 3, activation="relu", name="dmdt_2"),
            layers.Dropout(0.25, name="dmdt_dropout_1"),
            layers.MaxPooling2D(2, name="dmdt_pool"),
            layers.SeparableConv2D(FILTERS[2], 3, activation="relu", name="dmdt_3"),
            layers.SeparableConv2D(FILTERS[3], 3, activation="relu", name="dmdt_4"),
            layers.Dropout(0.25, name="dmdt_dropout_2"),
            layers.GlobalAveragePooling2D(name="dmdt_average"),
        ],
        name="conv_branch",
    )


def _head(width: int) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((width,)),
            layers.Dropout(0.4, name="head_dropout"),
            layers.Dense(HEAD_UNITS, activation="relu", name="head_1"),
            layers.Dense(1, name="head_2"),
        ],
        name="head",
    )
