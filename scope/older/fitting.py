"""Which engine trains a request, and the training itself."""

import logging

from scope.models.networks import training as nn
from scope.models.networks.network import Network
from scope.models.shared.algorithm import History, Watch
from scope.models.shared.examples import TrainingSet
from scope.older.flags import CALLBACKS
from scope.older.request import Request

KERNELS, KERAS = "compiled kernels", "Keras"

logger = logging.getLogger(__name__)


def why_keras(request: Request) -> str | None:
    """Return why the network is trained by Keras; None where the compiled kernels do it, faster.

    They have Adam on the binary cross-entropy, with both callbacks, watching the validation loss.
    """
    older, gpu = request.older, request.gpu
    reasons = {
        f"GPU:{gpu} is asked for": gpu is not None,
        "it is to run eagerly": older.run_eagerly,
        f"the optimizer is {older.optimizer}": older.optimizer != "adam",
        f"the loss is {older.loss}": older.loss != "binary_crossentropy",
        f"the monitor is {older.monitor}": older.monitor != "val_loss",
        f"the callbacks are {', '.join(older.callbacks) or 'none'}": (
            set(older.callbacks) != set(CALLBACKS)
        ),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def claim_device(request: Request) -> None:
    """Start TensorFlow where it will train, on its GPU; ConfigError where there is no such GPU.

    Before anything is read: threads cannot be set later, and a missing GPU shall cost no wait.
    """
    if why_keras(request):
        from scope.older.keras_fit import prepare, use_device

        prepare(request.training.threads, request.older.random_state)
        use_device(request.gpu)


def fit(
    request: Request, training_set: TrainingSet, start: Network | None, watch: Watch
) -> tuple[Network, History]:
    """Train the network of a request, from `start` or anew; `watch` is called after each epoch.

    Raises
    ------
    ModelError : the loss is not finite
    """
    reason = why_keras(request)
    older, seed = request.older, request.older.random_state
    if reason is None:
        logger.info("%s: trained by the %s of scope.models.networks", request.tag, KERNELS)
        constants = nn.Adam(older.beta_1, older.beta_2, older.epsilon, older.amsgrad)
        return nn.fit(training_set, request.training, seed, start, watch, constants)
    from scope.older import keras_fit

    logger.info("%s: trained by %s, since %s", request.tag, KERAS, reason)
    return keras_fit.fit(training_set, request.training, older, seed, start, watch)
