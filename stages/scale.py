"""Stage scale: split by source, learn the scaling on the training rows, apply it to every row."""

from pathlib import Path

import numpy as np

from scope.base.constants import TRAIN
from scope.base.params import read_section
from scope.base.stage import run
from scope.config.dataset import DatasetParams, union_of
from scope.config.scale import FeatureStats, ScaleParams
from scope.config.split import SplitParams
from scope.config.taxonomy import label_names
from scope.data.same_source import source_numbers
from scope.data.scaling import learn
from scope.data.splits import label_columns, split_table
from scope.models.shared.scaled import ScaledData, write_scaled
from scope.tables.histograms import dmdt_of
from scope.tables.reading import read_table


def main(table: str, out_dir: str) -> None:
    """Write scaled features, dm-dt, labels and splits of `table` below `out_dir`."""
    split_params = read_section("split", SplitParams)
    seed = read_section("seed", int)
    dataset = read_section("dataset", DatasetParams)
    names = union_of(dataset.feature_sets)
    reference = read_section("feature_stats", dict[str, FeatureStats])
    frame = read_table(Path(table))
    labels = label_columns(frame, label_names(dataset))
    split = split_table(frame, labels, split_params, seed)
    scaling = learn(frame[split == TRAIN], names, read_section("scale", ScaleParams), reference)
    data = ScaledData(
        ids=frame["_id"].to_numpy(np.int64),
        sources=source_numbers(frame, split_params.radius_arcsec),
        split=split,
        features=scaling.apply(frame),
        feature_names=names,
        dmdt=dmdt_of(frame),
        labels=frame[labels].to_numpy(np.float32),
        label_names=labels,
        feature_sets=dataset.feature_sets,
    )
    write_scaled(data, scaling, Path(out_dir))


if __name__ == "__main__":
    run(main)
