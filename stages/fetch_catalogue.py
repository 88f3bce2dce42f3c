"""Stage fetch_catalogue: bring what is to be scored into the form of the data contract."""

from dataclasses import replace
from pathlib import Path

from scope.base.params import read_section
from scope.base.stage import run
from scope.config.dataset import DatasetParams
from scope.config.features import FeatureParams
from scope.config.split import SplitParams
from scope.config.taxonomy import label_names
from scope.data.fetch import Fetched, fetch, list_dropped, wanted_columns, write
from scope.data.held_out import held_out
from scope.tables.reading import read_table


def main(table_path: str, dropped_path: str) -> None:
    """Write the catalogue's table; the test split where the data set has no catalogue."""
    dataset = read_section("dataset", DatasetParams)
    write(_catalogue(dataset), Path(table_path), Path(dropped_path))


def _catalogue(dataset: DatasetParams) -> Fetched:
    if dataset.catalogue is None:
        training = read_table(Path(read_section("inputs.catalogue", str)))
        split = read_section("split", SplitParams)
        table = held_out(training, label_names(dataset), split, read_section("seed", int))
        return Fetched(table, list_dropped({}))
    conv_branch = read_section("training.conv_branch", bool)
    wanted = replace(
        wanted_columns(dataset, label_names(dataset), dmdt=conv_branch), labelled=False
    )
    features = read_section("features", FeatureParams)
    return fetch(dataset.catalogue, dataset, features, wanted)


if __name__ == "__main__":
    run(main)
