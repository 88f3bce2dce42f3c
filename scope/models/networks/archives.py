"""Keras archives of ScopeNet, written and read without Keras, the same to the byte each time.

Keras needs TensorFlow, hence 5 s and 0.7 GB, to write 300 kB. An archive is a zip file of two
JSON documents, which name the class and how it is built, and an HDF5 file of its weights; that
Keras loads what is written here, and the other way round, is tested.
"""

import io
import json
import zipfile
import zlib
from pathlib import Path

import h5py
import numpy as np

from scope.base.errors import ModelError
from scope.models.networks.network import Network

CONFIG_FILE = "config.json"
METADATA_FILE = "metadata.json"
WEIGHTS_FILE = "model.weights.h5"
KERAS_FORMAT = "3.15.1"  # the version of Keras whose archives these are
FIXED_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a zip archive can hold
DENSE, CONVOLUTION = "dense", "separable_conv2d"
WEIGHTS_OF = {DENSE: 2, CONVOLUTION: 3}  # kernel(s) and bias


def save_network(network: Network, path: Path) -> None:
    """Write `network` to `path`, which must end in .keras, as a `scope.nn.ScopeNet`."""
    config = {
        "module": "scope.nn",
        "class_name": "ScopeNet",
        "config": {
            "name": "scope_net",
            "n_features": network.n_features,
            "dense_branch": network.dense_branch,
            "conv_branch": network.conv_branch,
        },
        "registered_name": "scope>ScopeNet",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (
            (CONFIG_FILE, json.dumps(config).encode()),
            (METADATA_FILE, json.dumps({"keras_version": KERAS_FORMAT}).encode()),
            (WEIGHTS_FILE, _weights_file(network)),
        ):
            archive.writestr(zipfile.ZipInfo(name, FIXED_DATE), content)


def load_network(path: Path) -> Network:
    """Return the network in `path`; ModelError where it holds no ScopeNet."""
    try:
        with zipfile.ZipFile(path) as archive:
            document = json.loads(archive.read(CONFIG_FILE))
            content = archive.read(WEIGHTS_FILE)
        kind, config = document["class_name"], document["config"]
        if kind != "ScopeNet":
            raise ModelError(f"{path} holds a {kind}, no ScopeNet; train it again")
        shape = config["n_features"], config["dense_branch"], config["conv_branch"]
        with h5py.File(io.BytesIO(content)) as file:
            names = _weight_names(shape[1:])
            weights = tuple(np.asarray(file[name], dtype=np.float32) for name in names)
        return Network(*shape, weights)
    except (OSError, ValueError, TypeError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"{path} holds no Keras network ({error}); train it again") from error


def _weights_file(network: Network) -> bytes:
    buffer = io.BytesIO()
    shape = network.n_features, network.dense_branch, network.conv_branch
    with h5py.File(buffer, "w") as file:
        for name, weight in zip(_weight_names(shape[1:]), network.weights, strict=True):
            file.create_dataset(name, data=weight, track_times=False)
    return buffer.getvalue()


def _weight_names(branches: tuple[bool, bool]) -> list[str]:
    """Return where Keras keeps each weight of a network with the given dense and convolutional
    branches, in the order of the weights.
    """
    present = [[DENSE] * 2] * branches[0] + [[CONVOLUTION] * 4] * branches[1]
    folders = ["layers/sequential", "layers/sequential_1"][: len(present)]
    names = []
    for folder, layers in [*zip(folders, present, strict=True), ("head", [DENSE] * 2)]:
        for number, layer in enumerate(layers):
            of_kind = f"{layer}_{number}" if number else layer
            names += [f"{folder}/layers/{of_kind}/vars/{i}" for i in range(WEIGHTS_OF[layer])]
    return names
