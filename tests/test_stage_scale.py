"""The stage scale: statistics of the training rows alone, the same bytes every time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from scope.base.constants import TEST, TRAIN
from scope.models.shared.scaled import ScaledData, open_scaled
from scope.tables.histograms import with_dmdt
from scope.tables.parquet import write_table
from stages.scale import main

N_ROWS = 120
FEATURE_SETS = {"phenomenological": ["skew", "period"], "ontological": ["period", "quad"]}


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    source = np.arange(N_ROWS) // 2
    frame = pd.DataFrame(
        {
            "_id": np.arange(N_ROWS) + 7,
            "obj_id": [f"ZTF{one}" for one in source],
            "ra": source * 1.0,
            "dec": source * 0.5,
            "period": rng.lognormal(size=N_ROWS),
            "skew": rng.normal(size=N_ROWS),
            "quad": rng.integers(1, 5, N_ROWS),
            "variable": (source % 2).astype(float),
            "EA": np.where(source % 5 == 0, np.nan, 0.0),
        }
    )
    return with_dmdt(frame, rng.random((N_ROWS, 26, 26), dtype=np.float32))


@pytest.fixture
def scale(root, tmp_path, monkeypatch) -> Callable[[pd.DataFrame, str], ScaledData]:
    """Run the stage on a table with the project's parameters and three features."""
    document = yaml.safe_load((root / "params.yaml").read_text())
    document["dataset"]["feature_sets"] = FEATURE_SETS
    monkeypatch.chdir(tmp_path)

    def run_on(table: pd.DataFrame, out: str, method: str = "median_std") -> ScaledData:
        document["scale"]["method"] = method
        Path("params.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
        write_table(table, Path("training.parquet"))
        main("training.parquet", out)
        return open_scaled(Path(out))

    return run_on


def test_rows_features_and_labels_keep_their_order(table, scale) -> None:
    data = scale(table, "scaled")
    assert data.ids.tolist() == table["_id"].tolist()
    assert data.feature_names == ["skew", "period", "quad"]
    assert data.label_names == ["variable", "EA"]
    np.testing.assert_array_equal(data.labels[:, 1], table["EA"].to_numpy(np.float32))
    order = np.argsort(table["skew"].to_numpy())
    assert (np.diff(data.features[order, 0]) >= 0).all()


def test_both_light_curves_of_a_source_are_on_one_side(table, scale) -> None:
    data = scale(table, "scaled")
    assert data.sources.tolist() == (np.arange(N_ROWS) // 2).tolist()
    assert (data.split[::2] == data.split[1::2]).all()


def test_test_rows_have_no_influence_on_the_scaling(table, scale) -> None:
    before = scale(table, "before")
    held_out = before.split == TEST
    table.loc[held_out, ["period", "skew"]] = 1e6
    after = scale(table, "after")
    statistics = [Path(run, "feature_stats.json").read_bytes() for run in ("before", "after")]
    assert statistics[0] == statistics[1]
    np.testing.assert_array_equal(before.features[~held_out], after.features[~held_out])
    assert (after.features[held_out, 1] > 1).all()


def test_the_training_rows_reach_from_0_to_1_if_asked(table, scale) -> None:
    data = scale(table, "scaled", "min_max")
    train = data.features[data.split == TRAIN]
    assert (train.min(axis=0).tolist(), train.max(axis=0).tolist()) == ([0, 0, 0], [1, 1, 1])


def test_the_training_rows_have_median_0_and_deviation_1(table, scale) -> None:
    data = scale(table, "scaled")
    train = data.features[data.split == TRAIN]
    np.testing.assert_allclose(np.median(train, axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(train.std(axis=0), 1, atol=1e-5)


def test_running_twice_gives_the_same_bytes(table, scale) -> None:
    scale(table, "one")
    scale(table, "two")
    for path in Path("one").iterdir():
        assert path.read_bytes() == Path("two", path.name).read_bytes()
