"""Losses, ROC and precision against recall of one training, as a picture."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scope.base.files import atomic_path
from scope.evaluation.curves import precision_recall, roc
from scope.models.shared.algorithm import History


def draw(
    history: History, truth: NDArray[np.bool_], score: NDArray[np.float32], title: str, out: Path
) -> None:
    """Draw three panels into the PNG file `out`.

    Parameters
    ----------
    history : losses, epoch by epoch
    truth, score : of the test rows, shape (n,), of both sides
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    losses, received, precise = figure.subplots(1, 3)
    epochs = range(1, len(history) + 1)
    for name, label in (("loss", "training"), ("val_loss", "validation")):
        losses.plot(epochs, [one[name] for one in history], marker=".", label=label)
    losses.set(xlabel="epoch", ylabel="loss", title="Loss")
    losses.legend()
    curve = roc(truth, score)
    received.plot(
        [float(one["false_positive_rate"]) for one in curve],
        [float(one["true_positive_rate"]) for one in curve],
    )
    received.plot([0, 1], [0, 1], color="0.7", linestyle=":")
    received.set(xlabel="false positive rate", ylabel="true positive rate", title="ROC, test rows")
    curve = precision_recall(truth, score)
    precise.plot(
        [float(one["recall"]) for one in curve], [float(one["precision"]) for one in curve]
    )
    precise.set(xlabel="recall", ylabel="precision", title="Precision and recall, test rows")
    for panel in (received, precise):
        panel.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    figure.suptitle(title)
    with atomic_path(out) as temporary:
        figure.savefig(temporary, dpi=120, metadata={"Software": None})
