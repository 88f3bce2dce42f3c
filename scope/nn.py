"""Training and use of ScopeNet on TensorFlow; the same calls as scope.boosting."""

import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from scope.errors import ConfigError, ModelError
from scope.examples import Lesson, Part
from scope.keras_files import load_network, save_network
from scope.params import TrainingParams
from scope.scopenet import SIDE, ScopeNet

History = list[dict[str, float]]
Epoch = Callable[[Any], tuple[Any, Any]]
Forward = Callable[[list[Any], Any, Any], Any]


def seeds_of(params: TrainingParams) -> list[int]:
    """Return the seeds that are trained, a network each."""
    return params.seeds


def file_name(seed: int) -> str:
    """Return the name of the file that the network of `seed` is kept in."""
    return f"seed_{seed}.keras"


def settings_of(params: TrainingParams) -> dict[str, Any]:
    """Return the parameters that the networks depend on."""
    return {name: value for name, value in vars(params).items() if name not in {"xgb", "classes"}}


def fit(
    lesson: Lesson, params: TrainingParams, seed: int, start: ScopeNet | None = None
) -> tuple[ScopeNet, History]:
    """Train with Adam on the binary cross-entropy; keep the weights best for the validation rows.

    The learning rate is halved after every `lr_patience` epochs, training stops after `patience`
    epochs, without a better validation loss.

    Parameters
    ----------
    start : a network to go on with; None = a new one

    Returns the network and, epoch by epoch, the loss in training and validation and the rate.

    Raises
    ------
    ModelError : the loss is not finite
    """
    prepare(params.threads, seed)
    names = lesson.feature_names
    model = start or ScopeNet(len(names), params.dense_branch, params.conv_branch)
    optimizer = keras.optimizers.Adam(params.learning_rate)
    optimizer.build(model.trainable_variables)
    run_epoch = _epoch(model, optimizer, lesson)
    chance = np.random.default_rng(seed)
    history: History = []
    best, best_epoch, best_weights = math.inf, 0, model.get_weights()
    for epoch in range(params.epochs):
        order = _order(chance, len(lesson.train.truth), params)
        loss, val_loss = map(float, run_epoch(tf.constant(order)))
        rate = float(optimizer.learning_rate)
        history.append({"loss": loss, "val_loss": val_loss, "learning_rate": rate})
        _check_finite(loss, val_loss, epoch)
        if val_loss < best:
            best, best_epoch, best_weights = val_loss, epoch, model.get_weights()
        waited = epoch - best_epoch
        if waited >= params.patience:
            break
        if waited and waited % params.lr_patience == 0:
            optimizer.learning_rate.assign(rate / 2)
    model.set_weights(best_weights)
    return model, history


def prepare(threads: int, seed: int = 0) -> None:
    """Make TensorFlow repeat itself: fixed seeds, fixed threads, operations of fixed order.

    ConfigError where TensorFlow already runs with another number of threads.
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    if tf.config.threading.get_intra_op_parallelism_threads() == threads:
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError as error:
        raise ConfigError(
            f"training.threads: {threads} comes too late, TensorFlow has started with another "
            "number; use one number in a process"
        ) from error


def predict(
    model: ScopeNet, features: NDArray[np.float32], dmdt: NDArray[np.float32], batch_size: int
) -> NDArray[np.float32]:
    """Return the score of each row, shape (n,).

    Parameters
    ----------
    features : scaled, shape (n, n_features)
    dmdt : dm-dt histograms, shape (n, 26, 26)
    batch_size : rows at a time; bounds the memory
    """
    config = model.get_config()
    forward = _forward(config["n_features"], config["dense_branch"], config["conv_branch"])
    weights = [variable.value for variable in model.trainable_variables]
    scores = np.empty(len(features), dtype=np.float32)
    for first in range(0, len(features), batch_size):
        rows = slice(first, first + batch_size)
        scores[rows] = forward(weights, features[rows], dmdt[rows]).numpy()
    return scores


@functools.cache
def _forward(n_features: int, dense_branch: bool, conv_branch: bool) -> Forward:
    """Return the compiled network as a function of its weights: one for all networks of a shape.

    Compiling costs more than a second, a catalogue is scored by dozens of networks.
    """
    network = ScopeNet(n_features, dense_branch, conv_branch)
    others = [variable.value for variable in network.non_trainable_variables]

    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[
            [tf.TensorSpec(variable.shape) for variable in network.trainable_variables],
            tf.TensorSpec((None, n_features)),
            tf.TensorSpec((None, SIDE, SIDE)),
        ]
    )
    def forward(weights: list[Any], features: Any, dmdt: Any) -> Any:
        scores, _ = network.stateless_call(weights, others, (features, dmdt), training=False)
        return scores

    return forward  # type: ignore[no-any-return]


def save(model: ScopeNet, path: Path) -> None:
    """Write the network to `path`, which must end in .keras, the same to the byte each time."""
    save_network(model, path)


def load(path: Path, threads: int) -> ScopeNet:
    """Return the network in `path`; ModelError where it does not hold any."""
    prepare(threads)
    network: ScopeNet = load_network(path, ScopeNet)
    return network


def _order(chance: np.random.Generator, n_rows: int, params: TrainingParams) -> NDArray[np.int32]:
    """Return row numbers in chance order, shape (n_batches, rows a batch), all batches as long.

    Few rows are passed over several times, until they are `epoch_rows`: the weights of a rare
    class would else change too little between two looks at the validation loss. Fewer than
    n_batches rows sit out of an epoch.
    """
    passes = -(-params.epoch_rows // n_rows)
    order = np.concatenate([chance.permutation(n_rows) for _ in range(passes)])
    n_batches = -(-len(order) // params.batch_size)
    size = len(order) // n_batches
    return order[: n_batches * size].reshape(n_batches, size).astype(np.int32)


def _epoch(model: ScopeNet, optimizer: Any, lesson: Lesson) -> Epoch:
    """Return a pass over the training rows, compiled as a whole: steps started from Python
    would take longer than the arithmetic of these small networks.
    """
    train, val = _tensors(lesson.train, lesson.weights), _tensors(lesson.val, lesson.weights)
    variables = model.trainable_variables

    @tf.function  # type: ignore[untyped-decorator]
    def run_epoch(order: Any) -> tuple[Any, Any]:
        total = tf.constant(0.0)
        for rows in order:
            with tf.GradientTape() as tape:
                batch = [tf.gather(values, rows) for values in train]
                loss = _loss(model, *batch, training=True)
            optimizer.apply(tape.gradient(loss, variables), variables)
            total += loss
        return total / tf.cast(tf.shape(order)[0], tf.float32), _loss(model, *val, training=False)

    return run_epoch  # type: ignore[no-any-return]


def _tensors(part: Part, weights: tuple[float, float]) -> list[Any]:
    """Return features, dm-dt, truth and the weight of each row."""
    negative, positive = weights
    weight = np.where(part.truth > 0, positive, negative).astype(np.float32)
    return [tf.constant(values) for values in (part.features, part.dmdt, part.truth, weight)]


def _loss(
    model: ScopeNet, features: Any, dmdt: Any, truth: Any, weight: Any, *, training: bool
) -> Any:
    logits = model.logits(features, dmdt, training=training)
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=truth, logits=logits)
    return tf.reduce_mean(weight * entropy)


def _check_finite(loss: float, val_loss: float, epoch: int) -> None:
    if not (math.isfinite(loss) and math.isfinite(val_loss)):
        raise ModelError(
            f"the loss of epoch {epoch} is {loss} in training, {val_loss} in validation; lower "
            "training.learning_rate"
        )
