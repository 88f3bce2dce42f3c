"""Stage scale: split by source, learn the scaling on the training rows, apply it to every row."""

from pathlib import Path

import numpy as np

from scope.params import (
    DatasetParams,
    FeatureStats,
    ScaleParams,
    SplitParams,
    read_section,
)
from scope.scaled import ScaledData, union_of, write_scaled
from scope.scaling import learn
from scope.splits import TRAIN, label_columns, source_numbers, split_table
from scope.stage import run
from scope.tables import dmdt_of, read_table
from scope.taxonomy import label_names


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
