"""Judge both algorithms of one class on rows they have not seen: metrics and plots."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from scope.base.errors import DataError, ModelError
from scope.base.files import atomic_path
from scope.config.evaluate import EvaluateParams
from scope.evaluation import curves
from scope.evaluation.curves import MAX_POINTS, Row
from scope.evaluation.metrics import (
    ONE_SIDED_NAMES,
    TEST_NAMES,
    Bootstrap,
    summarise,
    summarise_brier,
)
from scope.models.shared.cards import Card, read_card

TEST, DROPPED = "test", "dropped"
_SCORE_COLUMNS = ("score", "raw")
_SCHEMA = pa.schema(
    {
        "_id": "int64",
        "part": "string",
        "truth": "int8",
        "score": "float32",
        "raw": "float32",
        "spread": "float32",
    }
)


@dataclass(frozen=True)
class Scores:
    """The scores of one algorithm on one part of the rows, each array of shape (n,).

    Attributes
    ----------
    score : mean over the random states of the calibrated scores
    raw : mean of the scores as the models give them; `score` itself without calibration
    spread : standard deviation of the calibrated score over the states
    """

    ids: NDArray[np.int64]
    truth: NDArray[np.bool_]
    score: NDArray[np.float64]
    raw: NDArray[np.float64]
    spread: NDArray[np.float64]


def read_scores(folder: Path) -> dict[str, Scores]:
    """Return the scores of the parts "test" and "dropped" that a trained model left in `folder`.

    Raises
    ------
    DataError : scores.parquet is missing, broken, or holds a score outside [0, 1]
    """
    path = folder / "scores.parquet"
    try:
        with pq.ParquetFile(path) as file:
            columns = _arrays(file.read().select(_SCHEMA.names).cast(_SCHEMA))
    except (OSError, KeyError, pa.ArrowException) as error:
        raise DataError(f"{path} cannot be read ({error}); train the class again") from error
    for name in _SCORE_COLUMNS:
        values = columns[name]
        # Not (inside), rather than outside: NaN is neither below 0 nor above 1.
        outside = np.flatnonzero(~((values >= 0.0) & (values <= 1.0)))
        if len(outside):
            row = outside[0]
            raise DataError(
                f"{path}: column {name} has {len(outside)} values outside [0, 1], first "
                f"{values[row]} of _id {columns['_id'][row]}; train the class again"
            )
    return {part: _part(columns, columns["part"] == part) for part in (TEST, DROPPED)}


def read_card_of(folder: Path, tag: str) -> Card:
    """Return the card of the model in `folder`; ModelError where it is not one of class `tag`."""
    card = read_card(folder)
    if card.tag != tag:
        raise ModelError(f"{folder} holds a model of {card.tag}, not {tag}; give that of {tag}")
    return card


def read_history(folder: Path) -> list[Row]:
    """Return the loss of training and validation, pass by pass, that a training left in `folder`.

    A pass is an epoch of ScopeNet or a tree of XGBoost, counted from 1; the loss is the mean
    binary cross-entropy. Of many passes, at most `MAX_POINTS` of each seed are kept.
    """
    path = folder / "history.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
        losses: dict[str, list[tuple[float, float]]] = {}
        for row in table:
            pair = (float(row["loss"]), float(row["val_loss"]))
            losses.setdefault(row["seed"], []).append(pair)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} holds no losses ({error!r}); train the class again") from error
    rows: list[Row] = []
    for seed, pairs in losses.items():
        for i in np.unique(np.linspace(0, len(pairs) - 1, MAX_POINTS).astype(int)):
            for part, loss in zip(("training", "validation"), pairs[i], strict=True):
                rows.append(
                    {"seed": seed, "part": part, "pass": int(i) + 1, "loss": round(loss, 6)}
                )
    return rows


def evaluate(
    scores: dict[str, dict[str, Scores]], params: EvaluateParams, seed: int
) -> dict[str, Any]:
    """Return the metrics of every algorithm in `scores`, and the positives and negatives tested.

    Rows that balancing kept from training are judged apart, under `dropped`: nearly always all of
    one side, they have no curve, no average precision and no calibration error. Names that end in
    `_uncalibrated` are of the scores before calibration, all others of those after it.

    Raises
    ------
    DataError : the algorithms were not tested on the same rows, or these are all of one side
    """
    # Metrics compare only on the same rows.
    first = _same_test(scores)
    bootstrap = Bootstrap(params.bootstrap, params.confidence, seed)
    metrics: dict[str, Any] = {
        "positives": int(np.count_nonzero(first.truth)),
        "negatives": int(np.count_nonzero(~first.truth)),
    }
    for algorithm, parts in scores.items():
        metrics[algorithm] = {
            **_summary(parts[TEST], params, bootstrap, TEST_NAMES),
            **_calibration_errors(parts[TEST], params.reliability_bins),
        }
        dropped = parts[DROPPED]
        if len(dropped.truth):
            summary = _summary(dropped, params, bootstrap, ONE_SIDED_NAMES)
            # Of rows of one side, half of the measures are not defined: left out rather than null.
            known = {name: value for name, value in summary.items() if value is not None}
            metrics[algorithm][DROPPED] = known
    return metrics


def plot_tables(
    scores: dict[str, dict[str, Scores]], histories: dict[str, list[Row]], params: EvaluateParams
) -> dict[str, list[Row]]:
    """Return the rows of every plot by name; column `algorithm` tells the algorithms apart.

    `histories` are the rows of `read_history`, by algorithm.
    """
    tables: dict[str, list[Row]] = {}
    for algorithm, parts in scores.items():
        tested = parts[TEST]
        truth, score = tested.truth, tested.score
        wrong = (score > params.score_threshold) != truth
        drawn = {
            "precision_recall": curves.precision_recall(truth, score),
            "roc": curves.roc(truth, score),
            "confusion": curves.confusion(truth, score, params.score_threshold),
            "histogram": curves.histogram(truth, score, params.histogram_bins),
            "reliability": _reliability(tested, params),
            "spread": curves.spread_by_score(score, tested.spread, wrong, params.reliability_bins),
            "training": histories[algorithm],
        }
        for name, rows in drawn.items():
            tables.setdefault(name, []).extend({"algorithm": algorithm, **row} for row in rows)
    return tables


def write_csv(rows: list[Row], path: Path) -> None:
    """Write rows of equal keys as a CSV table."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _arrays(table: pa.Table) -> dict[str, NDArray[Any]]:
    """Return the columns as arrays; through DLPack, because `to_numpy` would import pandas."""
    numbers = [name for name in table.column_names if name != "part"]
    arrays = {name: np.from_dlpack(table[name].combine_chunks()) for name in numbers}
    return {**arrays, "part": np.array(table["part"].to_pylist(), dtype=np.str_)}


def _part(columns: dict[str, NDArray[Any]], rows: NDArray[np.bool_]) -> Scores:
    # Stored as float32; sums over thousands of rows want more digits.
    return Scores(
        ids=columns["_id"][rows],
        truth=columns["truth"][rows] == 1,
        score=columns["score"][rows].astype(np.float64),
        raw=columns["raw"][rows].astype(np.float64),
        spread=columns["spread"][rows].astype(np.float64),
    )


def _same_test(scores: dict[str, dict[str, Scores]]) -> Scores:
    """Return the tested rows, which must be the same for all algorithms and of both sides."""
    tests = {algorithm: parts[TEST] for algorithm, parts in scores.items()}
    (first_name, first), *others = tests.items()
    for name, other in others:
        same = np.array_equal(first.ids, other.ids) and np.array_equal(first.truth, other.truth)
        if not same:
            raise DataError(
                f"{first_name} and {name} were tested on different rows ({len(first.ids)} and "
                f"{len(other.ids)}, or in another order); train both again on one scaled data set"
            )
    n_positive = int(np.count_nonzero(first.truth))
    if n_positive in (0, len(first.truth)):
        raise DataError(
            f"the test split has {n_positive} positives among {len(first.truth)} rows; both sides "
            "are needed: enlarge split.test_size or leave the class out"
        )
    return first


def _summary(
    scores: Scores, params: EvaluateParams, bootstrap: Bootstrap, names: tuple[str, ...]
) -> dict[str, float | int | None]:
    truth, score, spread = scores.truth, scores.score, scores.spread
    right = (score > params.score_threshold) == truth
    return {
        **summarise(truth, score, params.score_threshold, bootstrap, names),
        **summarise_brier("brier_uncalibrated", truth, scores.raw, bootstrap),
        "mean_spread": _mean(spread),
        "spread_right": _mean(spread[right]),
        "spread_wrong": _mean(spread[~right]),
    }


def _calibration_errors(scores: Scores, n_bins: int) -> dict[str, float]:
    pairs = {"calibration_error": scores.score, "calibration_error_uncalibrated": scores.raw}
    return {
        name: round(curves.calibration_error(scores.truth, values, n_bins), 6)
        for name, values in pairs.items()
    }


def _reliability(scores: Scores, params: EvaluateParams) -> list[Row]:
    rows: list[Row] = []
    for name, values in (("calibrated", scores.score), ("uncalibrated", scores.raw)):
        found = curves.reliability(scores.truth, values, params.reliability_bins, params.confidence)
        rows.extend({"scores": name, **row} for row in found)
    return rows


def _mean(values: NDArray[np.float64]) -> float | None:
    return round(float(values.mean()), 6) if len(values) else None
