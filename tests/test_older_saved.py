"""A trained network on disk."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from d15 import PATH, feature_sets, project

from scope import older
from scope.base.errors import DataError, ModelError
from scope.models.networks.scopenet import ScopeNet
from scope.older import saved
from scope.older.display import new_console
from scope.older.request import resolve
from scope.older.train import train
from scope.tables.reading import read_table

QUICK = {"epochs": 2, "save": True, "learning_rate": 0.003}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project in which vnv was trained and saved."""
    folder = project(tmp_path_factory.mktemp("saved"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        train(resolve("vnv", QUICK), new_console())
    return folder


@pytest.fixture
def model(folder):
    """The path of the saved model without its ending."""
    (path,) = (folder / "models/vnv").glob("*/*.keras")
    return path.with_name(path.name.removesuffix(".keras"))


def test_the_names_are_those_of_the_older_tool(folder, model):
    time_tag = model.parent.name
    assert len(time_tag) == len("20210324_220331")
    assert model.name == f"vnv.{time_tag}"
    names = {path.name for path in model.parent.iterdir()}
    assert names == {f"{model.name}.keras", f"{model.name}.json"}
    assert [path.name for path in (folder / "models/vnv").iterdir()] == [time_tag]


@pytest.mark.parametrize("ending", ["", ".keras", ".json"])
def test_the_json_is_enough_to_score_as_keras_does(folder, model, ending):
    table = read_table(folder / PATH)
    document = json.loads(model.with_name(model.name + ".json").read_text())
    scaled = np.zeros((len(table), len(document["features"])), np.float32)
    for column, one in enumerate(document["scaling"]["features"]):
        value = (table[one["name"]] - one["centre"]) / one["spread"]
        scaled[:, column] = np.clip(value, 0, 1)
    dmdt = np.array([np.reshape(json.loads(str(one)), (26, 26)) for one in table["dmdt"].map(list)])
    assert ScopeNet  # registered with Keras by its import
    plain = keras.saving.load_model(model.with_name(model.name + ".keras"), compile=False)
    theirs = keras.ops.convert_to_numpy(plain((scaled, dmdt.astype(np.float32))))
    ours = older.load(model.with_name(model.name + ending)).predict(table)
    assert ours == pytest.approx(theirs, abs=1e-5)


def test_the_json_says_where_everything_is_from(folder, model):
    document = json.loads(model.with_name(model.name + ".json").read_text())
    assert document["features"] == feature_sets()["phenomenological"]
    assert document["params"]["epochs"] == {"value": 2, "source": "--epochs"}
    assert document["params"]["threshold"]["source"] == "training.classes.vnv"
    assert document["rows"]["train"]["positive"] > document["rows"]["test"]["positive"] > 0
    assert len(document["history"]) == 2
    assert document["versions"]["numpy"] == np.__version__
    assert {"md5", "path"} == set(document["data"])
    assert (
        document["metrics"]["test"]["tp"] + document["metrics"]["test"]["fn"]
        == (document["rows"]["test"]["positive"])
    )


def test_a_table_without_a_feature_is_refused(folder, model):
    table = read_table(folder / PATH).drop(columns="skew")
    with pytest.raises(DataError, match="skew"):
        older.load(model).predict(table)


def test_a_model_changed_since_is_refused(model, tmp_path):
    for ending in (".json", ".keras"):
        content = model.with_name(model.name + ending).read_bytes()
        (tmp_path / f"m{ending}").write_bytes(content + b" " * (ending == ".keras"))
    with pytest.raises(ModelError, match=r"not the network that m\.json describes"):
        older.load(tmp_path / "m")


def test_a_model_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"vnv\.1\.json does not describe"):
        older.load(tmp_path / "vnv.1")


def test_two_models_of_one_second_get_a_folder_each(tmp_path):
    names = []
    for content in "ab":
        with saved.new_folder("ea", tmp_path) as (folder, name):
            (folder / name).write_text(content)
            names.append(name)
    found = sorted((tmp_path / "ea").iterdir())
    assert [one.name for one in found] == [name.removeprefix("ea.") for name in names]
    assert [(one / f"ea.{one.name}").read_text() for one in found] == ["a", "b"]


def test_a_training_that_fails_while_saving_leaves_nothing(tmp_path):
    with pytest.raises(ModelError), saved.new_folder("ea", tmp_path) as (folder, name):
        (folder / name).write_text("half")
        raise ModelError("cut")
    assert list((tmp_path / "ea").iterdir()) == []


KILLED = """
import os, signal
from scope.older import saved
from scope.older.request import resolve
from scope.older.train import train
from scope.models.networks.scopenet import ScopeNet
saved.write_json = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
train(resolve("vnv", {"epochs": 1, "save": True, "conv_branch": False}))
"""


def test_a_training_killed_while_saving_leaves_no_model_and_the_next_succeeds(tmp_path, root):
    folder = project(tmp_path)
    where = os.environ | {"PYTHONPATH": str(root)}
    killed = subprocess.run([sys.executable, "-c", KILLED], cwd=folder, env=where, check=False)
    assert killed.returncode == -9
    assert [one for one in (folder / "models/vnv").iterdir() if one.name[0] != "."] == []
    calm = KILLED.replace("saved.write_json =", "unused =")
    subprocess.run([sys.executable, "-c", calm], cwd=folder, env=where, check=True)
    (done,) = (one for one in (folder / "models/vnv").iterdir() if one.name[0] != ".")
    older.load(done / f"vnv.{done.name}")
