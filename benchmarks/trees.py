"""What a change of the trees does to average precision, without a look at the test split.

    python benchmarks/trees.py build/scaled dmdt=false max_depth=4,subsample=0.6
    python benchmarks/trees.py build/scaled --members 5

Run in the project's folder after `dvc repro scale`. The rows of the test split are left out, the
others are split anew for each draw, a quarter to judge by. Each variant changes some of
training.xgb; the first line is training.xgb as it stands. The differences to it, with their
standard error, are over the draws. With several members, as many models on redrawn validation
splits are averaged.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from scope.base.constants import TEST
from scope.base.params import read_section
from scope.base.settings import parse
from scope.base.stage import quiet_environment
from scope.config.split import SplitParams
from scope.config.training import BoostingParams, ClassParams, TrainingParams, read_training
from scope.data.splits import assign_splits
from scope.models.shared.examples import select_examples, take, training_set_of
from scope.models.shared.scaled import TYPES, ScaledData, open_scaled

SHARES = SplitParams(test_size=0.25, val_size=0.125, radius_arcsec=0.0)
CARRIED_ABOVE = 0.5


def draws(data: ScaledData, seeds: list[int]) -> Iterator[tuple[int, ScaledData]]:
    """Yield seeds and the rows outside the test split, split anew by each."""
    kept = np.flatnonzero(np.asarray(data.split) != TEST)
    rest = replace(data, **{name: np.asarray(getattr(data, name))[kept] for name in TYPES})
    sources = np.unique(rest.sources, return_inverse=True)[1].astype(np.int64)
    for seed in seeds:
        split = assign_splits(sources, rest.labels > CARRIED_ABOVE, SHARES, seed)
        yield seed, replace(rest, split=split)


def area(
    data: ScaledData, tag: str, params: ClassParams, training: TrainingParams, seeds: list[int]
) -> float:
    """Return the average precision of the mean over a model a seed on the rows to judge by."""
    from scope.models.trees import (
        boosting,  # loads OpenMP, which heeds what scope.stage has set by now
    )

    scores: list[NDArray[np.float32]] = []
    for seed in seeds:
        features = data.feature_sets[params.features]
        examples = select_examples(data, tag, params, features, seed)
        model, _ = boosting.fit(training_set_of(data, examples), training, seed)
        test = take(data, examples, examples.test)
        scores.append(boosting.predict(model, test.features, test.dmdt, 0))
    return float(average_precision_score(test.truth, np.mean(scores, axis=0)))


def variant(text: str, trees: BoostingParams) -> BoostingParams:
    """Return `trees` with the changes in text such as max_depth=4,dmdt=false."""
    changes: dict[str, Any] = {}
    for change in filter(None, text.split(",")):
        name, value = change.split("=")
        changes[name] = json.loads(value)
    return parse({**asdict(trees), **changes}, BoostingParams, "training.xgb")


def main() -> None:
    """Print one line a variant."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scaled", type=Path, help="what the stage scale wrote")
    parser.add_argument("variants", nargs="*", help="changes such as max_depth=4,dmdt=false")
    parser.add_argument(
        "--also", type=Path, nargs="+", default=[], help="the same rows scaled in another way"
    )
    parser.add_argument("--draws", type=int, default=3, help="of the split")
    parser.add_argument("--members", type=int, default=1, help="models that are averaged")
    arguments = parser.parse_args()
    quiet_environment()
    numbers = list(range(1, arguments.draws + 1))
    cases = list(draws(open_scaled(arguments.scaled), numbers))
    training = read_training()
    tags = read_section("classes", list[str])
    lines = [(text or "as it stands", cases, text) for text in ["", *arguments.variants]]
    lines += [(str(one), list(draws(open_scaled(one), numbers)), "") for one in arguments.also]
    first: NDArray[np.float64] | None = None
    print("| variant | average precision | difference | seconds a class |\n|---|---|---|---|")
    for name, known, text in lines:
        changed = replace(training, xgb=variant(text, training.xgb))
        started = time.monotonic()
        table = [
            [
                area(data, tag, training.classes[tag], changed, _members(seed, arguments.members))
                for tag in tags
            ]
            for seed, data in known
        ]
        means = np.mean(table, axis=1)
        first = means if first is None else first
        gains = means - first
        error = gains.std(ddof=1) / np.sqrt(len(gains)) if len(gains) > 1 else np.nan
        pace = (time.monotonic() - started) / means.size / len(tags)
        print(f"| {name} | {means.mean():.4f} | {gains.mean():+.4f} +- {error:.4f} | {pace:.2f} |")


def _members(draw: int, n_members: int) -> list[int]:
    return [100 * draw + number for number in range(n_members)]


if __name__ == "__main__":
    main()
