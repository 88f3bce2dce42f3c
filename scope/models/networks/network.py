"""ScopeNet as plain arrays: what is trained, saved and applied."""

import math
from dataclasses import dataclass

import numpy as np

from scope.base.errors import ConfigError, ModelError
from scope.models.networks.layout import Array, Views, keras_shapes, views


@dataclass(frozen=True)
class Network:
    """A ScopeNet; `weights` are those of the Keras class of that name, in its order and shapes."""

    n_features: int
    dense_branch: bool
    conv_branch: bool
    weights: tuple[Array, ...]

    def __post_init__(self) -> None:
        """Refuse weights of other shapes (ModelError), a network of no branch (ConfigError)."""
        if not (self.dense_branch or self.conv_branch):
            raise ConfigError(
                "training.dense_branch and training.conv_branch are both false; turn one on"
            )
        found = [weight.shape for weight in self.weights]
        expected = keras_shapes(self.n_features, self.dense_branch, self.conv_branch)
        if found != expected:
            raise ModelError(f"the network has weights of shapes {found}, ScopeNet {expected}")

    def flat(self) -> Array:
        """Return a copy of the weights behind one another."""
        return np.concatenate([weight.ravel() for weight in self.weights])

    def views_of(self, flat: Array) -> Views:
        """Return the parts of a vector as long as `flat`."""
        return views(flat, self.n_features, self.dense_branch, self.conv_branch)

    def with_weights(self, flat: Array) -> "Network":
        """Return the network of the same shape with the weights in `flat`."""
        shape = self.n_features, self.dense_branch, self.conv_branch
        ends = np.cumsum([math.prod(one) for one in keras_shapes(*shape)])
        parts = np.split(flat.copy(), ends[:-1])
        shapes = keras_shapes(*shape)
        weights = [part.reshape(one) for part, one in zip(parts, shapes, strict=True)]
        return Network(*shape, tuple(weights))


def new_network(n_features: int, dense_branch: bool, conv_branch: bool, seed: int) -> Network:
    """Return a network with the initial weights that Keras draws by default.

    Kernels: uniform within sqrt(6 / (fan in + fan out)) of zero (Glorot and Bengio 2010, AISTATS),
    where a fan counts the channels times the taps of the kernel; biases: zero.
    """
    chance = np.random.default_rng(seed)
    weights = []
    for shape in keras_shapes(n_features, dense_branch, conv_branch):
        field = math.prod(shape[:-2])
        limit = math.sqrt(6.0 / (field * sum(shape[-2:]))) if len(shape) > 1 else 0.0
        weights.append(chance.uniform(-limit, limit, shape).astype(np.float32))
    return Network(n_features, dense_branch, conv_branch, tuple(weights))
