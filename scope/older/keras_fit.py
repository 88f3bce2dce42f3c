"""Training of ScopeNet by Keras, for what the kernels do not do: other optimizers, losses, GPUs."""

import logging
import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from scope.base.cores import cores
from scope.base.errors import ConfigError, ModelError
from scope.config.older import OlderParams
from scope.config.training import TrainingParams
from scope.models.networks.network import Network
from scope.models.networks.scopenet import ScopeNet, keras_network, network_of
from scope.models.shared.algorithm import History, Watch
from scope.models.shared.examples import Part, TrainingSet
from scope.older.flags import LARGER_IS_BETTER

ADAPTIVE = ("adam", "adamw", "adamax", "nadam", "lion")
WITH_EPSILON = ("adam", "adamw", "adamax", "nadam", "rmsprop", "adagrad", "adadelta")

logger = logging.getLogger(__name__)


def prepare(threads: int, seed: int) -> None:
    """Make TensorFlow repeat itself: fixed seeds, fixed threads, operations of fixed order.

    The number of threads, 0 = one a core, holds where TensorFlow has not computed anything in this
    process yet.
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    try:
        tf.config.threading.set_intra_op_parallelism_threads(cores(threads))
        tf.config.threading.set_inter_op_parallelism_threads(cores(threads))
    except RuntimeError:
        logger.warning("TensorFlow computes already; threads=%d is not obeyed", threads)


def use_device(gpu: int | None) -> None:
    """Let TensorFlow use one GPU, counted from 0, or (None) the processor alone.

    ConfigError where there is no such GPU: the message lists the devices that TensorFlow sees.
    """
    devices = tf.config.list_physical_devices()
    gpus = [device for device in devices if device.device_type == "GPU"]
    if gpu is not None and not 0 <= gpu < len(gpus):
        seen = ", ".join(device.name.removeprefix("/physical_device:") for device in devices)
        raise ConfigError(
            f"gpu is {gpu}, but no GPU:{gpu} is here (they are counted from 0); TensorFlow sees "
            f"{seen}; leave out --gpu to train on the processor"
        )
    chosen = [] if gpu is None else [gpus[gpu]]
    if gpus:
        tf.config.set_visible_devices(chosen, "GPU")


def fit(
    training_set: TrainingSet,
    params: TrainingParams,
    rule: OlderParams,
    seed: int,
    start: Network | None = None,
    watch: Watch | None = None,
) -> tuple[Network, History]:
    """Train as `rule` says; keep the weights that were best by `rule.monitor`.

    As by the kernels, the learning rate is halved after every `lr_patience` epochs without progress
    (with the callback reduce_lr_on_plateau) and training stops after `patience` of them (with
    early_stopping). The area under the ROC curve is Keras's, of 200 thresholds.

    Parameters
    ----------
    start : a network to go on with; None = a new one
    watch : is called after each epoch with what the history gets, and the epoch, from 1

    Raises
    ------
    ModelError : the loss is not finite
    """
    prepare(params.threads, seed)
    names = training_set.feature_names
    model = (
        keras_network(start)
        if start
        else ScopeNet(len(names), params.dense_branch, params.conv_branch)
    )
    model.compile(
        optimizer=optimizer_of(rule, params.learning_rate),
        loss=_each_row(rule.loss),
        metrics=[keras.metrics.AUC(name="auc")],
        run_eagerly=rule.run_eagerly,
        jit_compile=False,
    )
    course = _Course(params, rule, watch)
    model.fit(
        _Batches(training_set, params, rule.label_smoothing, seed),
        epochs=params.epochs,
        shuffle=False,
        verbose=0,
        validation_data=_arrays(training_set.val, training_set.weights),
        validation_batch_size=1024,
        callbacks=[course],
    )
    model.set_weights(course.best_weights)
    return network_of(model), course.history


def mean_loss(name: str, truth: NDArray[np.bool_], score: NDArray[np.float32]) -> float:
    """Return the loss of that name of Keras, a mean over the rows, of `truth` and `score` (n,)."""
    expected = keras.ops.convert_to_tensor(truth.astype(np.float32))
    values = _each_row(name)(expected, keras.ops.convert_to_tensor(score))
    return float(np.mean(keras.ops.convert_to_numpy(values), dtype=np.float64))


def optimizer_of(rule: OlderParams, learning_rate: float) -> Any:
    """Return the Keras optimizer that `rule` names, with those of its constants that it takes."""
    settings: dict[str, Any] = {"learning_rate": learning_rate}
    if rule.optimizer in ADAPTIVE:
        settings |= {"beta_1": rule.beta_1, "beta_2": rule.beta_2}
    if rule.optimizer in WITH_EPSILON:
        settings["epsilon"] = rule.epsilon
    if rule.optimizer in ("adam", "adamw"):
        settings["amsgrad"] = rule.amsgrad
    if rule.optimizer in ("sgd", "rmsprop"):
        settings["momentum"] = rule.momentum
    return keras.optimizers.get({"class_name": rule.optimizer, "config": settings})


def _each_row(name: str) -> Callable[[Any, Any], Any]:
    """Return a loss of one value a row: Keras takes the mean over the last axis, the rows."""
    loss = keras.losses.get(name)

    def of_rows(truth: Any, score: Any) -> Any:
        return loss(keras.ops.expand_dims(truth, -1), keras.ops.expand_dims(score, -1))

    return of_rows


def _arrays(part: Part, weights: tuple[float, float]) -> tuple[Any, Any, Any]:
    negative, positive = weights
    weight = np.where(part.truth > 0, positive, negative).astype(np.float32)
    return (part.features, part.dmdt), part.truth, weight


class _Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """The training rows in chance order, a new one each epoch, of `epoch_rows` rows at least."""

    def __init__(
        self, training_set: TrainingSet, params: TrainingParams, label_smoothing: float, seed: int
    ) -> None:
        super().__init__()
        inputs, truth, self._weight = _arrays(training_set.train, training_set.weights)
        self._features, self._dmdt = inputs
        self._truth = truth * np.float32(1.0 - label_smoothing) + np.float32(label_smoothing / 2)
        n_rows = len(self._truth)
        self._passes = -(-params.epoch_rows // n_rows)
        self._n_batches = -(-self._passes * n_rows // params.batch_size)
        self._chance = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self) -> int:
        return self._n_batches

    def __getitem__(self, batch: int) -> tuple[Any, Any, Any]:
        rows = self._order[batch]
        inputs = self._features[rows], self._dmdt[rows]
        return inputs, self._truth[rows], self._weight[rows]

    def on_epoch_end(self) -> None:
        """Draw the order of the next epoch."""
        n_rows = len(self._truth)
        passes = [self._chance.permutation(n_rows) for _ in range(self._passes)]
        self._order = np.array_split(np.concatenate(passes), self._n_batches)


class _Course(keras.callbacks.Callback):  # type: ignore[misc]
    """History, best weights, learning rate and end of a training."""

    def __init__(self, params: TrainingParams, rule: OlderParams, watch: Watch | None) -> None:
        super().__init__()
        self.history: History = []
        self.best_weights: list[Any] = []
        self._best, self._best_epoch = math.inf, 0
        self._params, self._rule, self._watch = params, rule, watch

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Note the epoch and decide what follows."""
        rate = float(self.model.optimizer.learning_rate)
        seen = {name: float((logs or {})[name]) for name in ("loss", "val_loss", "val_auc")}
        if not (math.isfinite(seen["loss"]) and math.isfinite(seen["val_loss"])):
            raise ModelError(
                f"the loss of epoch {epoch + 1} is {seen['loss']} in training, "
                f"{seen['val_loss']} in validation; lower the learning rate"
            )
        self.history.append({**seen, "learning_rate": rate})
        if self._watch:
            self._watch({"epoch": epoch + 1, **self.history[-1]})
        value = seen[self._rule.monitor]
        value = -value if self._rule.monitor in LARGER_IS_BETTER else value
        if value < self._best:
            self._best, self._best_epoch = value, epoch
            self.best_weights = self.model.get_weights()
        self._act_on(epoch - self._best_epoch, rate)

    def _act_on(self, waited: int, rate: float) -> None:
        if "early_stopping" in self._rule.callbacks and waited >= self._params.patience:
            self.model.stop_training = True
        elif (
            "reduce_lr_on_plateau" in self._rule.callbacks
            and waited
            and waited % self._params.lr_patience == 0
        ):
            self.model.optimizer.learning_rate.assign(rate / 2)
