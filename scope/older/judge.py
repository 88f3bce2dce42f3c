"""The figures of the final table: how the network does on rows that it has not seen."""

import numpy as np
from numpy.typing import NDArray

from scope.evaluation.metrics import measure

BINARY_CROSSENTROPY = "binary_crossentropy"
SMALLEST = 1e-7  # probability that the loss still takes, as Keras has it
COUNTS = ("tp", "fp", "tn", "fn")
Figures = dict[str, float | int | None]


def figures(
    truth: NDArray[np.bool_], score: NDArray[np.float32], threshold: float, loss: str
) -> Figures:
    """Return loss, counts, accuracy, precision, recall, AUC and F1 of rows called positive above
    `threshold`; None where one is not defined, as the AUC of positives alone.

    Parameters
    ----------
    truth, score : shape (n,)
    loss : name of the loss, a mean over the rows
    """
    if not len(truth):
        return {}
    found = measure(truth, score, threshold, np.ones((1, len(truth))))
    shown = {name: _number(found[name][0]) for name in ("accuracy", "precision", "recall")}
    return {
        "loss": _number(_loss(truth, score, loss)),
        **{name: int(found[name][0]) for name in COUNTS},
        **shown,
        "auc": _number(found["roc_auc"][0]),
        "f1": _number(found["f1"][0]),
    }


def _number(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None


def _loss(truth: NDArray[np.bool_], score: NDArray[np.float32], loss: str) -> float:
    if loss != BINARY_CROSSENTROPY:
        from scope.older.keras_fit import mean_loss

        return mean_loss(loss, truth, score)
    likely = np.clip(score.astype(np.float64), SMALLEST, 1.0 - SMALLEST)
    return float(-np.mean(np.log(np.where(truth, likely, 1.0 - likely))))
