"""The registered models: what they score, and which one is the champion."""

import json
import os
import subprocess
import sys

import numpy as np
from test_tracking import (  # noqa: F401, the fixtures
    ARGUMENTS,
    MORE,
    client,
    empty_store,
    project,
    recorded,
    run,
    trained,
)
from tracked import copy

from scope.models.shared.cards import model_digest
from scope.tables.reading import read_table


def version(folder, number):
    return client(folder).get_model_version("scope-ea", str(number))


def champion(folder):
    return str(client(folder).get_registered_model("scope-ea").aliases["champion"])


def retrained(folder, source, **changes):
    """Bring another model and evaluation to the project."""
    copy(source, folder, **changes)
    path = folder / "models/ea/xgb/card.json"
    card = json.loads(path.read_text())
    names = [folder / "models/ea/xgb" / name for name in card["files"]]
    text = names[0].read_text()
    names[0].write_text(text + " " * len(list(folder.rglob("MLmodel"))))
    card["digest"] = model_digest(names, card["features"], card["scaling"], card["calibrations"])
    path.write_text(json.dumps(card))
    judged = folder / "build/judged/all/ea.json"
    content = json.loads(judged.read_text())
    content["digests"]["xgb"] = card["digest"]
    judged.write_text(json.dumps(content))
    run()


def test_the_champion_moves_only_on_a_better_score_on_the_same_split(project, trained):  # noqa: F811
    run()
    assert champion(project) == "1"
    retrained(project, trained, better=-0.01)
    assert champion(project) == "1"
    retrained(project, trained, better=0.01)
    assert champion(project) == "3"
    retrained(project, trained, better=0.02, split="another")
    assert champion(project) == "3"
    assert [version(project, one).tags["data_set"] for one in (1, 2, 3, 4)] == ["sample"] * 4


def test_the_champion_is_moved_by_hand(project, trained, monkeypatch):  # noqa: F811
    from click.testing import CliRunner

    from scope.cli.main import main

    run()
    retrained(project, trained, better=-0.01)
    assert CliRunner().invoke(main, ["track", "promote", "ea"]).exit_code == 0
    assert champion(project) == "2"
    wrong = CliRunner().invoke(main, ["track", "promote", "ea", "7"])
    assert wrong.exit_code == 1
    assert "the versions are: 1, 2" in wrong.output


LOAD = """
import mlflow.pyfunc, pandas, numpy, sys
from pathlib import Path
model = mlflow.pyfunc.load_model("models:/scope-ea/latest")
table = pandas.read_parquet("build/catalogue.parquet")
scores = model.predict(table)
narrow = table.assign(field=table["field"].astype("int64"), dmdt=[list(x) for x in table["dmdt"]])
assert model.predict(narrow).equals(scores)
scores.to_parquet("scores.parquet")
champion = mlflow.pyfunc.load_model("models:/scope-ea@champion")
assert champion.predict(table[:10]).shape[0] == 10
"""


def test_the_registered_model_scores_as_predict_does_in_a_fresh_process(root, project):  # noqa: F811
    from scope.data.scaling import Scaling
    from scope.models.prediction import Work, load_classifiers, predict_catalogue

    run()
    env = os.environ | {"PYTHONPATH": str(root), "MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}
    done = subprocess.run(
        [sys.executable, "-c", LOAD],
        cwd=project,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "extra inputs" not in done.stderr
    scaling = project / ARGUMENTS[2]
    classifiers = load_classifiers(project / "models", ["ea"], scaling)
    out = project / "predictions.parquet"
    predict_catalogue(project / MORE[0], classifiers, Scaling.from_json(scaling), out, Work(100, 1))
    scores, expected = read_table(project / "scores.parquet"), read_table(out)
    for name in ("ea_dnn", "ea_xgb", "ea_dnn_std", "ea_xgb_raw"):
        np.testing.assert_allclose(scores[name], expected[name], atol=1e-6)


def test_the_model_has_a_signature_and_an_example(recorded):  # noqa: F811
    from mlflow.models import Model

    (folder,) = (recorded / "mlruns").rglob("MLmodel")
    model = Model.load(str(folder.parent))
    assert {"period", "skew", "dmdt"} <= set(model.signature.inputs.input_names())
    assert model.signature.outputs.input_names() == ["ea_dnn", "ea_xgb"]
    assert len(model.load_input_example(str(folder.parent))) == 5
