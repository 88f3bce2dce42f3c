"""Stage disagreements: unknown sources of which one algorithm is sure and the other denies."""

from pathlib import Path

import pandas as pd

from scope.base.params import read_section
from scope.base.stage import run
from scope.config.dataset import DatasetParams
from scope.config.disagreements import DisagreementParams
from scope.disagreements.known import features_of, known_sources
from scope.disagreements.rule import find_disagreements
from scope.tables.parquet import write_table
from scope.tables.reading import read_table


def main(predictions: str, training: str, scaled: str, catalogue: str, out: str) -> None:
    """Write the disagreements to `out` and their summary beside it, as JSON."""
    params = read_section("disagreements", DisagreementParams)
    dataset = read_section("dataset", DatasetParams)
    held_out = dataset.catalogue is None
    known = known_sources(Path(training), Path(scaled) if held_out else None)
    scores = read_table(Path(predictions))
    features = features_of(Path(catalogue), dataset.feature_sets, scores)
    found, summary = find_disagreements(
        pd.concat([scores, features], axis=1), known, params, predictions
    )
    write_table(found, Path(out))
    summary.to_json(Path(out).with_suffix(".json"))


if __name__ == "__main__":
    run(main)
