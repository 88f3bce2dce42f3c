"""What a change of training or scaling does to ScopeNet, without a look at the test split.

    python benchmarks/networks.py build/training.parquet build/scaled training.all_rows=false \
        scale.method=min_max,scale.log_features=[] class.weight_per_class=true

Run in the project's folder after `dvc repro scale`. The rows of the test split are left out, the
others are split anew for each draw, a quarter to judge by, at the natural mix of the classes. A
variant changes some of `training`, `scale` and the entry of each class (`class`); the first line is
the configuration as it stands. The features are scaled anew by the rows that train. Differences to
the first line, with their standard error, are over the draws; one network a class and draw.
"""

import argparse
import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score
from trees import draws

from scope.base.constants import TRAIN
from scope.base.params import read_section
from scope.base.settings import parse
from scope.config.scale import ScaleParams
from scope.config.training import ClassParams, TrainingParams, read_training
from scope.data.scaling import learn
from scope.models.networks import training as nn
from scope.models.shared.examples import select_examples, take, training_set_of
from scope.models.shared.scaled import ScaledData, open_scaled
from scope.tables.reading import read_table


@dataclass(frozen=True)
class Variant:
    """How networks are trained."""

    training: TrainingParams
    scale: ScaleParams
    class_changes: dict[str, Any]

    def params_of(self, tag: str) -> ClassParams:
        """Return the entry of a class, every row kept where `training.all_rows` is on."""
        params = replace(self.training.classes[tag], **self.class_changes)
        return replace(params, balance=None) if self.training.all_rows else params


def variant(text: str) -> Variant:
    """Return the configuration with changes such as training.epochs=20,scale.method=min_max."""
    changes: dict[str, dict[str, Any]] = {"training": {}, "scale": {}, "class": {}}
    for change in filter(None, text.split(",")):
        name, value = change.split("=")
        section, key = name.split(".")
        known = value[:1].isalpha() and value not in ("true", "false", "null")
        changes[section][key] = value if known else json.loads(value)
    training = read_training()
    scale = read_section("scale", ScaleParams)
    return Variant(
        parse({**asdict(training), **changes["training"]}, TrainingParams, "training"),
        parse({**asdict(scale), **changes["scale"]}, ScaleParams, "scale"),
        changes["class"],
    )


def scaled_anew(data: ScaledData, frame: pd.DataFrame, params: ScaleParams) -> ScaledData:
    """Return the same rows, their features scaled by those that train."""
    rows = frame.loc[np.asarray(data.ids)]
    scaling = learn(rows[np.asarray(data.split) == TRAIN], data.feature_names, params, {})
    return replace(data, features=scaling.apply(rows))


def area(data: ScaledData, tag: str, chosen: Variant, seed: int) -> float:
    """Return the average precision of a network on the rows to judge by."""
    params = chosen.params_of(tag)
    examples = select_examples(data, tag, params, data.feature_sets[params.features], seed)
    network, _ = nn.fit(training_set_of(data, examples), chosen.training, seed)
    test = take(data, examples, examples.test)
    scores = nn.predict(network, test.features, test.dmdt, chosen.training.threads)
    return float(average_precision_score(test.truth > 0, scores))


def main() -> None:
    """Print one line a variant."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", type=Path, help="what the stage fetch wrote")
    parser.add_argument("scaled", type=Path, help="what the stage scale wrote")
    parser.add_argument("variants", nargs="*", help="changes such as training.learning_rate=2e-3")
    parser.add_argument("--draws", type=int, default=2, help="of the split")
    parser.add_argument("--classes", nargs="+", default=read_section("classes", list[str]))
    arguments = parser.parse_args()
    frame = read_table(arguments.table).set_index("_id")
    cases = list(draws(open_scaled(arguments.scaled), list(range(1, arguments.draws + 1))))
    first: NDArray[np.float64] | None = None
    print("| variant | average precision | difference | seconds a class |\n|---|---|---|---|")
    for text in ["", *arguments.variants]:
        chosen, started, table = variant(text), time.monotonic(), []
        for seed, data in cases:
            anew = scaled_anew(data, frame, chosen.scale)
            table.append([area(anew, tag, chosen, seed) for tag in arguments.classes])
        means = np.mean(table, axis=1)
        first = means if first is None else first
        gains = means - first
        error = gains.std(ddof=1) / np.sqrt(len(gains)) if len(gains) > 1 else np.nan
        pace = (time.monotonic() - started) / np.size(table)
        print(
            f"| {text or 'as it stands'} | {means.mean():.4f} "
            f"| {gains.mean():+.4f} +- {error:.4f} | {pace:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
