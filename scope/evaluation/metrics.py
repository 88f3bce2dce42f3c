"""How well scores tell positives from negatives: point values and bootstrap intervals.

The definitions are scikit-learn's. They are written out because every one is computed for all
resamplings at once, and because importing scikit-learn takes longer than all of the work here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scope.models.shared.measures import (
    Score,
    Truth,
    Values,
    average_precisions,
    ranked_counts,
    ratio,
    roc_areas,
)

TEST_NAMES = (
    "precision",
    "recall",
    "f1",
    "accuracy",
    "false_positive_rate",
    "average_precision",
    "roc_auc",
    "mcc",
    "brier",
)
ONE_SIDED_NAMES = ("accuracy", "recall", "false_positive_rate", "brier")
# Weights held at a time: 16 MB of float64, whatever the number of rows and resamplings.
_CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Bootstrap:
    """Resampling of the rows: how often, the share of resamplings inside the interval, the seed."""

    resamplings: int
    confidence: float
    seed: int


def summarise(
    truth: Truth, score: Score, threshold: float, bootstrap: Bootstrap, names: tuple[str, ...]
) -> dict[str, float | int | None]:
    """Return the named measures, each with `<name>_low` and `<name>_high`, and the four counts.

    A row, of `truth` (n,) and `score` (n,) in [0, 1], is called positive where its score is above
    `threshold`; `names` are among those of `measure`. A measure that is not defined, as precision
    where nothing is called positive, is None.

    Rows are resampled, positives and negatives each among themselves, so an interval holds at the
    shares found; light curves of one star count as independent, which makes it a little narrow.
    """
    point = measure(truth, score, threshold, np.ones((1, len(truth))))
    # Resamplings as weights of the rows (how often each is drawn): the scores are then sorted once
    # for a whole block of them.
    draws = [measure(truth, score, threshold, w) for w in resample(truth, bootstrap)]
    summary: dict[str, float | int | None] = {}
    for name in names:
        drawn = np.concatenate([draw[name] for draw in draws])
        summary |= _with_interval(name, point[name][0], drawn, bootstrap.confidence)
    for name in ("tp", "fp", "tn", "fn"):
        summary[name] = int(point[name][0])
    return summary


def summarise_brier(
    name: str, truth: Truth, score: Score, bootstrap: Bootstrap
) -> dict[str, float | None]:
    """Return the Brier score alone as `name`, `<name>_low` and `<name>_high`, as `summarise` does.

    The rows are resampled as in `summarise` with the same `bootstrap`.
    """
    point = brier(truth, score, np.ones((1, len(truth))))[0]
    drawn = np.concatenate([brier(truth, score, w) for w in resample(truth, bootstrap)])
    return _with_interval(name, point, drawn, bootstrap.confidence)


def resample(truth: Truth, bootstrap: Bootstrap) -> Iterator[Values]:
    """Yield how often each row is drawn, shape (n_draws, n), some resamplings at a time."""
    generator = np.random.default_rng(bootstrap.seed)
    strata = [np.flatnonzero(side) for side in (truth, ~truth) if np.any(side)]
    block = max(1, _CELLS_AT_ONCE // len(truth))
    for start in range(0, bootstrap.resamplings, block):
        n_draws = min(block, bootstrap.resamplings - start)
        weights = np.empty((n_draws, len(truth)))
        for rows in strata:
            drawn = generator.integers(len(rows), size=(n_draws, len(rows)))
            # Numbers of rows shifted by draw: one bincount counts all draws of a block.
            cells = drawn + len(rows) * np.arange(n_draws)[:, np.newaxis]
            counts = np.bincount(cells.ravel(), minlength=n_draws * len(rows))
            weights[:, rows] = counts.reshape(n_draws, len(rows))
        yield weights


def measure(truth: Truth, score: Score, threshold: float, weights: Values) -> dict[str, Values]:
    """Return every measure for every weighting of the rows, each of shape (n_weightings,).

    `weights` has shape (n_weightings, n). NaN where a measure is not defined; Matthews'
    coefficient (MCC) is 0, its limit, where everything is called alike.
    """
    called = score > threshold
    tp, fn = weights @ (truth & called), weights @ (truth & ~called)
    fp, tn = weights @ (~truth & called), weights @ (~truth & ~called)
    total = weights.sum(axis=1)
    spread = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    _, hits, alarms = ranked_counts(truth, score, weights)
    return {
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, tp + fn),
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
        "accuracy": ratio(tp + tn, total),
        "false_positive_rate": ratio(fp, fp + tn),
        "average_precision": average_precisions(hits, alarms),
        "roc_auc": roc_areas(hits, alarms),
        # Matthews 1975, Biochim. Biophys. Acta 405, 442.
        "mcc": np.where(spread > 0, (tp * tn - fp * fn) / np.where(spread > 0, spread, 1.0), 0.0),
        "brier": brier(truth, score, weights),
        "tp": tp,
        "fp": fp,
        "tn": tn,
        "fn": fn,
    }


def brier(truth: Truth, score: Score, weights: Values) -> Values:
    """Return the mean square of score less truth, shape (n_weightings,); Brier (1950)."""
    squares = np.square(score - truth, dtype=np.float64)
    return ratio(weights @ squares, weights.sum(axis=1))


def _with_interval(
    name: str, point: float, drawn: Values, confidence: float
) -> dict[str, float | None]:
    # Precision is not defined in a resampling that calls nothing: those say nothing of its spread.
    finite = drawn[np.isfinite(drawn)]
    known = bool(np.isfinite(point)) and len(finite) > 0
    tail = (1.0 - confidence) / 2.0
    bounds = {
        # The percentile interval: Efron & Tibshirani 1993, An Introduction to the Bootstrap.
        f"{name}_{side}": _rounded(np.quantile(finite, level)) if known else None
        for side, level in (("low", tail), ("high", 1.0 - tail))
    }
    return {name: _rounded(point), **bounds}


def _rounded(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None
