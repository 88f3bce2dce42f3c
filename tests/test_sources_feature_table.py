"""Feature tables: the form of the d15 data set, and what is wrong with others."""

import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from datasets import dataset

from scope.base.errors import DataError
from scope.data.columns import Wanted
from scope.data.feature_table import read_feature_table
from scope.tables.histograms import dmdt_of
from scope.tables.parquet import write_table

WANTED = Wanted(features=("skew",), labels=("EA",))
HISTOGRAMS = np.random.default_rng(4).random((4, 26, 26)).astype(np.float32)


def features() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "_id": [21, 22, 23, 24],
            "ra": [1.0, 2.0, 3.0, 4.0],
            "dec": 0.5,
            "period": [0.5, 0.6, 0.7, 0.8],
            "skew": [0.1, np.nan, 0.3, 0.4],
            "EA": [0.0, 0.25, 1.0, 0.0],
        }
    )


def as_json(histograms: object) -> str:
    return json.dumps(np.asarray(histograms, dtype=np.float64).tolist())


def write_csv(path: Path, dmdt: list[str]) -> Path:
    features().assign(dmdt=dmdt).to_csv(path, index=False)
    return path


def test_a_csv_table_with_json_histograms_is_read(tmp_path):
    path = write_csv(tmp_path / "d15.csv", [as_json(one) for one in HISTOGRAMS])
    table = read_feature_table(path, dataset(), WANTED)
    np.testing.assert_array_equal(dmdt_of(table), HISTOGRAMS)
    expected = ["_id", "obj_id", "ra", "dec", "period", "skew", "EA", "dmdt"]
    assert list(table.columns) == expected


def test_parquet_csv_and_hdf5_give_the_same_table(tmp_path):
    from_csv = read_feature_table(
        write_csv(tmp_path / "t.csv", [as_json(one) for one in HISTOGRAMS]), dataset(), WANTED
    )
    nested = [[list(map(float, row)) for row in one] for one in HISTOGRAMS]
    features().assign(dmdt=nested).to_parquet(tmp_path / "nested.parquet")
    write_table(from_csv, tmp_path / "flat.parquet")
    with h5py.File(tmp_path / "t.h5", "w") as file:
        for name, column in features().items():
            file[name] = column.to_numpy()
        file["dmdt"] = HISTOGRAMS
    for name in ("nested.parquet", "flat.parquet", "t.h5"):
        table = read_feature_table(tmp_path / name, dataset(), WANTED)
        pd.testing.assert_frame_equal(table.drop(columns="dmdt"), from_csv.drop(columns="dmdt"))
        np.testing.assert_array_equal(dmdt_of(table), HISTOGRAMS)


def test_a_table_without_histograms_is_refused_where_they_are_needed(tmp_path):
    features().to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(DataError, match=r"t\.csv: no column 'dmdt'.*training\.conv_branch=false"):
        read_feature_table(tmp_path / "t.csv", dataset(), WANTED)


def test_a_table_without_histograms_gets_zeros_where_they_are_not_needed(tmp_path):
    features().to_csv(tmp_path / "t.csv", index=False)
    wanted = Wanted(features=("skew",), labels=("EA",), dmdt=False)
    assert not dmdt_of(read_feature_table(tmp_path / "t.csv", dataset(), wanted)).any()


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (as_json(np.zeros((25, 26))), r"_id 23 has shape \(25, 26\)"),
        (as_json(np.zeros(675)), r"_id 23 has shape \(675,\)"),
        ("[[1, 2], [3]]", "_id 23 has rows of unequal length"),
        ("[[1, 2", "_id 23 has text that is no JSON"),
        ("", "_id 23 has no list"),
        ('{"a": 1}', "_id 23 has rows of unequal length, or no numbers"),
    ],
)
def test_a_histogram_of_another_shape_is_named_with_what_it_is(wrong, found, tmp_path):
    good = as_json(np.zeros((26, 26)))
    path = write_csv(tmp_path / "t.csv", [good, good, wrong, good])
    with pytest.raises(DataError, match=rf"1 of 4 rows lack a dmdt of 26 x 26 numbers: {found}"):
        read_feature_table(path, dataset(), WANTED)


def test_a_histogram_that_is_not_finite_is_named(tmp_path):
    histograms = HISTOGRAMS.copy()
    histograms[1, 3, 4] = np.nan
    path = write_csv(tmp_path / "t.csv", [as_json(one) for one in histograms])
    with pytest.raises(DataError, match=r"1 of 4 rows lack finite numbers in dmdt: _id 22"):
        read_feature_table(path, dataset(), WANTED)


def test_repeated_ids_pass_for_the_validation_to_judge(tmp_path):
    features().assign(_id=[1, 1, 2, 3]).to_csv(tmp_path / "t.csv", index=False)
    wanted = Wanted(features=("skew",), labels=("EA",), dmdt=False)
    table = read_feature_table(tmp_path / "t.csv", dataset(), wanted)
    assert table["_id"].to_list() == [1, 1, 2, 3]


def test_periods_are_unknown_where_the_table_has_none(tmp_path):
    features().drop(columns="period").to_csv(tmp_path / "t.csv", index=False)
    wanted = Wanted(features=("skew",), labels=("EA",), dmdt=False)
    table = read_feature_table(tmp_path / "t.csv", dataset(), wanted)
    assert list(table.columns)[3:5] == ["dec", "period"]
    assert table["period"].isna().all()
