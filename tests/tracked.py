"""A small trained and evaluated class, and entries of it, for the tests of the tracking."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from scope.base.files import write_json
from scope.config.evaluate import EvaluateParams
from scope.config.scale import ScaleParams
from scope.data.scaling import learn
from scope.evaluation.documents import document, importance
from scope.evaluation.judging import evaluate, plot_tables, read_card_of, read_history, read_scores
from scope.evaluation.judging import write_csv as write_rows
from scope.models.shared.scaled import ScaledData, write_scaled
from scope.tables.histograms import as_column
from scope.tables.parquet import write_table

NAMES = ["period", "skew", "field", "iqr"]
PARAMS = EvaluateParams(
    score_threshold=0.5, bootstrap=5, confidence=0.9, reliability_bins=5, histogram_bins=10
)


def table(n=400, seed=3):
    """Return unscaled light curves of class ea in the contract's form, with missing values."""
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % 3 == 0
    columns = {
        "_id": np.arange(n, dtype=np.int64),
        "obj_id": [f"ZTF{one}" for one in range(n)],
        "ra": rng.uniform(0, 360, n),
        "dec": rng.uniform(-30, 80, n),
        "period": np.exp(rng.normal(0, 1, n) + truth),
        "skew": np.where(rng.random(n) < 0.1, np.nan, rng.normal(truth, 1.0)),
        "field": rng.integers(200, 900, n).astype(np.int16),
        "iqr": np.abs(rng.normal(0.3 + 0.2 * truth, 0.1)),
    }
    histograms = rng.random((n, 26, 26)).astype(np.float32)
    histograms[truth, :13] *= 2.0
    histograms /= np.linalg.norm(histograms, axis=(1, 2), keepdims=True)
    frame = pd.DataFrame(columns).assign(dmdt=as_column(histograms))
    return frame, truth, histograms


def build(root, folder):
    """Train, evaluate and write params.yaml in `folder`, whose pipeline has the class ea alone."""
    from scope.models.networks import training as nn
    from scope.models.shared.tasks import read_task
    from scope.models.shared.training import train
    from scope.models.trees import boosting

    params = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    params["classes"] = ["ea"]
    params["training"] |= {"epochs": 2, "seeds": [1, 2]}
    params["training"]["xgb"]["rounds"] = 5
    params["dataset"]["feature_sets"] = {"phenomenological": NAMES, "ontological": NAMES}
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    frame, truth, histograms = table()
    write_table(frame, folder / "build/catalogue.parquet")
    split = np.array([0, 0, 0, 1, 2], np.int8)[np.arange(len(frame)) % 5]
    scale = ScaleParams(
        method="median_std",
        log_features=["period"],
        log_quantile=0.1,
        stats="training",
        impute="zero",
        clip=10.0,
    )
    scaling = learn(frame[split == 0], NAMES, scale, {})
    scaled = folder / "build/scaled"
    data = ScaledData(
        ids=frame["_id"].to_numpy(),
        sources=np.arange(len(frame)),
        split=split,
        features=scaling.apply(frame),
        feature_names=NAMES,
        dmdt=histograms,
        labels=truth.astype(np.float32)[:, None],
        label_names=["EA"],
        feature_sets={"phenomenological": NAMES, "ontological": NAMES},
    )
    write_scaled(data, scaling, scaled)
    for name, algorithm in (("dnn", nn), ("xgb", boosting)):
        train(algorithm, read_task("ea", scaled), scaled, folder / "models/ea" / name)
    judge(folder)
    return folder


def judge(folder):
    """Evaluate the models in `folder` as the stage does."""
    folders = {name: folder / "models/ea" / name for name in ("dnn", "xgb")}
    cards = {name: read_card_of(one, "ea") for name, one in folders.items()}
    scores = {name: read_scores(one) for name, one in folders.items()}
    metrics = evaluate(scores, PARAMS, 1)
    tables = plot_tables(scores, {name: read_history(one) for name, one in folders.items()}, PARAMS)
    tables["importance"] = importance(folders["xgb"], cards["xgb"])
    for name, rows in tables.items():
        write_rows(rows, folder / f"reports/ea/plots/{name}.csv")
    write_json(document(cards, scores, metrics, tables), folder / "build/judged/all/ea.json")


def copy(folder: Path, out: Path, *, better: float = 0.0, split: str | None = None) -> Path:
    """Copy the project; its evaluation says that both algorithms are `better`, on another split."""
    shutil.copytree(folder, out, dirs_exist_ok=True, ignore=shutil.ignore_patterns("mlruns"))
    path = out / "build/judged/all/ea.json"
    judged = json.loads(path.read_text())
    for name in ("dnn", "xgb"):
        judged["metrics"][name]["average_precision"] += better
    judged["split"] = split or judged["split"]
    write_json(judged, path)
    return out
