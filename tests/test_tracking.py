"""What is recorded of a training in MLflow, and what becomes of it where the store is away."""

import contextlib
import json
import logging
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tracked import build, copy

from scope.tracking.entry import Entry
from scope.tracking.queue import QUEUE, put, sole_sender, waiting
from scope.tracking.store import TIMEOUT_S, store_uri
from scope.tracking.workspace import main_tree, origin_tags, without_credentials
from stages import track

ARGUMENTS = ("build/judged/all", "models", "build/scaled/feature_stats.json")
MORE = ("build/catalogue.parquet", "build/tracked/all.json")
SECRET = "s3cr3t-value"


@pytest.fixture(scope="module")
def trained(root, tmp_path_factory):
    with contextlib.chdir(tmp_path_factory.mktemp("trained")):
        return build(root, Path.cwd())


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    """A store whose tables are made already, which takes seconds."""
    from mlflow import MlflowClient

    path = tmp_path_factory.mktemp("store") / "mlflow.db"
    MlflowClient(f"sqlite:///{path}", f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def project(trained, empty_store, tmp_path, monkeypatch):
    """A copy of the project with an empty store, in which the test is."""
    for name in ("MLFLOW_TRACKING_URI", "DVC_EXP_NAME", "DVC_EXP_BASELINE_REV"):
        monkeypatch.delenv(name, raising=False)
    folder = copy(trained, tmp_path / "project")
    (folder / "mlflow.db").write_bytes(empty_store.read_bytes())
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="module")
def recorded(trained, empty_store, tmp_path_factory):
    """A project whose class has been recorded, for tests that only look."""
    folder = copy(trained, tmp_path_factory.mktemp("recorded") / "project")
    (folder / "mlflow.db").write_bytes(empty_store.read_bytes())
    with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch:
        for name in ("FRITZ_TOKEN", "MLFLOW_TRACKING_PASSWORD", "WANDB_API_KEY"):
            patch.setenv(name, SECRET)
        for name in ("MLFLOW_TRACKING_URI", "DVC_EXP_NAME", "DVC_EXP_BASELINE_REV"):
            patch.delenv(name, raising=False)
        run()
    return folder


def run():
    track.main(*ARGUMENTS, *MORE)


def client(folder):
    from mlflow import MlflowClient

    uri = f"sqlite:///{folder / 'mlflow.db'}"
    return MlflowClient(uri, uri)


def runs(store):
    """Return the runs of the data set's experiment: those of classes, those of random states."""
    experiment = store.get_experiment_by_name("sample").experiment_id
    found = store.search_runs([experiment])
    outer = [one for one in found if "mlflow.parentRunId" not in one.data.tags]
    return outer, [one for one in found if one not in outer]


def test_a_class_is_a_run_and_each_of_its_random_states_one_within(recorded):
    (outer,), inner = runs(client(recorded))
    assert outer.data.tags["class"] == "ea"
    assert {one.data.tags["mlflow.parentRunId"] for one in inner} == {outer.info.run_id}
    states = {(one.data.params["algorithm"], one.data.params["seed"]) for one in inner}
    assert states == {("dnn", "1"), ("dnn", "2"), ("xgb", "1"), ("xgb", "2")}
    assert {one.info.status for one in [outer, *inner]} == {"FINISHED"}


def test_the_metrics_are_those_of_the_evaluation_with_their_intervals(recorded):
    (outer,), _ = runs(client(recorded))
    metrics = json.loads((recorded / "build/judged/all/ea.json").read_text())["metrics"]
    for name in ("dnn", "xgb"):
        for key in ("average_precision", "average_precision_low", "brier_high", "tp"):
            assert outer.data.metrics[f"{name}.{key}"] == metrics[name][key]


def test_every_epoch_has_its_losses_and_figures(recorded):
    store = client(recorded)
    _, inner = runs(store)
    (one,) = [r for r in inner if r.data.params == {"algorithm": "dnn", "seed": "2"}]
    history = (recorded / "models/ea/dnn/history.csv").read_text().splitlines()
    rows = [line.split(",") for line in history[1:] if line.startswith("2,")]
    for place, name in ((2, "loss"), (3, "val_loss"), (4, "val_auc")):
        logged = store.get_metric_history(one.info.run_id, name)
        assert [(m.step, m.value) for m in logged] == [(int(r[1]), float(r[place])) for r in rows]


def test_the_parameters_that_matter_are_recorded(recorded):
    (outer,), _ = runs(client(recorded))
    expected = {"dnn.learning_rate": "0.001", "xgb.xgb.rounds": "5", "split.test_size": "0.2"}
    expected |= {"dataset.name": "sample", "dnn.label": "EA", "seed": "42"}
    assert expected.items() <= outer.data.params.items()


def test_a_result_that_is_recorded_is_not_recorded_again(project, monkeypatch):
    run()
    monkeypatch.setenv("DVC_EXP_NAME", "same-again")
    run()
    (outer,), _ = runs(client(project))
    assert outer.data.tags["dvc.experiments"] == "same-again"
    assert waiting(project / QUEUE) == []


def test_a_sending_cut_off_is_finished_by_the_next_without_a_trace(project, monkeypatch):
    from scope.tracking import send

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(send, "register", killed)
    with pytest.raises(KeyboardInterrupt):
        run()
    monkeypatch.undo()
    monkeypatch.chdir(project)
    run()
    outer, inner = runs(client(project))
    assert (len(outer), len(inner)) == (1, 4)


def test_what_the_stage_writes_does_not_depend_on_the_store(project, monkeypatch):
    run()
    first = (project / MORE[1]).read_bytes()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    run()
    assert (project / MORE[1]).read_bytes() == first


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_dead_server_costs_a_warning_and_the_next_run_sends(project, monkeypatch, caplog):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://user:{SECRET}@127.0.0.1:{free_port()}")
    run()
    (record,) = [one for one in caplog.records if one.levelno == logging.WARNING]
    assert "does not answer" in record.getMessage()
    assert "1 entries are kept" in record.getMessage()
    assert SECRET not in caplog.text
    assert len(waiting(project / QUEUE)) == 1
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    run()
    assert waiting(project / QUEUE) == []
    assert len(runs(client(project))[0]) == 1


@pytest.fixture
def slow_server():
    """A server that answers each request after two seconds, and the list of what was asked."""
    asked = []

    class Slow(BaseHTTPRequestHandler):
        def answer(self):
            asked.append(self.path)
            time.sleep(2.0)
            body = b'{"experiment": {"experiment_id": "1", "name": "sample"}, "runs": []}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_slow_server_is_given_up_within_ten_seconds(project, monkeypatch, caplog, slow_server):
    url, asked = slow_server
    monkeypatch.setenv("MLFLOW_TRACKING_URI", url)
    run()
    assert 2.0 * len(asked) < 10.0
    assert "is too slow" in caplog.text
    assert len(waiting(project / QUEUE)) == 1


def test_a_server_that_never_answers_is_given_up_after_one_request(project, monkeypatch, caplog):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{silent.getsockname()[1]}")
        run()
        silent.accept()[0].close()
        silent.settimeout(0.0)
        with pytest.raises(BlockingIOError):
            silent.accept()
    assert "does not answer (ReadTimeout)" in caplog.text
    assert TIMEOUT_S < 10


def test_no_token_and_no_environment_is_recorded(recorded):
    store = client(recorded)
    outer, inner = runs(store)
    for one in [*outer, *inner]:
        assert SECRET not in str({**one.data.tags, **one.data.params})
    kept = [path for path in (recorded / "mlruns").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if SECRET.encode() in path.read_bytes()]


def test_an_address_is_recorded_without_its_password():
    text = without_credentials("from https://me:pass@host/a?b=c@d and gs://bucket/x")
    assert text == "from https://host/a?b=c@d and gs://bucket/x"


def test_a_temporary_folder_of_an_experiment_belongs_to_the_main_tree(tmp_path):
    inside = tmp_path / ".dvc/tmp/exps/tmpabc"
    inside.mkdir(parents=True)
    assert main_tree(inside) == tmp_path.resolve()
    assert main_tree(tmp_path) == tmp_path.resolve()


def test_a_relative_store_is_that_of_the_main_tree(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert store_uri(tmp_path) == f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///other.db")
    assert store_uri(tmp_path) == f"sqlite:///{tmp_path}/other.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////abs/x.db")
    assert store_uri(tmp_path) == "sqlite:////abs/x.db"


def test_the_commit_and_whether_it_is_all_are_recorded(tmp_path):
    def git(*command):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--quiet")
    (tmp_path / "code.py").write_text("1\n")
    (tmp_path / "params.yaml").write_text("1\n")
    git("add", "--all")
    git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--message=one")
    (tmp_path / "params.yaml").write_text("2\n")
    tags = origin_tags(tmp_path)
    assert (len(tags["git.commit"]), tags["git.dirty"]) == (40, "false")
    (tmp_path / "code.py").write_text("2\n")
    assert origin_tags(tmp_path)["git.dirty"] == "true"


def test_an_entry_is_whole_or_not_on_the_queue(tmp_path):
    def fails(folder):
        (folder / "part").write_text("x")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        put(tmp_path, "one", fails)
    assert waiting(tmp_path) == []
    assert [one.name for one in tmp_path.iterdir()] == []


def test_only_one_process_sends(tmp_path):
    with sole_sender(tmp_path, 0.0) as first, sole_sender(tmp_path, 0.0) as second:
        assert (first, second) == (True, False)


def test_an_entry_comes_back_from_its_folder_as_it_was(project, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    run()
    (folder,) = waiting(project / QUEUE)
    entry = Entry.from_folder(folder)
    assert entry.identity == folder.name
    assert entry.whole == ["_id", "field"]
    assert sorted(entry.features) == ["field", "iqr", "period", "skew"]


def test_nothing_but_the_tracking_imports_mlflow(root):
    files = [*(root / "scope").rglob("*.py"), *(root / "stages").glob("*.py")]
    named = {
        path
        for path in files
        if "import mlflow" in (text := path.read_text()) or "from mlflow" in text
    }
    assert {path.parent.name for path in named} == {"tracking"}


def test_importing_a_training_stage_imports_no_mlflow(root):
    code = (
        "import sys, stages.train, stages.track; assert not {'mlflow', 'wandb'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
