"""What calibration does to the scores of rows that no model has seen, and which kind does best.

Trains XGBoost on a folder that the stage scale wrote, as the stage train_xgb does: of each class
some random states, calibrated one by one. Run `dvc repro scale` first.
"""

import argparse
import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.base.params import read_params
from scope.config.training import TrainingParams, read_training
from scope.evaluation.curves import calibration_error
from scope.evaluation.metrics import measure
from scope.models.shared.calibration import learn, natural_weights
from scope.models.shared.examples import select_examples, take, training_set_of
from scope.models.shared.scaled import ScaledData, open_scaled
from scope.models.trees import boosting

KINDS = ("none", "platt", "isotonic")


def judge(truth: NDArray[np.bool_], score: NDArray[np.float32], bins: int) -> dict[str, float]:
    """Return Brier score, calibration error and average precision of one score."""
    found = measure(truth, score, 0.5, np.ones((1, len(truth))))
    error = calibration_error(truth, score.astype(np.float64), bins)
    return {
        "brier": float(found["brier"][0]),
        "calibration_error": error,
        "average_precision": float(found["average_precision"][0]),
    }


def measure_class(
    data: ScaledData, tag: str, training: TrainingParams, seeds: list[int]
) -> list[dict[str, object]]:
    """Return one row a state and kind, and one a kind for the mean over the states."""
    params = training.classes[tag]
    features = data.feature_sets[params.features]
    rows: list[dict[str, object]] = []
    kept: dict[str, list[NDArray[np.float32]]] = {kind: [] for kind in KINDS}
    for seed in seeds:
        examples = select_examples(data, tag, params, features, seed)
        training_set, test = training_set_of(data, examples), take(data, examples, examples.test)
        model, _ = boosting.fit(training_set, training, seed)
        val, unseen = (
            boosting.predict(model, part.features, part.dmdt, training.threads)
            for part in (training_set.val, test)
        )
        truth = training_set.val.truth > 0
        weight = natural_weights(truth, *examples.val_mix)
        known = {"class": tag, "val_positives": int(truth.sum()), "val_rows": len(truth)}
        for kind in KINDS:
            score = learn(kind, val, truth, weight).apply(unseen)
            kept[kind].append(score)
            rows.append({**known, "states": 1, "kind": kind, **judge(test.truth > 0, score, 10)})
    for kind, scores in kept.items():
        mean = np.mean(scores, axis=0)
        found = judge(test.truth > 0, mean, 10)
        rows.append({**known, "states": len(seeds), "kind": kind, **found})
    return rows


def summarise(rows: pd.DataFrame, edges: list[float]) -> pd.DataFrame:
    """Return means by positives in validation, states and kind; Brier as a ratio to kind none.

    The ratio is the geometric mean over the classes and states.
    """
    grouped = rows.assign(positives=pd.cut(rows["val_positives"], edges, right=False))
    known = ["class", "states", "positives"]
    mean = grouped.groupby([*known, "kind"], observed=True)[
        ["brier", "calibration_error", "average_precision"]
    ].mean()
    before = mean.xs("none", level="kind")["brier"]
    ratio = np.log(mean["brier"] / before.reindex(mean.index.droplevel("kind")).to_numpy())
    table = mean.assign(brier_ratio=ratio).groupby(["positives", "states", "kind"], observed=True)
    means = table.mean()
    means["brier_ratio"] = np.exp(means["brier_ratio"])
    means["classes"] = table.size()
    return means


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scaled", type=Path, default=Path("build/scaled"))
    parser.add_argument("--classes", nargs="*", help="default: those of params.yaml")
    parser.add_argument("--states", type=int, default=5)
    parser.add_argument("--balance", type=float, help="negatives a positive; default: params.yaml")
    args = parser.parse_args()
    training = read_training()
    if args.balance is not None:
        classes = {
            tag: dataclasses.replace(one, balance=args.balance)
            for tag, one in training.classes.items()
        }
        training = dataclasses.replace(training, classes=classes)
    data, seeds = open_scaled(args.scaled), list(range(1, args.states + 1))
    rows: list[dict[str, object]] = []
    for tag in args.classes or read_params()["classes"]:
        rows += measure_class(data, tag, training, seeds)
    table = summarise(pd.DataFrame(rows), [0, 50, 200, np.inf])
    print(table.round(4).to_string())


if __name__ == "__main__":
    main()
