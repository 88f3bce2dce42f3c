"""Choice among combinations of parameters by cross-validation that keeps sources whole."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scope.base.errors import DataError
from scope.config.training import BoostingParams, combinations
from scope.models.shared.examples import Part, TrainingSet
from scope.models.shared.measures import average_precision

logger = logging.getLogger(__name__)

Trial = Callable[[TrainingSet, Part, BoostingParams], tuple[NDArray[np.float32], int]]


@dataclass(frozen=True)
class Result:
    """How one combination did.

    Attributes
    ----------
    values : the parameters of the combination
    average_precision, spread : mean and standard deviation over the folds
    rounds : mean over the folds
    """

    values: dict[str, Any]
    average_precision: float
    spread: float
    rounds: float


def search(
    training_set: TrainingSet, params: BoostingParams, seed: int, trial: Trial
) -> list[Result]:
    """Try each combination of `params.grid` on `params.folds` folds of the training rows.

    The validation rows stop the trees of each fold as they do in the final training, so that the
    scores are of rows which they were neither trained nor stopped on.

    Parameters
    ----------
    seed : another seed gives other folds; all combinations are tried on the same ones
    trial : trains on some rows with some parameters; returns the scores of other rows,
        shape (n,), and the number of rounds

    Returns the results, best first; among equals, the combination that the grid names first.

    Raises
    ------
    ConfigError : as scope.config.training.combinations
    DataError : there are fewer sources of one side than folds
    """
    train = training_set.train
    fold = folds_of(train.sources, train.truth > 0, params.folds, seed)
    results = []
    for values in combinations(params):
        tried = replace(params, **values)
        found = [
            _judge(training_set, np.flatnonzero(fold == number), tried, trial)
            for number in range(params.folds)
        ]
        areas, rounds = np.array(found).T
        result = Result(values, float(areas.mean()), float(areas.std()), float(rounds.mean()))
        logger.info("%s: average precision %.4f +- %.4f", values, areas.mean(), areas.std())
        results.append(result)
    return sorted(results, key=lambda one: -one.average_precision)


def folds_of(
    sources: NDArray[np.int64], positive: NDArray[np.bool_], n_folds: int, seed: int
) -> NDArray[np.int64]:
    """Return the fold of each row, 0 to `n_folds` - 1, shape (n,), the same throughout a source.

    Sources with a positive row, and those without, are each dealt out evenly.

    Raises
    ------
    DataError : there are fewer sources of one side than folds
    """
    names, source = np.unique(sources, return_inverse=True)
    has_positive = np.bincount(source, weights=positive) > 0
    chance = np.random.default_rng(seed)
    fold = np.empty(len(names), dtype=np.int64)
    for side in (True, False):
        members = chance.permutation(np.flatnonzero(has_positive == side))
        if len(members) < n_folds:
            raise DataError(
                f"{len(members)} sources of the training rows are "
                f"{'positive' if side else 'negative'}, fewer than training.xgb.folds, {n_folds}; "
                "lower it or set training.xgb.grid to null for this class"
            )
        fold[members] = np.arange(len(members)) % n_folds
    return fold[source]


def _judge(
    training_set: TrainingSet, held_out: NDArray[np.int64], params: BoostingParams, trial: Trial
) -> tuple[float, int]:
    """Return the average precision on the rows held out, and the rounds."""
    rows = np.setdiff1d(np.arange(len(training_set.train.truth)), held_out)
    unseen = _rows(training_set.train, held_out)
    scores, rounds = trial(
        replace(training_set, train=_rows(training_set.train, rows)), unseen, params
    )
    return average_precision(unseen.truth > 0, scores), rounds


def _rows(part: Part, rows: NDArray[np.int64]) -> Part:
    return Part(**{one.name: getattr(part, one.name)[rows] for one in fields(part)})
