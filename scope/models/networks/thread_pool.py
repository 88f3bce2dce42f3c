"""Several threads on one network: the kernels let go of Python's lock while they run."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from scope.base.cores import cores
from scope.models.networks.convolution import chance
from scope.models.networks.gradient import Rows, add_gradient, logits
from scope.models.networks.kernels import compile_all
from scope.models.networks.layout import Array
from scope.models.networks.maps import new_maps
from scope.models.networks.network import Network

CHUNKS = 4  # parts of a batch whose gradients are summed one after another, however many threads
SCORED_AT_ONCE = 256  # rows; bounds the memory of the dense branch


@contextmanager
def network_threads(network: Network, threads: int) -> Iterator["NetworkThreads"]:
    """Give a pool for networks of one shape; the threads, 0 = one a core, end with the block."""
    threads = cores(threads)
    compile_all()
    with _ONE_BLAS_THREAD.held(), ThreadPoolExecutor(threads) as executor:
        yield NetworkThreads(network, threads, executor)


class _OneBlasThread:
    """The matrix library on one thread for as long as any pool is there.

    The matrices are so small that threads of its own would only be in the way. Its number of
    threads is one for the whole process and changes how sums are rounded: were it set back with
    the first of several pools that end, the others would go on with other roundings.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._holders = 0
        self._limit = ExitStack()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the matrix library on one thread within the block."""
        with self._lock:
            if not self._holders:
                self._limit.enter_context(threadpool_limits(1, user_api="blas"))
            self._holders += 1
        try:
            yield
        finally:
            with self._lock:
                self._holders -= 1
                if not self._holders:
                    self._limit.close()


_ONE_BLAS_THREAD = _OneBlasThread()


class NetworkThreads:
    """A thread pool with the scratch of each thread; how many they are changes no result."""

    def __init__(self, network: Network, threads: int, executor: ThreadPoolExecutor) -> None:
        self._network = network
        self._threads = threads
        self._executor = executor
        self._maps = [new_maps() for _ in range(threads)]
        self._grads = np.zeros((CHUNKS, network.flat().size), np.float32)
        self._losses = np.zeros(CHUNKS)

    def gradient(
        self, weights: Array, data: Rows, rows: NDArray[np.int32], key: int
    ) -> tuple[float, Array]:
        """Return the mean loss of `rows` of `data` with dropout `key`, and its gradient."""
        chunks = np.array_split(rows, CHUNKS)
        views = self._network.views_of(weights)

        def work(worker: int) -> None:
            for chunk in range(worker, CHUNKS, self._threads):
                self._grads[chunk] = 0.0
                self._losses[chunk] = add_gradient(
                    chunks[chunk],
                    data,
                    chance(np.uint32(key), np.uint32(chunk)),
                    views,
                    self._maps[worker],
                    self._network.views_of(self._grads[chunk]),
                )

        self._share_out(work)
        return float(self._losses.sum()) / len(rows), self._grads.sum(axis=0) / len(rows)

    def logits(self, weights: Array, features: Array, dmdt: Array) -> Array:
        """Return the logarithm of the odds of each row, shape (n,)."""
        views = self._network.views_of(weights)
        out = np.empty(len(features), np.float32)

        def work(worker: int) -> None:
            step = self._threads * SCORED_AT_ONCE
            for first in range(worker * SCORED_AT_ONCE, len(features), step):
                rows = slice(first, first + SCORED_AT_ONCE)
                out[rows] = logits(features[rows], dmdt[rows], views, self._maps[worker])

        self._share_out(work)
        return out

    def _share_out(self, work: Callable[[int], None]) -> None:
        if self._threads == 1:
            work(0)
            return
        for _ in self._executor.map(work, range(self._threads)):
            pass
