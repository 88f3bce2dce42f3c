"""Compile the kernels of ScopeNet into their cache: python -m scope.models.networks.warm."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from scope.models.networks.gradient import Rows, adam
from scope.models.networks.network import new_network
from scope.models.networks.thread_pool import NetworkThreads


def main() -> None:
    """Call every kernel as a training does, on eight rows of noise."""
    chance = np.random.default_rng(1)
    features = chance.normal(size=(8, 3)).astype(np.float32)
    dmdt = chance.random((8, 26, 26)).astype(np.float32)
    rows = Rows(features, dmdt, np.zeros(8, np.float32), np.ones(8, np.float32))
    network = new_network(3, True, True, 1)
    weights = network.flat()
    with ThreadPoolExecutor(1) as executor:
        pool = NetworkThreads(network, 1, executor)
        _, slope = pool.gradient(weights, rows, np.arange(8, dtype=np.int32), 1)
        pool.logits(weights, features, dmdt)
    moments = np.zeros((3, weights.size), np.float32)
    adam(weights, slope, moments, 1, (1e-3, 0.9, 0.999, 1e-7, False))


if __name__ == "__main__":
    main()
