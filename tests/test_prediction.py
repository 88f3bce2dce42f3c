"""Scores of a catalogue by stored models."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from learning import FEATURES, SCALING, class_params, scaled_data, training_params

from scope.base.errors import DataError, ModelError
from scope.models.networks import training as nn
from scope.models.prediction import Work, load_classifiers, predict_catalogue
from scope.models.shared.cards import file_digest
from scope.models.shared.scaled import SCALING_FILE, write_scaled
from scope.models.shared.tasks import Task
from scope.models.shared.training import train
from scope.models.trees import boosting
from scope.tables.histograms import with_dmdt
from scope.tables.parquet import write_table

WORK = Work(rows_at_once=1000, threads=2)


def catalogue_frame(data):
    frame = pd.DataFrame(data.features.astype(float), columns=FEATURES)
    frame.insert(0, "_id", data.ids)
    frame["ra"] = 10.0
    frame["dec"] = -5.0
    frame["field"] = np.int16(296)
    return with_dmdt(frame, data.dmdt)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with scaled arrays, models of rrlyr and the same rows as a catalogue."""
    folder = tmp_path_factory.mktemp("place")
    data = scaled_data()
    write_scaled(data, SCALING, folder / "scaled")
    task = Task("rrlyr", class_params(), FEATURES, training_params(seeds=[1, 2], epochs=2))
    for name, algorithm in (("dnn", nn), ("xgb", boosting)):
        train(algorithm, task, folder / "scaled", folder / "models" / "rrlyr" / name)
    write_table(catalogue_frame(data), folder / "catalogue.parquet")
    return folder


def classifiers(place):
    scaling = place / "scaled" / SCALING_FILE
    return load_classifiers(place / "models", ["rrlyr"], scaling)


def test_a_catalogue_is_scored_as_its_rows_were_after_training(place):
    predict_catalogue(
        place / "catalogue.parquet", classifiers(place), SCALING, place / "out.parquet", WORK
    )
    found = pd.read_parquet(place / "out.parquet").set_index("_id")
    for name in ("dnn", "xgb"):
        folder = place / "models" / "rrlyr" / name
        known = pd.read_parquet(folder / "scores.parquet").set_index("_id")
        assert np.allclose(found.loc[known.index, f"rrlyr_{name}"], known.score, atol=1e-5)
        spread = found.loc[known.index, f"rrlyr_{name}_std"]
        assert np.allclose(spread, known.spread, atol=1e-5)


def test_columns_stand_in_the_published_order(place):
    predict_catalogue(
        place / "catalogue.parquet", classifiers(place), SCALING, place / "out.parquet", WORK
    )
    columns = pd.read_parquet(place / "out.parquet").columns.tolist()
    carried = ["_id", "ra", "dec", "period", "field"]
    assert columns == [
        *carried,
        "rrlyr_dnn",
        "rrlyr_xgb",
        "rrlyr_dnn_std",
        "rrlyr_dnn_raw",
        "rrlyr_xgb_std",
        "rrlyr_xgb_raw",
    ]


@pytest.mark.parametrize("work", [Work(37, 1), Work(300, 3)])
def test_chunks_and_threads_change_no_score(place, work):
    tables = []
    for number, one in enumerate((WORK, work)):
        out = place / f"out_{number}.parquet"
        predict_catalogue(place / "catalogue.parquet", classifiers(place), SCALING, out, one)
        tables.append(pd.read_parquet(out))
    pd.testing.assert_frame_equal(*tables, rtol=1e-5, atol=1e-6)  # a spread is a difference


def test_a_model_trained_on_another_scaling_is_refused(place, tmp_path):
    other = replace(SCALING, low=-5.0)
    other.to_json(tmp_path / SCALING_FILE)
    with pytest.raises(ModelError, match="scaled otherwise"):
        load_classifiers(place / "models", ["rrlyr"], tmp_path / SCALING_FILE)
    assert file_digest(tmp_path / SCALING_FILE) != file_digest(place / "scaled" / SCALING_FILE)


def test_a_class_without_model_is_named(place):
    with pytest.raises(ModelError, match=r"mir/dnn/card.json"):
        load_classifiers(place / "models", ["mir"], place / "scaled" / SCALING_FILE)


def test_features_that_the_catalogue_lacks_are_named(place, tmp_path):
    frame = catalogue_frame(scaled_data()).drop(columns=["skew", "noise"])
    write_table(frame, tmp_path / "catalogue.parquet")
    with pytest.raises(DataError, match="lacks skew, noise, which rrlyr_dnn was trained with"):
        predict_catalogue(
            tmp_path / "catalogue.parquet",
            classifiers(place),
            SCALING,
            tmp_path / "o.parquet",
            WORK,
        )


def test_a_feature_without_scaling_is_named(place):
    short = replace(SCALING, features=SCALING.features[:2])
    with pytest.raises(ModelError, match="rrlyr_dnn uses noise"):
        predict_catalogue(
            place / "catalogue.parquet", classifiers(place), short, place / "o.parquet", WORK
        )


def test_a_catalogue_without_rows_is_refused_and_leaves_nothing(place, tmp_path):
    write_table(catalogue_frame(scaled_data()).iloc[:0], tmp_path / "catalogue.parquet")
    with pytest.raises(DataError, match="no rows"):
        predict_catalogue(
            tmp_path / "catalogue.parquet",
            classifiers(place),
            SCALING,
            tmp_path / "o.parquet",
            WORK,
        )
    assert [path.name for path in tmp_path.iterdir()] == ["catalogue.parquet"]
