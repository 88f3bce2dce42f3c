"""Training and use of ScopeNet; the same calls as scope.models.trees.boosting.

No TensorFlow: this room has the layers of `scope.nn.ScopeNet`, forward and backward, as compiled
kernels. What was found, and what was gained, on two cores, is in docs/training.md.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from scope.base.errors import ModelError
from scope.config.training import TrainingParams
from scope.models.networks.archives import load_network, save_network
from scope.models.networks.gradient import Rows, adam
from scope.models.networks.layout import Array
from scope.models.networks.network import Network, new_network
from scope.models.networks.thread_pool import NetworkThreads, network_threads
from scope.models.shared.algorithm import History, Watch
from scope.models.shared.examples import Part, TrainingSet
from scope.models.shared.measures import area_under_roc


@dataclass(frozen=True)
class Adam:
    """How Adam adapts its steps (Kingma and Ba 2015, ICLR); the defaults are those of Keras."""

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    amsgrad: bool = False


def seeds_of(params: TrainingParams) -> list[int]:
    """Return the seeds that are trained, a network each."""
    return params.seeds


def file_name(seed: int) -> str:
    """Return the name of the file that the network of `seed` is kept in."""
    return f"seed_{seed}.keras"


def settings_of(params: TrainingParams) -> dict[str, Any]:
    """Return the parameters that the networks depend on."""
    others = {"xgb", "classes", "threads", "older"}
    return {name: value for name, value in vars(params).items() if name not in others}


def fit(
    training_set: TrainingSet,
    params: TrainingParams,
    seed: int,
    start: Network | None = None,
    watch: Watch | None = None,
    adam: Adam = Adam(),
) -> tuple[Network, History]:
    """Train with Adam on the binary cross-entropy; keep the weights best for the validation rows.

    The learning rate is halved after every `lr_patience` epochs, training stops after `patience`
    epochs, without a better validation loss.

    Parameters
    ----------
    start : a network to go on with; None = a new one
    watch : is called after each epoch with what the history gets, and the epoch, from 1
    adam : constants of the optimizer

    Returns
    -------
    the network and, epoch by epoch, the loss in training and validation, the area under the ROC
    curve of the validation rows and the learning rate. The threads change nothing in it.

    Raises
    ------
    ModelError : the loss is not finite
    """
    shape = len(training_set.feature_names), params.dense_branch, params.conv_branch
    network = start or new_network(*shape, seed)
    with network_threads(network, params.threads) as pool:
        run = _Run(network, pool, training_set, params, adam, seed)
        history: History = []
        best, best_epoch, best_weights = math.inf, 0, run.weights
        for epoch in range(params.epochs):
            history.append(run.epoch())
            if watch:
                watch({"epoch": epoch + 1, **history[-1]})
            val_loss = history[-1]["val_loss"]
            if val_loss < best:
                best, best_epoch, best_weights = val_loss, epoch, run.weights.copy()
            waited = epoch - best_epoch
            if waited >= params.patience:
                break
            if waited and waited % params.lr_patience == 0:
                run.rate /= 2
    return network.with_weights(best_weights), history


class _Run:
    """A training under way: weights, moments of Adam, learning rate, chance."""

    def __init__(
        self,
        network: Network,
        pool: NetworkThreads,
        training_set: TrainingSet,
        params: TrainingParams,
        rule: Adam,
        seed: int,
    ) -> None:
        self.weights = network.flat()
        self.rate = params.learning_rate
        self._pool, self._data, self._params, self._rule = pool, training_set, params, rule
        self._rows = _rows(training_set.train, training_set.weights, params.label_smoothing)
        self._val_weight = _row_weights(training_set.val, training_set.weights)
        self._moments = np.zeros((3, self.weights.size), np.float32)
        self._chance = np.random.default_rng(seed)
        self._step = 0

    def epoch(self) -> dict[str, float]:
        """Pass over the training rows; return the losses and the rate of this epoch."""
        losses = [self._learn(batch) for batch in _order(self._chance, self._params, self._rows)]
        val = self._data.val
        logits = self._pool.logits(self.weights, val.features, val.dmdt).astype(np.float64)
        with np.errstate(invalid="ignore"):  # what is not finite is refused below
            entropy = np.logaddexp(0.0, logits) - logits * val.truth
        loss, val_loss = float(np.mean(losses)), float(np.mean(self._val_weight * entropy))
        if not (math.isfinite(loss) and math.isfinite(val_loss)):
            raise ModelError(
                f"the loss is {loss} in training, {val_loss} in validation; lower "
                "training.learning_rate"
            )
        area = area_under_roc(val.truth > 0, logits)
        return {"loss": loss, "val_loss": val_loss, "val_auc": area, "learning_rate": self.rate}

    def _learn(self, batch: NDArray[np.int32]) -> float:
        self._step += 1
        key = int(self._chance.integers(1 << 32))
        loss, grad = self._pool.gradient(self.weights, self._rows, batch, key)
        rule = self._rule
        adam(
            self.weights,
            grad,
            self._moments,
            self._step,
            (self.rate, rule.beta_1, rule.beta_2, rule.epsilon, rule.amsgrad),
        )
        return loss


def predict(
    network: Network,
    features: NDArray[np.float32],
    dmdt: NDArray[np.float32],
    threads: int,
) -> NDArray[np.float32]:
    """Return the score of each row, shape (n,).

    Parameters
    ----------
    features : scaled, shape (n, n_features)
    dmdt : dm-dt histograms, shape (n, 26, 26)
    threads : to share the rows, 0 = all cores; changes nothing in the scores
    """
    with network_threads(network, threads) as pool:
        logits = pool.logits(network.flat(), features, dmdt)
    return np.asarray(expit(logits), dtype=np.float32)


def save(network: Network, path: Path) -> None:
    """Write the network to `path`, which must end in .keras, the same to the byte each time."""
    save_network(network, path)


def load(path: Path) -> Network:
    """Return the network in `path`; ModelError where it does not hold any."""
    return load_network(path)


def _rows(part: Part, weights: tuple[float, float], label_smoothing: float) -> Rows:
    truth = part.truth * np.float32(1.0 - label_smoothing) + np.float32(label_smoothing / 2.0)
    return Rows(part.features, part.dmdt, truth, _row_weights(part, weights))


def _row_weights(part: Part, weights: tuple[float, float]) -> Array:
    negative, positive = weights
    return np.where(part.truth > 0, positive, negative).astype(np.float32)


def _order(chance: np.random.Generator, params: TrainingParams, rows: Rows) -> NDArray[np.int32]:
    """Return row numbers in chance order, shape (n_batches, rows a batch), all batches as long.

    Few rows are passed over several times, until they are `epoch_rows`: the weights of a rare
    class would else change too little between two looks at the validation loss. Fewer than
    n_batches rows sit out of an epoch.
    """
    n_rows = len(rows.truth)
    passes = -(-params.epoch_rows // n_rows)
    order = np.concatenate([chance.permutation(n_rows) for _ in range(passes)])
    n_batches = -(-len(order) // params.batch_size)
    size = len(order) // n_batches
    return order[: n_batches * size].reshape(n_batches, size).astype(np.int32)
