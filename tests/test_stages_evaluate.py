"""The stage evaluate, as DVC runs it, and the plots that DVC makes of what it writes."""

import json
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scope.cards import Card, model_digest, write_card

PLOTS = [
    "confusion",
    "histogram",
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
    digest = model_digest([folder / "model"], ["period"], "s1", [])
    write_card(Card(tag, "variable", 0.9, ["period"], ["model"], [], "s1", {}, digest), folder)


def run(root, folder, tag, out):
    """Run the stage in `folder`; its models are of class vnv."""
    folders = ["models/vnv/dnn", "models/vnv/xgb", out, "build/evaluated/all/vnv.json"]
    return subprocess.run(
        [sys.executable, str(root / "stages/evaluate.py"), tag, *folders],
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
    (folder / "params.yaml").write_bytes((root / "params.yaml").read_bytes())
    train(folder / "models/vnv/dnn", "vnv", 1)
    train(folder / "models/vnv/xgb", "vnv", 2)
    done = run(root, folder, "vnv", "reports/vnv")
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def test_the_stage_writes_metrics_plots_and_the_digests_of_both_models(folder):
    metrics = json.loads((folder / "reports/vnv/metrics.json").read_text())
    assert set(metrics) == {"dnn", "xgb", "positives", "negatives"}
    assert metrics["positives"] + metrics["negatives"] == 80
    written = sorted(path.name for path in (folder / "reports/vnv/plots").iterdir())
    assert written == [f"{name}.csv" for name in PLOTS]
    manifest = json.loads((folder / "build/evaluated/all/vnv.json").read_text())
    cards = {
        name: json.loads((folder / f"models/vnv/{name}/card.json").read_text())
        for name in ("dnn", "xgb")
    }
    assert manifest == {"tag": "vnv", **{name: card["digest"] for name, card in cards.items()}}


def test_a_second_run_writes_the_same_bytes(root, folder):
    run(root, folder, "vnv", "reports/again")
    first, again = folder / "reports/vnv", folder / "reports/again"
    for path in [first / "metrics.json", *(first / "plots").iterdir()]:
        assert path.read_bytes() == (again / path.relative_to(first)).read_bytes()


def test_a_model_of_another_class_ends_the_stage_with_one_line(root, folder):
    done = run(root, folder, "ea", "reports/ea")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "holds a model of vnv, not ea" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (folder / "reports/ea").exists()


@pytest.mark.parametrize("name", PLOTS)
def test_the_columns_that_a_template_draws_are_in_the_table_it_is_for(name, root, folder):
    template = json.loads((root / ".dvc/plots" / f"{name}.json").read_text())
    header = (folder / "reports/vnv/plots" / f"{name}.csv").read_text().splitlines()[0]
    known = {*header.split(","), "rev"}
    assert set(template["data"]["format"]["parse"]) <= known
    drawn = set(fields_of(template)) - {"at"}  # `at` is the diagonal's own
    assert drawn <= known
    assert "algorithm" in drawn


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
