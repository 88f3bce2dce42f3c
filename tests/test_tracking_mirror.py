"""The mirror in Weights & Biases, offline: what it keeps, once."""

import pytest
import yaml
from test_tracking import (  # noqa: F401, the fixtures
    empty_store,
    project,
    run,
    trained,
)

from scope.base.errors import ConfigError
from scope.config.tracking import TrackingParams
from scope.tracking import mirror


def switch_on(folder):
    params = yaml.safe_load((folder / "params.yaml").read_text())
    params["tracking"] |= {"wandb": True, "mlflow": False, "wandb_project": "variables"}
    (folder / "params.yaml").write_text(yaml.safe_dump(params))


def test_a_class_is_kept_once_for_a_later_sync(project, monkeypatch):  # noqa: F811
    pytest.importorskip("wandb", reason="the extra wandb is not installed")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_API_KEY", "0123456789" * 4)
    switch_on(project)
    run()
    kept = list((project / "wandb").glob("offline-run-*/*.wandb"))
    assert len(kept) == 1
    content = kept[0].read_bytes()
    for word in (b"dnn.average_precision", b"dnn_1/val_loss", b"xgb.xgb.rounds", b"variables"):
        assert word in content
    assert b"0123456789" * 4 not in content
    assert list((project / "mlruns/unsent").glob("[!.]*")) == []
    run()
    assert len(list((project / "wandb").glob("offline-run-*"))) == 1


def test_without_the_package_the_remedy_is_said(monkeypatch, tmp_path):
    import sys

    monkeypatch.setitem(sys.modules, "wandb", None)
    params = TrackingParams(mlflow=True, wandb=True, wandb_project="p", wandb_entity=None)
    with pytest.raises(ConfigError, match=r"pip install -e .\[wandb\]"):
        mirror.mirror([], params, tmp_path)
