"""The data of benchmarks/training.py: a large simulated sample, as CSV and as scaled arrays.

Made once, which takes some minutes, and kept in the folder that is given.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scope.base.constants import DMDT, TRAIN
from scope.base.params import read_section
from scope.config.dataset import DatasetParams, SourceFiles
from scope.config.features import FeatureParams
from scope.config.scale import ScaleParams
from scope.config.split import SplitParams
from scope.config.taxonomy import label_names
from scope.config.training import TrainingParams, read_class, read_training
from scope.data.fetch import fetch, wanted_columns
from scope.data.same_source import source_numbers
from scope.data.scaling import learn
from scope.data.splits import label_columns, split_table
from scope.models.shared.examples import Examples, TrainingSet, select_examples, training_set_of
from scope.models.shared.scaled import ScaledData, open_scaled, write_scaled
from scope.sample import SampleParams, generate
from scope.tables.histograms import dmdt_of
from scope.tables.parquet import write_table
from scope.tables.reading import read_table

SEED = 42


@dataclass(frozen=True)
class Data:
    """Where the benchmark's data are; `names` are the features that are trained on."""

    folder: Path
    names: list[str]

    @property
    def table(self) -> Path:
        """Return the d15-form CSV."""
        return self.folder / "training.csv"

    def open(self) -> ScaledData:
        """Open the scaled arrays."""
        return open_scaled(self.folder / "scaled")


@dataclass(frozen=True)
class Case:
    """One class: rows to learn from, to stop by and to test with, and what our way is given."""

    tag: str
    examples: Examples
    training_set: TrainingSet
    training: TrainingParams


def case_of(data: Data, tag: str, state: int) -> Case:
    """Return a class as the stage train sees it in one random state."""
    training, scaled = read_training(), data.open()
    examples = select_examples(scaled, tag, read_class(tag), data.names, state)
    return Case(tag, examples, training_set_of(scaled, examples), training)


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that say which data `prepare` makes."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=Path("build/benchmark"))
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--features", type=int, default=40)
    return parser


def prepare(folder: Path, n_rows: int, n_features: int) -> Data:
    """Return the data of so many light curves and features; make them where they are absent."""
    names_file = folder / "names.json"
    if not names_file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        names = _make(folder, n_rows, n_features)
        names_file.write_text(json.dumps(names))
    return Data(folder, json.loads(names_file.read_text()))


def _make(folder: Path, n_rows: int, n_features: int) -> list[str]:
    dataset = read_section("dataset", DatasetParams)
    names = dataset.feature_sets["phenomenological"][:n_features]
    contract = folder / "training.parquet"
    if not contract.exists():
        generate(SampleParams(n_training=int(0.53 * n_rows), n_catalogue=60), folder / "sample")
        files = folder / "sample" / "training"
        source = SourceFiles(
            objects=str(files / "objects.parquet"), lightcurves=str(files / "lightcurves.parquet")
        )
        wanted = wanted_columns(dataset, label_names(dataset), dmdt=True)
        features = read_section("features", FeatureParams)
        write_table(fetch(source, dataset, features, wanted).table, contract)
    frame = read_table(contract).head(n_rows)
    labels = label_columns(frame, label_names(dataset))
    split_params = read_section("split", SplitParams)
    split: NDArray[np.int8] = split_table(frame, labels, split_params, SEED)
    scaling = learn(frame[split == TRAIN], names, read_section("scale", ScaleParams), {})
    scaled = ScaledData(
        ids=frame["_id"].to_numpy(np.int64),
        sources=source_numbers(frame, split_params.radius_arcsec),
        split=split,
        features=scaling.apply(frame),
        feature_names=names,
        dmdt=dmdt_of(frame),
        labels=frame[labels].to_numpy(np.float32),
        label_names=labels,
    )
    write_scaled(scaled, scaling, folder / "scaled")
    columns = ["_id", "ra", "dec", "period", *names, *labels]
    plain = frame[list(dict.fromkeys(columns))].copy()
    plain[DMDT] = [json.dumps(one.astype(float).tolist()) for one in dmdt_of(frame)]
    plain.to_csv(folder / "training.csv", index=False)
    return names
