"""The curves and counts behind the plots of one classifier, as rows of small tables.

Figures are rounded to six digits; a curve keeps at most `MAX_POINTS` points and both its ends.
"""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from scope.models.shared.measures import Score, Truth, Values, ranked_counts

MAX_POINTS = 200
Row = dict[str, str | int | float]


def precision_recall(truth: Truth, score: Score) -> list[Row]:
    """Return precision and recall at falling thresholds, from nothing called to everything.

    Nothing called has recall 0 and, by convention, precision 1; its threshold is that of the
    highest score. Needs a positive row.
    """
    thresholds, hits, alarms = ranked_counts(truth, score, np.ones((1, len(truth))))
    recall = np.append(0.0, hits[0] / hits[0, -1])
    precision = np.append(1.0, hits[0] / (hits[0] + alarms[0]))
    return _curve({"recall": recall, "precision": precision}, thresholds)


def roc(truth: Truth, score: Score) -> list[Row]:
    """Return true against false positive rate at falling thresholds, from (0, 0) to (1, 1).

    Needs a positive and a negative row.
    """
    thresholds, hits, alarms = ranked_counts(truth, score, np.ones((1, len(truth))))
    false_rate = np.append(0.0, alarms[0] / alarms[0, -1])
    true_rate = np.append(0.0, hits[0] / hits[0, -1])
    return _curve({"false_positive_rate": false_rate, "true_positive_rate": true_rate}, thresholds)


def confusion(truth: Truth, score: Score, threshold: float) -> list[Row]:
    """Return the four counts of the confusion matrix with their share of the true class."""
    called = score > threshold
    rows: list[Row] = []
    for actual in (True, False):
        size = np.count_nonzero(truth == actual)
        for predicted in (True, False):
            count = int(np.count_nonzero((truth == actual) & (called == predicted)))
            share = round(count / size, 6) if size else 0.0
            names: Row = {"truth": _side(actual), "predicted": _side(predicted)}
            rows.append({**names, "count": count, "share": share})
    return rows


def histogram(truth: Truth, score: Score, n_bins: int) -> list[Row]:
    """Return how many positives and negatives have a score in each of `n_bins` equal bins."""
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    rows: list[Row] = []
    for actual in (True, False):
        # Edges rather than a count of bins: NumPy would fit their range to the scores.
        counts, _ = np.histogram(score[truth == actual], bins=edges)
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
            bounds: Row = {"score_low": round(float(low), 6), "score_high": round(float(high), 6)}
            rows.append({"truth": _side(actual), **bounds, "count": int(count)})
    return rows


def reliability(truth: Truth, score: Score, n_bins: int, confidence: float) -> list[Row]:
    """Return mean score and share of positives in each of `n_bins` equal bins that holds rows.

    `share_low` and `share_high` bound the share by Wilson's interval (1927, J. Am. Stat. Assoc.
    22, 209) at the given confidence.
    """
    place = np.minimum((score * n_bins).astype(np.int64), n_bins - 1)
    counts = np.bincount(place, minlength=n_bins)
    positives = np.bincount(place, weights=truth, minlength=n_bins)
    scores = np.bincount(place, weights=score, minlength=n_bins)
    rows: list[Row] = []
    for n, n_positive, summed in zip(counts, positives, scores, strict=True):
        if n == 0:
            continue
        low, high = wilson(n_positive / n, int(n), confidence)
        figures = {
            "mean_score": summed / n,
            "share_positive": n_positive / n,
            "share_low": low,
            "share_high": high,
        }
        row: Row = {name: round(float(value), 6) for name, value in figures.items()}
        rows.append({**row, "count": int(n)})
    return rows


def calibration_error(truth: Truth, score: Score, n_bins: int) -> float:
    """Return the expected calibration error, 0 where every score is the share it stands for.

    Naeini et al. 2015, Proc. AAAI 29, 2901.

    It is the mean over the rows of |mean score - share of positives| of their bin. The bins hold
    equal counts of rows of rising score; rows of equal score share a bin.
    """
    # Bins of equal counts: nearly all scores of a rare class lie near 0, so that of bins of equal
    # width the first would decide alone.
    below = np.searchsorted(np.sort(score), score)
    place = below * n_bins // len(score)
    # Summed over a bin, score less truth is its size times the gap: no division by the size.
    excess = np.bincount(place, weights=score - truth.astype(np.float64), minlength=n_bins)
    return float(np.sum(np.abs(excess)) / len(score))


def spread_by_score(score: Score, spread: Score, wrong: Truth, n_bins: int) -> list[Row]:
    """Return mean score and mean spread in each of `n_bins` equal bins of score that holds rows.

    Parameters
    ----------
    score, spread : of each row, shape (n,)
    wrong : whether it is called wrongly, shape (n,)
    """
    place = np.minimum((score * n_bins).astype(np.int64), n_bins - 1)
    counts = np.bincount(place, minlength=n_bins)
    scores = np.bincount(place, weights=score, minlength=n_bins)
    spreads = np.bincount(place, weights=spread, minlength=n_bins)
    mistakes = np.bincount(place, weights=wrong, minlength=n_bins)
    edges = np.linspace(0.0, 1.0, n_bins + 1).round(6).tolist()
    return [
        {
            "score_low": edges[i],
            "score_high": edges[i + 1],
            "mean_score": round(float(scores[i] / counts[i]), 6),
            "mean_spread": round(float(spreads[i] / counts[i]), 6),
            "count": int(counts[i]),
            "wrong": int(mistakes[i]),
        }
        for i in np.flatnonzero(counts)
    ]


def wilson(share: float, n: int, confidence: float) -> tuple[float, float]:
    """Return Wilson's interval of a share found among `n` rows."""
    # Unlike the normal approximation it stays within [0, 1] and has a width where all rows or none
    # are positive (Wilson 1927).
    z = NormalDist().inv_cdf((1.0 + confidence) / 2.0)
    middle = share + z * z / (2 * n)
    half = z * np.sqrt(share * (1.0 - share) / n + z * z / (4 * n * n))
    scale = 1.0 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def thin(x: Values, y: Values, n_points: int) -> NDArray[np.int64]:
    """Return the positions of at most `n_points` points, even along the curve, ends included.

    Even in the path |dx| + |dy| rather than in number: of a rare class, nearly all points of
    the curve would otherwise lie where nothing happens.
    """
    if len(x) <= n_points:
        return np.arange(len(x))
    path = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
    steps = np.linspace(0.0, path[-1], n_points)
    chosen = np.searchsorted(path, steps[1:-1])
    return np.unique(np.concatenate([[0], chosen, [len(x) - 1]]))


def _curve(columns: dict[str, Values], thresholds: Score) -> list[Row]:
    at = np.append(thresholds[0], thresholds)
    x, y = columns.values()
    kept = thin(x, y, MAX_POINTS)
    table = {**columns, "threshold": at}
    return [{name: round(float(values[i]), 6) for name, values in table.items()} for i in kept]


def _side(positive: bool) -> str:
    return "positive" if positive else "negative"
