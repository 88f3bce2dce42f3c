"""The yardstick of both algorithms: a random forest on the same features and test split.

    python benchmarks/forest.py build/scaled --json reports/forest.json

Run in the project's folder after `dvc repro scale`. For each class of params.yaml, scikit-learn
grows 500 trees, both sides weighed alike in every tree, on all labelled rows of the training and
the validation split: no balancing, since a forest needs no rows to stop by. Prints a table of the
average precision on the test split.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import average_precision_score

from scope.base.files import write_json
from scope.base.params import read_section
from scope.config.training import ClassParams, read_classes
from scope.models.shared.examples import select_examples, take
from scope.models.shared.scaled import ScaledData, open_scaled

N_TREES = 500


def area(data: ScaledData, tag: str, params: ClassParams, seed: int) -> tuple[int, float]:
    """Return the positives of the test split and the average precision on it."""
    features = data.feature_sets[params.features]
    examples = select_examples(data, tag, replace(params, balance=None), features, seed)
    train = take(data, examples, np.concatenate([examples.train, examples.val]))
    test = take(data, examples, examples.test)
    forest = RandomForestClassifier(
        N_TREES, class_weight="balanced_subsample", random_state=seed, n_jobs=-1
    )
    forest.fit(train.features, train.truth)
    scores = forest.predict_proba(test.features)[:, 1]
    return int(test.truth.sum()), float(average_precision_score(test.truth, scores))


def main() -> None:
    """Print one line a class and the mean."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scaled", type=Path, help="what the stage scale wrote")
    parser.add_argument("--seed", type=int, default=1, help="of the trees")
    parser.add_argument("--json", type=Path, help="also written: class -> average precision")
    arguments = parser.parse_args()
    data = open_scaled(arguments.scaled)
    classes = read_classes()
    areas = {}
    print("| class | positives | random forest | seconds |\n|---|---|---|---|")
    for tag in read_section("classes", list[str]):
        started = time.monotonic()
        positives, areas[tag] = area(data, tag, classes[tag], arguments.seed)
        seconds = time.monotonic() - started
        print(f"| {tag} | {positives} | {areas[tag]:.3f} | {seconds:.0f} |", flush=True)
    print(f"| mean | | {np.mean(list(areas.values())):.3f} | |")
    if arguments.json:
        write_json(areas, arguments.json)


if __name__ == "__main__":
    main()
