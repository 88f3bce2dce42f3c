"""The stage evaluate, as DVC runs it, and the plots that DVC makes of what it writes."""

import csv
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from scope.base.errors import DataError
from scope.evaluation.documents import read_judged
from scope.models.shared.cards import Card, model_digest, write_card

PLOTS = [
    "confusion",
    "histogram",
    "importance",
    "precision_recall",
    "reliability",
    "roc",
    "spread",
    "training",
]


def train(folder, tag, seed):
    """Leave in `folder` what a training of 80 test and 20 dropped rows leaves for evaluation."""
    rng = np.random.default_rng(seed)
    truth = (np.arange(100) % 3 == 0) & (np.arange(100) < 80)
    raw = np.clip(rng.normal(0.3 + 0.4 * truth, 0.2), 0, 1).astype(np.float32)
    columns = {
        "_id": np.arange(100, dtype=np.int64),
        "part": ["test"] * 80 + ["dropped"] * 20,
        "truth": truth.astype(np.int8),
        "score": raw**2,
        "raw": raw,
        "spread": np.zeros(100, dtype=np.float32),
    }
    folder.mkdir(parents=True)
    pq.write_table(pa.table(columns), folder / "scores.parquet")
    (folder / "history.csv").write_text("seed,round,loss,val_loss\n1,1,0.5,0.6\n1,2,0.4,0.5\n")
    (folder / "model").write_text(f"model {seed}")
    (folder / "model_importance.csv").write_text("feature,gain\nperiod,0.75\nskew,0.25\n")
    digest = model_digest([folder / "model"], ["period"], "s1", [])
    write_card(Card(tag, "variable", 0.9, ["period"], ["model"], [], "s1", {}, digest), folder)


def run(root, folder, tag, out):
    """Run the stage in `folder`; its models are of class vnv."""
    folders = ["models", out, "build/judged/all"]
    return run_stage(root, folder, "evaluate", tag, *folders)


def run_stage(root, folder, name, *arguments):
    return subprocess.run(
        [sys.executable, str(root / f"stages/{name}.py"), *arguments],
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def folder(root, tmp_path_factory):
    """A folder with two models of class vnv, evaluated once."""
    folder = tmp_path_factory.mktemp("evaluate")
    params = yaml.safe_load((root / "params.yaml").read_text()) | {"classes": ["vnv"]}
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    train(folder / "models/vnv/dnn", "vnv", 1)
    train(folder / "models/vnv/xgb", "vnv", 2)
    done = run(root, folder, "vnv", "reports")
    assert (done.returncode, done.stderr) == (0, "")
    written = ["reports/classes", "build/evaluated/all.json"]
    done = run_stage(root, folder, "compare", "build/judged/all", *written)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def test_the_stage_writes_metrics_and_plots(folder):
    metrics = json.loads((folder / "reports/vnv/metrics.json").read_text())
    assert set(metrics) == {"dnn", "xgb", "positives", "negatives"}
    assert metrics["positives"] + metrics["negatives"] == 80
    written = sorted(path.name for path in (folder / "reports/vnv/plots").iterdir())
    assert written == [f"{name}.csv" for name in PLOTS]


def test_the_digests_of_the_models_that_were_evaluated_are_handed_on(folder):
    manifest = json.loads((folder / "build/evaluated/all.json").read_text())
    cards = {
        name: json.loads((folder / f"models/vnv/{name}/card.json").read_text())
        for name in ("dnn", "xgb")
    }
    assert manifest == {"vnv": {name: card["digest"] for name, card in cards.items()}}


def test_the_plots_of_all_classes_hold_those_of_each_under_its_name(folder):
    with (folder / "reports/classes/roc.csv").open() as file:
        rows = list(csv.DictReader(file))
    with (folder / "reports/vnv/plots/roc.csv").open() as file:
        own = list(csv.DictReader(file))
    assert rows == [{"class": "vnv", **row} for row in own]


def test_the_average_precision_by_class_is_that_of_the_metrics(folder):
    metrics = json.loads((folder / "reports/vnv/metrics.json").read_text())
    with (folder / "reports/classes/average_precision.csv").open() as file:
        found = {row["algorithm"]: float(row["average_precision"]) for row in csv.DictReader(file)}
    assert found == {name: metrics[name]["average_precision"] for name in ("dnn", "xgb")}
    means = json.loads((folder / "reports/classes/metrics.json").read_text())
    assert means["dnn"]["mean_average_precision"] == pytest.approx(found["dnn"], abs=1e-6)


def test_the_importance_is_the_mean_share_of_the_gain(folder):
    with (folder / "reports/vnv/plots/importance.csv").open() as file:
        found = {row["feature"]: float(row["gain"]) for row in csv.DictReader(file)}
    assert found == {"period": 0.75, "skew": 0.25}


def test_a_class_without_an_evaluation_is_named_with_the_remedy(folder):
    with pytest.raises(DataError, match="run evaluate@ea again"):
        read_judged(folder / "build/judged/all", ["vnv", "ea"])


def test_a_second_run_writes_the_same_bytes(root, folder):
    run(root, folder, "vnv", "reports/again")
    first, again = folder / "reports/vnv", folder / "reports/again/vnv"
    for path in [first / "metrics.json", *(first / "plots").iterdir()]:
        assert path.read_bytes() == (again / path.relative_to(first)).read_bytes()


def test_a_model_of_another_class_ends_the_stage_with_one_line(root, folder):
    shutil.copytree(folder / "models/vnv", folder / "models/ea")
    done = run(root, folder, "ea", "reports")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "holds a model of vnv, not ea" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (folder / "reports/ea").exists()


@pytest.mark.parametrize("name", [*PLOTS, "average_precision"])
def test_the_columns_that_a_template_draws_are_in_the_table_it_is_for(name, root, folder):
    template = json.loads((root / ".dvc/plots" / f"{name}.json").read_text())
    header = (folder / "reports/classes" / f"{name}.csv").read_text().splitlines()[0]
    known = {*header.split(","), "rev", "panel"}
    assert set(template["data"]["format"]["parse"]) <= known
    drawn = set(fields_of(template)) - {"at"}  # `at` is the diagonal's own
    assert drawn <= known
    assert {"algorithm"} <= drawn or "datum.algorithm" in json.dumps(template)
    assert "class" in drawn or "datum['class']" in json.dumps(template)


def fields_of(spec):
    """Yield the names of all fields that a Vega-Lite specification draws."""
    if isinstance(spec, dict):
        if isinstance(spec.get("field"), str):
            yield spec["field"]
        for value in spec.values():
            yield from fields_of(value)
    elif isinstance(spec, list):
        for value in spec:
            yield from fields_of(value)
