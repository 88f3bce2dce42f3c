"""XGBoost classifiers of the features; the same calls as scope.models.networks.training.

Why as it is (measured in docs/experiments.md):

- Positives are weighed by `scale_pos_weight`, the quotient of the class weights, which is 1 where
  `weight_per_class` is off. The losses that are reported, and that stop the training, weigh every
  row alike: where positives are rare, the weighted loss of few of them stopped it too early.
- The logarithmic loss stops the training. The average precision of some dozens of validation rows
  jumps about, and stopped it too early.
- Beside its features a classifier gets 30 numbers of the dm-dt histogram (`xgb.dmdt`).
- A model a seed, each stopped by other validation rows: their mean is better than any of them.
- As many threads as there are cores for a seed: their number changes no byte of a model.
"""

import csv
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

from scope.base.errors import ModelError
from scope.config.training import BoostingParams, TrainingParams
from scope.models.shared.algorithm import History
from scope.models.shared.examples import Part, TrainingSet
from scope.models.trees.cross_validation import Result, search
from scope.models.trees.dmdt_summary import PREFIX, summarise, summary_names

GRID = "grid"  # the attribute of a model that holds the table of its grid

logger = logging.getLogger(__name__)


def seeds_of(params: TrainingParams) -> list[int]:
    """Return the seeds that are trained, a model each."""
    return params.seeds


def file_name(seed: int) -> str:
    """Return the name of the file that the model of `seed` is kept in."""
    return f"seed_{seed}.json"


def settings_of(params: TrainingParams) -> dict[str, Any]:
    """Return the parameters that the trees depend on."""
    return {"seeds": seeds_of(params), "xgb": asdict(params.xgb)}


def fit(
    training_set: TrainingSet, params: TrainingParams, seed: int
) -> tuple[xgboost.Booster, History]:
    """Grow trees until the loss on the validation rows has stopped falling; keep the best ones.

    Where `params.xgb.grid` is given, the combination with the best average precision in
    cross-validation (scope.models.trees.cross_validation) is grown.

    Returns the model and, round by round, the logarithmic loss in training and validation.

    Raises
    ------
    ConfigError : the grid is wrong
    DataError : there are too few sources for the folds of the grid
    """
    with_dmdt = params.xgb.dmdt and bool(training_set.train.dmdt.any())
    names = [*training_set.feature_names, *(summary_names() if with_dmdt else [])]
    if not params.xgb.grid:
        return _grow(training_set, params, names, seed)

    def trial(
        part: TrainingSet, unseen: Part, tried: BoostingParams
    ) -> tuple[NDArray[np.float32], int]:
        model, _ = _grow(part, replace(params, xgb=tried), names, seed)
        scores = predict(model, unseen.features, unseen.dmdt, params.threads)
        return scores, model.num_boosted_rounds()

    results = search(training_set, params.xgb, seed, trial)
    logger.info("seed %d: best of %d combinations %s", seed, len(results), results[0].values)
    best = replace(params.xgb, **results[0].values)
    model, history = _grow(training_set, replace(params, xgb=best), names, seed)
    model.set_attr(**{GRID: json.dumps([asdict(result) for result in results])})
    return model, history


def predict(
    model: xgboost.Booster,
    features: NDArray[np.float32],
    dmdt: NDArray[np.float32],
    threads: int,
) -> NDArray[np.float32]:
    """Return the score of each row, shape (n,).

    Parameters
    ----------
    features : scaled, shape (n, n_features)
    dmdt : dm-dt histograms, shape (n, 26, 26)
    threads : to share the rows, 0 = all cores; changes nothing in the scores
    """
    model.set_param({"nthread": threads})
    inputs = inputs_of(features, dmdt, model.feature_names or [])
    scores = model.inplace_predict(inputs, validate_features=False)
    return np.asarray(scores, dtype=np.float32)


def save(model: xgboost.Booster, path: Path) -> None:
    """Write the trees to `path`, seed_1.json for example, and tables beside it.

    seed_1_importance.csv lists the features by their share of the gain, greatest first;
    seed_1_grid.csv, where there was a grid, its combinations, best first.
    """
    document = json.loads(bytes(model.save_raw("json")))
    path.write_text(json.dumps(document, sort_keys=True), encoding="utf-8")
    gains: dict[str, Any] = dict(model.get_score(importance_type="gain"))
    total = sum(gains.values()) or 1.0
    shares = {name: gains.get(name, 0.0) / total for name in model.feature_names or []}
    names = sorted(shares, key=lambda one: (-shares[one], one))
    rows = [{"feature": name, "gain": f"{shares[name]:.6f}"} for name in names]
    _write_table(rows, importance_path(path))
    grid = model.attr(GRID)
    if grid:
        results = [Result(**one) for one in json.loads(grid)]
        _write_table([_row(result) for result in results], grid_path(path))
        logger.info("grid of %d combinations in %s", len(results), grid_path(path).name)


def importance_path(path: Path) -> Path:
    """Return where the importance of the features of the model in `path` is kept."""
    return path.with_name(f"{path.stem}_importance.csv")


def grid_path(path: Path) -> Path:
    """Return where the table of the grid that gave the model in `path` is kept."""
    return path.with_name(f"{path.stem}_grid.csv")


def load(path: Path) -> xgboost.Booster:
    """Return the trees in `path`; ModelError where it does not hold any."""
    try:
        return xgboost.Booster(model_file=str(path))
    except xgboost.core.XGBoostError as error:
        reason = str(error).strip().splitlines()[-1]
        raise ModelError(f"{path} holds no XGBoost model ({reason}); train it again") from error


def _grow(
    training_set: TrainingSet, params: TrainingParams, names: list[str], seed: int
) -> tuple[xgboost.Booster, History]:
    losses: dict[str, dict[str, list[float]]] = {}
    train, val = (_matrix(part, names) for part in (training_set.train, training_set.val))
    grown = xgboost.train(
        _booster_params(params, training_set.weights, seed),
        train,
        num_boost_round=params.xgb.rounds,
        evals=[(train, "train"), (val, "val")],
        early_stopping_rounds=params.xgb.early_stopping_rounds,
        evals_result=losses,
        verbose_eval=False,
    )
    model = grown[: grown.best_iteration + 1]
    model.feature_names = names
    pairs = zip(losses["train"]["logloss"], losses["val"]["logloss"], strict=True)
    return model, [{"loss": loss, "val_loss": val_loss} for loss, val_loss in pairs]


def _booster_params(
    params: TrainingParams, weights: tuple[float, float], seed: int
) -> dict[str, Any]:
    negative, positive = weights
    trees = params.xgb
    return {
        "objective": "binary:logistic",
        "eval_metric": "logloss",
        "tree_method": "hist",
        "learning_rate": trees.learning_rate,
        "max_depth": trees.max_depth,
        "subsample": trees.subsample,
        "colsample_bytree": trees.colsample_bytree,
        "min_child_weight": trees.min_child_weight,
        "reg_lambda": trees.reg_lambda,
        "scale_pos_weight": positive / negative,
        "nthread": params.threads,
        "seed": seed,
    }


def _matrix(part: Part, names: list[str]) -> xgboost.DMatrix:
    inputs = inputs_of(part.features, part.dmdt, names)
    return xgboost.DMatrix(inputs, label=part.truth, feature_names=names)


def inputs_of(
    features: NDArray[np.float32], dmdt: NDArray[np.float32], names: Sequence[str]
) -> NDArray[np.float32]:
    """Return what trees over `names` look at: the features and, where named, the summary."""
    if names and names[-1].startswith(PREFIX):
        return np.hstack([features, summarise(dmdt)])
    return features


def _row(result: Result) -> dict[str, Any]:
    return {
        **result.values,
        "average_precision": f"{result.average_precision:.4f}",
        "spread": f"{result.spread:.4f}",
        "rounds": f"{result.rounds:.1f}",
    }


def _write_table(rows: list[dict[str, Any]], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
