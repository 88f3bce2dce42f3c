"""Fetching: both kinds of source come out in the form of the contract, losses named."""

import hashlib
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from datasets import dataset

from scope.base.constants import TEST
from scope.base.errors import DataError
from scope.base.params import read_section
from scope.config.compose import compose
from scope.config.dataset import DatasetParams, SourceFiles
from scope.config.features import DmdtParams, FeatureParams
from scope.config.split import SplitParams
from scope.config.taxonomy import label_names
from scope.config.training import ClassParams
from scope.data.fetch import Fetched, fetch, summary, wanted_columns, write
from scope.data.held_out import held_out
from scope.data.splits import split_table
from scope.features.curve import FEATURES
from scope.tables.histograms import dmdt_of
from scope.tables.reading import read_table

EDGES = [float(edge) for edge in range(-13, 14)]
FEATURE_PARAMS = FeatureParams(
    min_points=20, dmdt=DmdtParams(dm_edges=EDGES, dt_edges=[edge + 13 for edge in EDGES])
)
PERIOD_DAYS = 0.6170


def curve(source_id: int, n_points: int) -> pd.DataFrame:
    """A sinusoid of PERIOD_DAYS and amplitude 0.4 mag."""
    rng = np.random.default_rng(source_id)
    mjd = 58000 + np.sort(rng.uniform(0, 60, n_points))
    mag = 16 + 0.4 * np.sin(2 * np.pi * mjd / PERIOD_DAYS) + rng.normal(0, 0.01, n_points)
    return pd.DataFrame({"id": source_id, "mjd": mjd, "mag": mag, "magerr": 0.01})


def source(folder: Path, **changes: object) -> SourceFiles:
    """Objects 1 to 4, of which 3 is short and 4 has no points; 9 is no object."""
    objects = pd.DataFrame(
        {
            "id": [4, 1, 2, 3],
            "ra": [4.0, 1.0, 2.0, 3.0],
            "dec": [0.4, 0.1, 0.2, 0.3],
            "period": 2 * PERIOD_DAYS,
            "median": 99.0,
            "W1": [11.0, 12.0, np.nan, 14.0],
            "EA": [0.0, 1.0, 0.0, 1.0],
        }
    ).assign(**changes)
    objects.to_parquet(folder / "objects.parquet")
    curves = pd.concat([curve(9, 30), curve(2, 80), curve(3, 19), curve(1, 60)])
    curves.to_parquet(folder / "lightcurves.parquet")
    return SourceFiles(
        objects=str(folder / "objects.parquet"), lightcurves=str(folder / "lightcurves.parquet")
    )


PARAMS = dataset(columns={"_id": "id"}, feature_sets={"phenomenological": ["skew", "W1"]})
WANTED = wanted_columns(PARAMS, ("EA", "EW"), dmdt=True)


def test_light_curves_become_features_and_losses_are_named(tmp_path):
    fetched = fetch(source(tmp_path), PARAMS, FEATURE_PARAMS, WANTED)
    assert fetched.table["_id"].to_list() == [1, 2]
    assert fetched.table["ra"].to_list() == [1.0, 2.0]
    assert fetched.table["EA"].to_list() == [1.0, 0.0]
    assert fetched.table["n"].to_list() == [60.0, 80.0]
    assert fetched.dropped.to_dict("list") == {
        "_id": [3, 4, 9],
        "reason": ["fewer than 20 points", "no light curve", "no such object"],
        "points": ["19 points, 19 left", "", ""],
    }


def test_features_come_after_the_position_and_before_labels_and_dmdt(tmp_path):
    table = fetch(source(tmp_path), PARAMS, FEATURE_PARAMS, WANTED).table
    features = [name for name in FEATURES if name != "period"]
    front = ["_id", "obj_id", "ra", "dec", "period"]
    assert list(table.columns) == [*front, *features, "W1", "EA", "dmdt"]
    np.testing.assert_allclose((dmdt_of(table) ** 2).sum(axis=(1, 2)), 1.0, rtol=1e-6)


def test_the_period_is_searched_and_the_computed_features_replace_those_of_the_objects(tmp_path):
    table = fetch(source(tmp_path), PARAMS, FEATURE_PARAMS, WANTED).table
    np.testing.assert_allclose(table["period"], PERIOD_DAYS, rtol=1e-3)
    medians = [np.median(curve(source_id, n)["mag"]) for source_id, n in ((1, 60), (2, 80))]
    np.testing.assert_allclose(table["median"], medians, rtol=1e-12)


def test_the_period_of_the_objects_is_used_where_the_configuration_says_so(tmp_path):
    known = replace(PARAMS, period="column")
    table = fetch(source(tmp_path), known, FEATURE_PARAMS, WANTED).table
    assert table["period"].to_list() == [2 * PERIOD_DAYS] * 2


def test_a_known_period_that_is_not_positive_is_named_by_its_object(tmp_path):
    files = source(tmp_path, period=[1.0, 0.5, -0.5, 1.0])
    with pytest.raises(DataError, match=r"lack a positive period .* _id 2 has -0\.5"):
        fetch(files, replace(PARAMS, period="column"), FEATURE_PARAMS, WANTED)


def test_repeated_ids_of_objects_are_refused(tmp_path):
    files = source(tmp_path, id=[4, 1, 1, 3])
    with pytest.raises(DataError, match=r"1 of 4 rows lack an _id of their own: _id 1"):
        fetch(files, PARAMS, FEATURE_PARAMS, WANTED)


def test_a_data_set_that_leaves_nothing_is_refused_with_the_reasons(tmp_path):
    strict = replace(FEATURE_PARAMS, min_points=1000)
    match = r"leaves no light curve: kept 0 of 5 .*dropped 3 \(fewer than 1000 points\), 1 \(no l"
    with pytest.raises(DataError, match=match):
        fetch(source(tmp_path), PARAMS, strict, WANTED)


def test_the_summary_counts_thousands_and_puts_the_commonest_reason_first():
    table = pd.DataFrame({"_id": np.arange(25_931)})
    dropped = pd.DataFrame({"_id": np.arange(3), "reason": ["b", "a", "a"]})
    line = "kept 25,931 of 25,934 light curves; dropped 2 (a), 1 (b)"
    assert summary(Fetched(table, dropped)) == line


def test_the_summary_is_logged(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    fetch(source(tmp_path), PARAMS, FEATURE_PARAMS, WANTED)
    assert "kept 2 of 5 light curves; dropped 1 (fewer than 20 points), 1 (no lig" in caplog.text


def feature_table(path: Path, n_rows: int = 40) -> SourceFiles:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.uniform(size=(n_rows, 2)), columns=["ra", "dec"])
    frame.insert(0, "_id", np.arange(n_rows))
    frame["skew"], frame["EA"] = 0.5, np.arange(n_rows) % 2
    frame.to_csv(path, index=False)
    return SourceFiles(table=str(path))


def test_a_table_comes_before_light_curves(tmp_path):
    both = replace(source(tmp_path), table=feature_table(tmp_path / "t.csv").table)
    fetched = fetch(both, PARAMS, FEATURE_PARAMS, replace(WANTED, dmdt=False))
    assert len(fetched.table) == 40
    assert fetched.dropped.empty


def test_the_pinned_md5_is_checked_and_both_are_named(tmp_path):
    files = feature_table(tmp_path / "t.csv")
    wanted = replace(WANTED, dmdt=False)
    md5 = hashlib.md5((tmp_path / "t.csv").read_bytes()).hexdigest()
    assert len(fetch(files, PARAMS, FEATURE_PARAMS, wanted, md5=md5).table) == 40
    with pytest.raises(DataError, match=rf"md5 is {md5}, dataset\.md5 pins {'0' * 32}"):
        fetch(files, PARAMS, FEATURE_PARAMS, wanted, md5="0" * 32)


def test_missing_files_are_named(tmp_path):
    files = SourceFiles(table=str(tmp_path / "absent.csv"))
    with pytest.raises(DataError, match=r"absent\.csv: no such file; make the embedded sample"):
        fetch(files, PARAMS, FEATURE_PARAMS, WANTED)


@pytest.mark.parametrize("files", [SourceFiles(), SourceFiles(objects="objects.parquet")])
def test_a_source_without_files_is_refused(files):
    with pytest.raises(DataError, match="give a table, or objects and lightcurves"):
        fetch(files, PARAMS, FEATURE_PARAMS, WANTED)


def test_two_fetches_write_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        fetched = fetch(source(tmp_path), PARAMS, FEATURE_PARAMS, WANTED)
        write(fetched, tmp_path / f"{name}.parquet", tmp_path / f"{name}.csv")
    for suffix in ("parquet", "csv"):
        first, second = (tmp_path / f"{name}.{suffix}" for name in ("a", "b"))
        assert first.read_bytes() == second.read_bytes()
    assert (tmp_path / "a.csv").read_text().splitlines()[:2] == [
        "_id,reason,points",
        '3,fewer than 20 points,"19 points, 19 left"',
    ]
    assert read_table(tmp_path / "a.parquet")["_id"].to_list() == [1, 2]


EA = ClassParams(
    label="EA",
    features="phenomenological",
    threshold=0.7,
    balance=None,
    weight_per_class=False,
    negative=None,
)


def test_the_catalogue_of_a_data_set_without_one_is_its_test_split(tmp_path):
    files = feature_table(tmp_path / "t.csv")
    training = fetch(files, PARAMS, FEATURE_PARAMS, replace(WANTED, dmdt=False)).table
    params = SplitParams(test_size=0.25, val_size=0.1, radius_arcsec=2.0)
    catalogue = held_out(training, ["EA"], params, 42)
    expected = training["_id"][split_table(training, ["EA"], params, 42) == TEST]
    assert catalogue["_id"].to_list() == expected.to_list()
    assert 5 <= len(catalogue) <= 15


def composed(root: Path, folder: Path, name: str, data: Path) -> tuple[DatasetParams, Path]:
    """Return the parameters of a real data set in the folder `data`, and their file."""
    path = folder / "params.yaml"
    compose([f"dataset={name}", f"dataset.folder={data / name}"], path, root)
    return read_section("dataset", DatasetParams, path), path


@pytest.mark.realdata
def test_linear_gives_3651_light_curves(root, real_data, tmp_path):
    linear, path = composed(root, tmp_path, "linear", real_data)
    wanted = wanted_columns(linear, label_names(linear, path), dmdt=False)
    table = fetch(linear.training, linear, FEATURE_PARAMS, wanted).table
    assert len(table) == 3651
    assert table["RR Lyrae ab"].sum() == 1546
    np.testing.assert_allclose(np.log10(table["period"]), table["logP"], rtol=1e-9)


@pytest.mark.realdata
def test_the_first_50_stars_of_crts_are_fetched(root, real_data, tmp_path):
    crts, path = composed(root, tmp_path, "crts", real_data)
    objects = pd.read_parquet(str(crts.training.objects)).head(50)
    points = pd.read_parquet(str(crts.training.lightcurves))
    objects.to_parquet(tmp_path / "objects.parquet")
    points[points["id"].isin(objects["id"])].to_parquet(tmp_path / "lightcurves.parquet")
    files = SourceFiles(
        objects=str(tmp_path / "objects.parquet"),
        lightcurves=str(tmp_path / "lightcurves.parquet"),
    )
    wanted = wanted_columns(crts, label_names(crts, path), dmdt=True)
    features = read_section("features", FeatureParams, path)
    fetched = fetch(files, crts, features, wanted)
    assert len(fetched.table) + len(fetched.dropped) == 50
    assert len(fetched.table) >= 45
    by_id = objects.set_index("id").loc[fetched.table["_id"]]
    rrab = by_id["class"].isin(["RRab", "Blazhko"]).to_numpy()
    np.testing.assert_array_equal(fetched.table["RR Lyrae ab"] == 1, rrab)
    ratio = fetched.table["period"].to_numpy()[rrab] / by_id["period"].to_numpy()[rrab]
    assert np.mean(np.abs(ratio - 1) < 0.01) > 0.8
