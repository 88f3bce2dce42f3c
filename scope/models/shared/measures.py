"""Measures of how well scores tell positives from negatives, for training as for evaluation.

The definitions are those of scikit-learn, which takes longer to import than all of the work here.
"""

import math

import numpy as np
from numpy.typing import NDArray

Truth = NDArray[np.bool_]
Score = NDArray[np.floating]
Values = NDArray[np.float64]


def area_under_roc(truth: Truth, score: Score) -> float:
    """Return how often a positive outscores a negative, ties half (Mann and Whitney 1947).

    `truth` and `score` have shape (n,); NaN where one side is missing.
    """
    negatives = np.sort(score[~truth])
    if len(negatives) in (0, len(truth)):
        return math.nan
    below = [np.searchsorted(negatives, score[truth], side) for side in ("left", "right")]
    return float(np.mean(below) / len(negatives))


def ranked_counts(truth: Truth, score: Score, weights: Values) -> tuple[Score, Values, Values]:
    """Return the distinct scores, falling, and the positives and negatives at or above each.

    The scores have shape (n_distinct,), the weighted counts (n_weightings, n_distinct).
    """
    order = np.argsort(-score, kind="stable")
    falling = score[order]
    last = np.flatnonzero(np.append(np.diff(falling) != 0, True))
    ordered = weights[:, order]
    hits = np.cumsum(ordered * truth[order], axis=1)[:, last]
    alarms = np.cumsum(ordered * ~truth[order], axis=1)[:, last]
    return falling[last], hits, alarms


def average_precision(truth: Truth, score: Score) -> float:
    """Return the sum of precision times the gain in recall over falling scores.

    `truth` and `score` have shape (n,); NaN without a positive.
    """
    _, hits, alarms = ranked_counts(truth, score, np.ones((1, len(truth))))
    return float(average_precisions(hits, alarms)[0])


def average_precisions(hits: Values, alarms: Values) -> Values:
    """Return the average precision of each weighting, from counts of shape (n_weightings, n)."""
    steps = np.diff(hits, axis=1, prepend=0.0)
    called = hits + alarms
    precision = hits / np.where(called > 0, called, 1.0)
    return ratio(np.sum(steps * precision, axis=1), hits[:, -1])


def roc_areas(hits: Values, alarms: Values) -> Values:
    """Return the area under the ROC curve of each weighting, from counts (n_weightings, n)."""
    steps = np.diff(alarms, axis=1, prepend=0.0)
    middle = hits - np.diff(hits, axis=1, prepend=0.0) / 2.0
    return ratio(np.sum(steps * middle, axis=1), hits[:, -1] * alarms[:, -1])


def ratio(part: Values, whole: Values) -> Values:
    """Return part / whole, NaN where `whole` is 0."""
    quotient = np.full(part.shape, np.nan)
    np.divide(part, whole, out=quotient, where=whole > 0)
    return quotient
