"""XGBoost classifiers of the features; the same calls as scope.nn."""

import csv
import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

from scope.errors import ModelError
from scope.examples import Lesson, Part
from scope.params import TrainingParams

IMPORTANCE_FILE = "importance.csv"

logger = logging.getLogger(__name__)

History = list[dict[str, float]]


def seeds_of(params: TrainingParams) -> list[int]:
    """Return the seeds that are trained: the first, since trees vary little with theirs."""
    return params.seeds[:1]


def file_name(seed: int) -> str:
    """Return the name of the file that the model of `seed` is kept in."""
    del seed
    return "model.json"


def settings_of(params: TrainingParams) -> dict[str, Any]:
    """Return the parameters that the trees depend on."""
    return {"seeds": seeds_of(params), "threads": params.threads, "xgb": asdict(params.xgb)}


def fit(lesson: Lesson, params: TrainingParams, seed: int) -> tuple[xgboost.Booster, History]:
    """Grow trees until the loss on the validation rows has stopped falling; keep the best ones.

    Returns the model and, round by round, the logarithmic loss in training and validation.
    """
    losses: dict[str, dict[str, list[float]]] = {}
    train, val = (_matrix(part, lesson) for part in (lesson.train, lesson.val))
    grown = xgboost.train(
        _grower(params, seed),
        train,
        num_boost_round=params.xgb.rounds,
        evals=[(train, "train"), (val, "val")],
        early_stopping_rounds=params.xgb.early_stopping_rounds,
        evals_result=losses,
        verbose_eval=False,
    )
    model = grown[: grown.best_iteration + 1]
    model.feature_names = lesson.feature_names
    pairs = zip(losses["train"]["logloss"], losses["val"]["logloss"], strict=True)
    return model, [{"loss": loss, "val_loss": val_loss} for loss, val_loss in pairs]


def predict(
    model: xgboost.Booster,
    features: NDArray[np.float32],
    dmdt: NDArray[np.float32],
    threads: int,
) -> NDArray[np.float32]:
    """Return the score of each row, shape (n,); `features` has shape (n, n_features).

    `dmdt` is that of scope.nn and changes nothing here.
    """
    del dmdt
    model.set_param({"nthread": threads})
    scores = model.inplace_predict(features, validate_features=False)
    return np.asarray(scores, dtype=np.float32)


def save(model: xgboost.Booster, path: Path) -> None:
    """Write the trees to `path` and, beside it, the gain of each feature, greatest first."""
    document = json.loads(bytes(model.save_raw("json")))
    path.write_text(json.dumps(document, sort_keys=True), encoding="utf-8")
    gains: dict[str, Any] = dict(model.get_score(importance_type="gain"))
    total = sum(gains.values()) or 1.0
    shares = {name: gains.get(name, 0.0) / total for name in model.feature_names or []}
    with (path.parent / IMPORTANCE_FILE).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["feature", "gain"])
        for name in sorted(shares, key=lambda one: (-shares[one], one)):
            writer.writerow([name, f"{shares[name]:.6f}"])


def load(path: Path) -> xgboost.Booster:
    """Return the trees in `path`; ModelError where it does not hold any."""
    try:
        return xgboost.Booster(model_file=str(path))
    except xgboost.core.XGBoostError as error:
        reason = str(error).strip().splitlines()[-1]
        raise ModelError(f"{path} holds no XGBoost model ({reason}); train it again") from error


def _matrix(part: Part, lesson: Lesson) -> xgboost.DMatrix:
    negative, positive = lesson.weights
    weight = np.where(part.truth > 0, positive, negative)
    return xgboost.DMatrix(
        part.features, label=part.truth, weight=weight, feature_names=lesson.feature_names
    )


def _grower(params: TrainingParams, seed: int) -> dict[str, Any]:
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
        "nthread": params.threads,
        "seed": seed,
    }
