"""The whole of `scope train`, called from Python."""

import io
import json

import numpy as np
import pytest
from d15 import PATH, d15_table, project
from rich.console import Console

from scope.base.errors import ConfigError, DataError
from scope.older.request import resolve
from scope.older.rows import read_rows
from scope.older.train import train

QUICK = {"epochs": 2, "learning_rate": 0.003, "patience": 9}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(project(tmp_path))
    return tmp_path


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=100, highlight=False, markup=False)


def saved_files(folder, tag="vnv"):
    return sorted((folder / "models" / tag).glob("*/*"))


def test_the_network_learns_what_the_table_tells(folder, console):
    outcome = train(resolve("vnv", QUICK | {"epochs": 15}), console)
    assert outcome.figures["test"]["auc"] > 0.95
    assert outcome.history[-1]["val_loss"] < outcome.history[0]["val_loss"]


def test_two_trainings_of_a_seed_give_the_same_bytes(folder, console):
    for _ in range(2):
        train(resolve("vnv", QUICK | {"save": True, "plot": True}), console)
    first, second = saved_files(folder)[:3], saved_files(folder)[3:]
    assert [path.suffix for path in first] == [".json", ".keras", ".png"]
    assert first[0].read_bytes() == second[0].read_bytes()
    assert first[1].read_bytes() == second[1].read_bytes()


def test_another_random_state_gives_other_rows_and_weights(folder, console):
    first, other = (
        train(resolve("vnv", QUICK | {"random_state": state}), console) for state in (1, 2)
    )
    assert not np.array_equal(first.network.flat(), other.network.flat())


def test_what_balancing_drops_is_judged_apart(folder, console):
    outcome = train(resolve("rrlyr", QUICK | {"balance": 1.0}), console)
    dropped = outcome.figures["dropped"]
    assert dropped["tp"] == dropped["fn"] == 0
    assert dropped["tn"] + dropped["fp"] == len(outcome.truth["dropped"]) > 0
    assert "dropped by balancing" in console.file.getvalue()


def test_keras_trains_what_the_kernels_do_not(folder, console, caplog):
    caplog.set_level("INFO", logger="scope")
    train(resolve("vnv", QUICK | {"optimizer": "sgd", "save": True}), console)
    assert "vnv: trained by Keras, since the optimizer is sgd" in caplog.text
    document = json.loads(saved_files(folder)[0].read_text())
    assert document["engine"] == "Keras: the optimizer is sgd"


def test_training_goes_on_from_a_saved_network_without_its_ending(folder, console):
    first = train(resolve("vnv", QUICK | {"save": True}), console)
    model = str(saved_files(folder)[1]).removesuffix(".keras")
    still = {"epochs": 1, "learning_rate": 1e-12, "pre_trained_model": model, "save": True}
    again = train(resolve("vnv", still), console)
    assert np.allclose(again.network.flat(), first.network.flat(), atol=1e-6)
    document = json.loads(saved_files(folder)[2].read_text())
    assert document["pre_trained_model"]["path"] == f"{model}.keras"


def test_a_network_of_other_features_is_not_gone_on_with(folder, console):
    train(resolve("vnv", QUICK | {"features": ["skew", "ad"], "save": True}), console)
    model = str(saved_files(folder)[1])
    given = {"features": ["ad", "skew"], "pre_trained_model": model}
    with pytest.raises(ConfigError, match="give --features=skew,ad"):
        train(resolve("vnv", given), console)


@pytest.mark.parametrize("ending", ["parquet", "h5"])
def test_parquet_and_hdf5_hold_the_same_rows_as_csv(folder, ending):
    frame = d15_table()
    frame["dmdt"] = [np.ravel(json.loads(one)).tolist() for one in frame["dmdt"]]
    path = folder / f"table.{ending}"
    if ending == "parquet":
        frame.to_parquet(path)
    else:
        flat = frame.drop(columns="dmdt")
        flat.to_hdf(path, key="data")
    given = {"path_dataset": str(path), "conv_branch": ending == "parquet"}
    found = read_rows(resolve("vnv", given)).data
    expected = read_rows(resolve("vnv", {"path_dataset": PATH})).data
    assert np.allclose(found.features, expected.features)
    assert np.array_equal(found.split, expected.split)


def test_a_quick_try_takes_few_rows(folder, console, monkeypatch):
    monkeypatch.setattr("scope.older.rows.QUICK_ROWS", 5)
    outcome = train(resolve("vnv", {"test": True}), console)
    assert len(outcome.truth["test"]) <= 10
    assert len(outcome.history) <= 2


def test_plots_of_a_network_not_saved_go_to_the_reports(folder, console):
    train(resolve("vnv", QUICK | {"plot": True}), console)
    (picture,) = (folder / "reports").rglob("*.png")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert not (folder / "models").exists()


def test_a_missing_gpu_is_told_before_anything_is_read(folder, console):
    (folder / PATH).unlink()
    with pytest.raises(ConfigError, match=r"no GPU:99 is here .* TensorFlow sees CPU:0"):
        train(resolve("vnv", {"gpu": 99}), console)


def test_a_table_that_is_not_there_is_named(folder, console):
    with pytest.raises(DataError, match=r"no\.csv: no such file"):
        train(resolve("vnv", {"path_dataset": "no.csv"}), console)


def test_a_feature_that_the_table_lacks_is_named(folder, console):
    with pytest.raises(DataError, match="'brightness' is not a column"):
        train(resolve("vnv", {"features": ["skew", "brightness"]}), console)


def test_threads_change_nothing(folder, console):
    one, two = (train(resolve("vnv", QUICK | {"threads": n}), console) for n in (1, 2))
    assert np.array_equal(one.network.flat(), two.network.flat())
