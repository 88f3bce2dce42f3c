"""A network to go on with: ours, or one of plain Keras with the same layers."""

import logging
from pathlib import Path

from scope.base.errors import ConfigError, ModelError
from scope.models.networks import training as nn
from scope.models.networks.network import Network
from scope.older.shape import Shape

ENDINGS = ("", ".keras", ".h5", ".hdf5")

logger = logging.getLogger(__name__)


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
        from scope.older.foreign import load_foreign

        return load_foreign(path, shape)
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
