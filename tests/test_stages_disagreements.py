"""The stages disagreements and push on a small table, one after the other, in their own folder."""

import json

import numpy as np
import pandas as pd
import pytest

from scope.base.params import read_section
from scope.config.dataset import DatasetParams
from scope.tables.parquet import write_table
from stages import disagreements, push


@pytest.fixture
def folder(root, tmp_path, monkeypatch):
    """Twenty scored light curves, all but the last of them disagreeing, the first one known."""
    (tmp_path / "params.yaml").write_bytes((root / "params.yaml").read_bytes())
    monkeypatch.chdir(tmp_path)
    names = read_section("dataset", DatasetParams).feature_sets["ontological"]
    table = pd.DataFrame({name: np.linspace(0.1, 1.0, 20) for name in names})
    table = table.assign(_id=np.arange(20), ra=np.arange(20) * 1.5, dec=-5.0, obj_id=None)
    write_table(table, tmp_path / "catalogue.parquet")
    write_table(table.iloc[:1], tmp_path / "training.parquet")
    scores = table[["_id", "obj_id", "ra", "dec", "period"]].assign(
        ew_dnn=np.float32(0.99), ew_xgb=np.array([0.0] * 19 + [0.5], dtype=np.float32)
    )
    write_table(scores, tmp_path / "predictions.parquet")
    inputs = ["predictions.parquet", "training.parquet", "scaled", "catalogue.parquet"]
    disagreements.main(*inputs, "disagreements.parquet")
    push.main("disagreements.parquet", push.NO_FILE, "fritz")
    return tmp_path


def test_every_disagreement_about_an_unknown_source_is_reported(folder):
    table = pd.read_csv(folder / "fritz" / "report.csv")
    assert sorted(table["_id"]) == list(range(1, 19))


def test_the_features_of_the_catalogue_stand_beside_the_scores(folder):
    table = pd.read_csv(folder / "fritz" / "report.csv").set_index("_id")
    assert table.loc[7, "skew"] == pytest.approx(np.linspace(0.1, 1.0, 20)[7], rel=1e-7)


def test_the_report_counts_what_was_removed_and_names_the_class(folder):
    page = (folder / "fritz" / "report.html").read_text(encoding="utf-8")
    assert "among the 1 known light curves: 1." in page
    assert json.loads((folder / "fritz" / "receipt.json").read_text())["sources"] == 18
    assert "EW: DNN" in page
