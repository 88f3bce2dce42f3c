"""One picture of a class for MLflow: its curves, scores, confusion and losses."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from scope.tracking.entry import Entry

COLOURS = {"dnn": "#0072b2", "xgb": "#d55e00"}
DASHES = {"training": ":", "validation": "-"}
Row = dict[str, str]


def draw(plots: Path, entry: Entry, out: Path) -> None:
    """Draw the tables in the folder `plots` to the PNG file `out`."""
    # Not pyplot: it needs no display and keeps no figure alive. Slow to load, so only here.
    from matplotlib.figure import Figure

    tables = {path.stem: _read(path) for path in plots.glob("*.csv")}
    figure = Figure(figsize=(12, 7))
    # A layout that fits itself to the labels takes as long as all else.
    axes = figure.subplots(2, 3)
    figure.subplots_adjust(0.06, 0.08, 0.99, 0.93, wspace=0.28, hspace=0.25)
    axes[1, 2].set_position([0.80, 0.08, 0.19, 0.38])
    _curve(axes[0, 0], tables["precision_recall"], "recall", "precision")
    _curve(axes[0, 1], tables["roc"], "false_positive_rate", "true_positive_rate")
    calibrated = [row for row in tables["reliability"] if row["scores"] == "calibrated"]
    _curve(axes[0, 2], calibrated, "mean_score", "share_positive")
    axes[0, 2].plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
    _histogram(axes[1, 0], tables["histogram"])
    _losses(axes[1, 1], tables["training"])
    _importance(axes[1, 2], tables["importance"])
    figure.suptitle(f"{entry.tag}: {entry.label}")
    figure.savefig(out, dpi=90)


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _of(rows: Iterable[Row], **wanted: str) -> list[Row]:
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def _numbers(rows: Iterable[Row], name: str) -> list[float]:
    return [float(row[name]) for row in rows]


def _curve(axes: Any, rows: list[Row], x: str, y: str) -> None:
    for algorithm, colour in COLOURS.items():
        own = _of(rows, algorithm=algorithm)
        axes.plot(_numbers(own, x), _numbers(own, y), color=colour, label=algorithm)
    names = x.replace("_", " "), y.replace("_", " ")
    axes.set(xlabel=names[0], ylabel=names[1], xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.legend(frameon=False)


def _histogram(axes: Any, rows: list[Row]) -> None:
    for algorithm, colour in COLOURS.items():
        for truth, dash in (("positive", "-"), ("negative", ":")):
            own = _of(rows, algorithm=algorithm, truth=truth)
            edges = [*_numbers(own, "score_low"), float(own[-1]["score_high"])]
            label = f"{algorithm}, {truth}"
            axes.stairs(_numbers(own, "count"), edges, color=colour, linestyle=dash, label=label)
    axes.set(xlabel="score", ylabel="light curves", yscale="symlog")
    axes.legend(frameon=False, fontsize="small")


def _losses(axes: Any, rows: list[Row]) -> None:
    for algorithm, colour in COLOURS.items():
        for part, dash in DASHES.items():
            for seed in sorted({row["seed"] for row in rows}):
                own = _of(rows, algorithm=algorithm, part=part, seed=seed)
                if own:
                    passes = np.array(_numbers(own, "pass"))
                    # Epochs and trees differ in number by ten times.
                    share = passes / passes.max()
                    axes.plot(share, _numbers(own, "loss"), dash, color=colour, linewidth=1)
    axes.set(xlabel="share of the training", ylabel="loss (dotted: training rows)", yscale="log")


def _importance(axes: Any, rows: list[Row]) -> None:
    first = rows[:12]
    names = [row["feature"] for row in first]
    axes.barh(names, _numbers(first, "gain"), color=COLOURS["xgb"])
    axes.invert_yaxis()
    axes.set(xlabel="share of the gain")
    axes.tick_params(axis="y", labelsize="small")
