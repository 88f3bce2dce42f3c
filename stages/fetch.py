"""Stage fetch: bring the training set into the form of the data contract."""

from pathlib import Path

from scope.base.params import read_section
from scope.base.stage import run
from scope.config.dataset import DatasetParams
from scope.config.features import FeatureParams
from scope.config.taxonomy import label_names
from scope.data.fetch import fetch, wanted_columns, write


def main(table_path: str, dropped_path: str) -> None:
    """Write the training table, and what was left out of it and why, after checking params.yaml."""
    dataset = read_section("dataset", DatasetParams)
    features = read_section("features", FeatureParams)
    conv_branch = read_section("training.conv_branch", bool)
    wanted = wanted_columns(dataset, label_names(dataset), dmdt=conv_branch)
    fetched = fetch(dataset.training, dataset, features, wanted, md5=dataset.md5)
    write(fetched, Path(table_path), Path(dropped_path))


if __name__ == "__main__":
    run(main)
