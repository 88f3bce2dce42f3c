"""The records of a pipeline and of DVC's experiments, also of those it runs elsewhere."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request

import pytest
from project import SMALL, build_small, call, environment

SETS = tuple(part for one in SMALL for part in ("-S", one))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        yield build_small(tmp_path_factory.mktemp("tracked"))


def classes(uri):
    """Return the runs of classes in the experiment of the sample, the earliest first."""
    from mlflow import MlflowClient

    client = MlflowClient(uri, uri)
    experiment = client.get_experiment_by_name("sample").experiment_id
    found = client.search_runs([experiment], order_by=["attributes.start_time"])
    return [one for one in found if "mlflow.parentRunId" not in one.data.tags]


def metrics_of(folder, name=None):
    """Return the metrics.json of the workspace or of an experiment."""
    path = "reports/vnv/metrics.json"
    if name is not None:
        import dvc.api

        return json.loads(dvc.api.read(path, repo=str(folder), rev=name))
    return json.loads((folder / path).read_text())


@pytest.mark.slow
def test_experiments_here_and_in_the_queue_are_recorded_in_one_store(built):
    change = ("-S", "training.learning_rate=0.01")
    call(built, "dvc", "exp", "run", "--name", "here", *SETS, *change)
    more = ("-S", "training.xgb.max_depth=2")
    call(built, "dvc", "exp", "run", "--queue", "--name", "queued", *SETS, *more)
    call(built, "dvc", "queue", "start")
    wait_for_queue(built)
    runs = classes(f"sqlite:///{built / 'mlflow.db'}")
    named = {one.data.tags.get("dvc.experiment"): one for one in runs}
    assert set(named) == {None, "here", "queued"}
    for name in ("here", "queued"):
        expected = metrics_of(built, name)
        for algorithm in ("dnn", "xgb"):
            recorded = named[name].data.metrics[f"{algorithm}.average_precision"]
            assert recorded == expected[algorithm]["average_precision"]
        assert named[name].data.tags["git.dirty"] == "false"
    assert named["here"].data.params["dnn.learning_rate"] == "0.01"
    assert named["queued"].data.params["xgb.xgb.max_depth"] == "2"
    assert named["queued"].data.metrics["xgb.wall_seconds"] > 0
    assert list((built / "mlruns/unsent").glob("[!.]*")) == []
    shown = call(built, "dvc", "plots", "diff", "here", "queued", "--out", "plots").stdout
    page = (built / "plots/index.html").read_text()
    assert "index.html" in shown
    assert page.count('"rev": "here"') > 10
    assert page.count('"rev": "queued"') > 10


def wait_for_queue(folder):
    for _ in range(900):
        status = call(folder, "dvc", "queue", "status").stdout
        if "Success" in status or "Failed" in status:
            assert "Success" in status, call(folder, "dvc", "queue", "logs", "queued").stdout
            return
        time.sleep(1.0)
    raise AssertionError(status)


@pytest.mark.slow
def test_a_server_gets_the_same_and_a_dead_one_does_not_stop_the_pipeline(built, monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    uri = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    call(built, "python", "scope.py", "params", *SMALL, "evaluate.histogram_bins=10")
    done = call(built, "dvc", "repro")
    assert "does not answer" in done.stdout + done.stderr
    failed = call(built, "python", "scope.py", "track", "sync", check=False)
    assert failed.returncode == 1
    store = f"sqlite:///{built / 'server.db'}"
    command = ["mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", store, "--artifacts-destination", str(built / "artifacts")]
    server = subprocess.Popen(
        command,
        cwd=built,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(uri)
        call(built, "python", "scope.py", "track", "sync")
        (run,) = classes(uri)
        expected = metrics_of(built)["dnn"]["average_precision"]
        assert run.data.metrics["dnn.average_precision"] == expected
        code = (
            "import mlflow.pyfunc, pandas; from scope.tables import read_table; "
            "from pathlib import Path; t = read_table(Path('build/catalogue.parquet'));"
            "s = mlflow.pyfunc.load_model('models:/scope-vnv/latest').predict(t);"
            "p = pandas.read_parquet('build/predictions.parquet');"
            "assert abs(s.vnv_dnn - p.vnv_dnn).max() < 1e-6;"
            "assert abs(s.vnv_xgb - p.vnv_xgb).max() < 1e-6"
        )
        call(built, "python", "-c", code)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def wait_for(uri):
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{uri}/health", timeout=1.0).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the server does not answer")
