"""How precise one random state, their ensemble, the trees and a random forest are, class by class.

    python benchmarks/quality.py build/scaled models

Run in the project's folder after `dvc repro` (or `dvc exp run -S dataset=crts`). Prints the average
precision on the test split: of the networks of the single states (their mean), of the calibrated
mean of the states that the pipeline reports, the same of XGBoost, and of benchmarks/forest.py.
"""

import argparse
from pathlib import Path
from types import ModuleType

import numpy as np
from forest import area
from sklearn.metrics import average_precision_score

from scope.base.params import read_section
from scope.evaluation.judging import TEST, read_scores
from scope.models.networks import training as nn
from scope.models.shared.cards import read_card
from scope.models.shared.examples import Part, select_examples, take
from scope.models.shared.scaled import ScaledData, open_scaled
from scope.models.shared.tasks import Task, read_task
from scope.models.trees import boosting

COLUMNS = ("one ScopeNet", "ScopeNet", "one XGBoost", "XGBoost", "random forest")


def test_part(data: ScaledData, task: Task) -> Part:
    """Return the rows of the test split, which all states share."""
    examples = select_examples(data, task.tag, task.params, task.features, task.training.seeds[0])
    return take(data, examples, examples.test)


def one_state(algorithm: ModuleType, folder: Path, test: Part) -> float:
    """Return the mean over the states of the average precision of each alone."""
    precisions = []
    for name in read_card(folder).files:
        model = algorithm.load(folder / name)
        scores = algorithm.predict(model, test.features, test.dmdt, 0)
        precisions.append(average_precision_score(test.truth > 0, scores))
    return float(np.mean(precisions))


def all_states(folder: Path) -> float:
    """Return the average precision of the scores that evaluate judges."""
    scores = read_scores(folder)[TEST]
    return float(average_precision_score(scores.truth, scores.score))


def row(data: ScaledData, task: Task, models: Path) -> tuple[int, list[float]]:
    """Return the positives of the test split and the average precisions, as in `COLUMNS`."""
    test = test_part(data, task)
    precisions = []
    for algorithm, name in ((nn, "dnn"), (boosting, "xgb")):
        folder = models / task.tag / name
        precisions += [one_state(algorithm, folder, test), all_states(folder)]
    positives, forest = area(data, task.tag, task.params, seed=1)
    return positives, [*precisions, forest]


def main() -> None:
    """Print one line a class and the mean."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scaled", type=Path, help="what the stage scale wrote")
    parser.add_argument("models", type=Path)
    arguments = parser.parse_args()
    data = open_scaled(arguments.scaled)
    print(f"| class | positives | {' | '.join(COLUMNS)} |\n|---|---|{'---|' * len(COLUMNS)}")
    rows = []
    for tag in read_section("classes", list[str]):
        positives, found = row(data, read_task(tag, arguments.scaled), arguments.models)
        rows.append(found)
        print(f"| {tag} | {positives} | {' | '.join(f'{one:.3f}' for one in found)} |", flush=True)
    print(f"| mean | | {' | '.join(f'{one:.3f}' for one in np.mean(rows, axis=0))} |")


if __name__ == "__main__":
    main()
