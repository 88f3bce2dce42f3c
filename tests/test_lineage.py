"""The chain behind a model, read from a dvc.lock and a data.dvc in a small git repository."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from project import call

from scope.base.errors import DataError
from scope.base.files import json_text
from scope.base.params import read_params
from scope.cli.main import main
from scope.config.followed import followed_of
from scope.tracking import runs
from scope.tracking.commits import History
from scope.tracking.lockfile import parse_lock, upstream
from scope.tracking.trace import trace

TABLE = "data/training/dataset.d15.csv"
CODE = "stages/train.py"


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def entry(path, digest):
    return {"path": path, "hash": "md5", "md5": digest, "size": 10}


def stage(cmd, deps, outs, **params):
    """Return a stage of dvc.lock; what it follows is kept in a file in DVC's cache."""
    text = json_text(params)
    cached = Path(".dvc/cache/files/md5") / md5(text)[:2] / md5(text)[2:]
    cached.parent.mkdir(parents=True, exist_ok=True)
    cached.write_text(text)
    name = "/".join(cmd.split())
    return {
        "cmd": cmd,
        "deps": [*deps, entry(f"build/params/{name}.json", md5(text))],
        "outs": outs,
    }


def lock_of(version):
    """A dvc.lock in which everything bears the version."""
    table, training, scaled, dnn, xgb, metrics = (
        entry(path, md5(f"{path}{version}"))
        for path in (
            *(TABLE, "build/training.parquet", "build/scaled"),
            *("models/vnv/dnn", "models/vnv/xgb", "reports/vnv/metrics.json"),
        )
    )
    metrics["md5"] = md5(metrics_of(version))
    code, no_file = entry(CODE, md5("code")), entry("conf/no-file", md5("none"))
    source = {"table": TABLE, "objects": None, "lightcurves": None}
    return {
        "fetch": stage("fetch", [table, no_file], [training], **{"dataset.training": source}),
        "scale": stage("scale", [training], [scaled], scale={"clip": 10.0}),
        "train@vnv": stage("train vnv", [code, scaled], [dnn], **{"training.epochs": version}),
        "train_xgb@vnv": stage("train_xgb vnv", [scaled], [xgb]),
        "evaluate@vnv": stage("evaluate vnv", [dnn, xgb], [metrics]),
        "other": stage("other", [entry("elsewhere", "0")], [entry("build/else", "1")]),
        "configure": {
            "cmd": "configure",
            "deps": [entry("params.yaml", md5("params"))],
            "outs": [entry("build/params", md5(str(version)) + ".dir")],
        },
    }


def metrics_of(version):
    precision = {"average_precision": version / 10}
    bounds = {"average_precision_low": 0.0, "average_precision_high": 1.0}
    return json.dumps({"dnn": precision | bounds, "xgb": {"f1": 0.5}})


def write(folder, version):
    """Write what a run of this version leaves behind, and commit it."""
    (folder / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": lock_of(version)}))
    origin = {
        "source": "gs://ztf-scope/datasets/dataset.d15.csv",
        "generation": 1000 + version,
        "size": 10,
        "md5": md5(f"{TABLE}{version}"),
        "updated": "2026-11-24T00:00:00+00:00",
    }
    meta = {"origin": {"training/dataset.d15.csv": origin}}
    (folder / "data.dvc").write_text(yaml.safe_dump({"meta": meta, "outs": []}))
    (folder / "reports/vnv").mkdir(parents=True, exist_ok=True)
    (folder / "reports/vnv/metrics.json").write_text(metrics_of(version))
    call(folder, "git", "add", "dvc.lock", "data.dvc", CODE)
    call(folder, "git", "commit", "--quiet", f"--message=version {version}")
    return call(folder, "git", "rev-parse", "HEAD").stdout.strip()


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with two versions; the commits of both."""
    call(tmp_path, "git", "init", "--quiet")
    (tmp_path / "stages").mkdir()
    (tmp_path / CODE).write_text("code")
    monkeypatch.chdir(tmp_path)
    return tmp_path, write(tmp_path, 1), write(tmp_path, 2)


def scope(*arguments):
    return CliRunner().invoke(main, ["lineage", *arguments])


def test_the_chain_leads_from_the_model_to_the_object_in_the_bucket(repository):
    _, _, second = repository
    lineage = trace("models/vnv/dnn", History())
    assert [one.name for one in lineage.stages] == ["configure", "fetch", "scale", "train@vnv"]
    (source,) = lineage.sources
    assert (source.file.path, source.origin.generation) == (TABLE, 1002)
    assert source.since.sha == second
    assert (lineage.commit.sha, lineage.commit.subject) == (second, "version 2")


def test_an_older_revision_tells_of_the_older_data(repository):
    _, first, _ = repository
    lineage = trace("models/vnv/dnn", History(rev=first))
    assert lineage.sources[0].origin.generation == 1001
    assert lineage.commit.sha == first
    assert lineage.stages[-1].params == {"training.epochs": 1}


def test_data_that_data_dvc_no_longer_has_are_found_in_its_history(repository):
    folder, first, _ = repository
    (folder / "dvc.lock").write_text(call(folder, "git", "show", f"{first}:dvc.lock").stdout)
    lineage = trace("models/vnv/dnn", History())
    assert lineage.sources[0].origin.generation == 1001
    assert lineage.sources[0].since.sha == first


def test_what_is_not_committed_is_said_to_be(repository):
    folder, _, _ = repository
    text = yaml.safe_dump({"schema": "2.0", "stages": lock_of(3)})
    (folder / "dvc.lock").write_text(text)
    lineage = trace("models/vnv/dnn", History())
    assert lineage.commit is None
    assert lineage.sources[0].origin is None
    assert "commit it to keep this" in scope("models/vnv/dnn").output


def test_code_that_is_not_in_the_commit_is_named(repository):
    folder, _, _ = repository
    (folder / CODE).write_text("changed")
    write(folder, 3)  # its dvc.lock says that other code ran
    assert trace("models/vnv/dnn", History()).strange_code == [CODE]
    assert f"not as in that commit: {CODE}" in scope("models/vnv/dnn").output


def test_a_folder_of_several_stages_and_a_file_in_one_have_a_lineage(repository):
    both = trace("models/vnv", History())
    assert [one.path for one in both.made] == ["models/vnv/dnn", "models/vnv/xgb"]
    assert [one.name for one in both.stages][-2:] == ["train@vnv", "train_xgb@vnv"]
    assert trace("models/vnv/dnn/card.json", History()).made[0].path == "models/vnv/dnn"


def test_a_report_comes_from_both_models(repository):
    names = [one.name for one in trace("reports/vnv", History()).stages]
    assert names == ["configure", "fetch", "scale", "train@vnv", "train_xgb@vnv", "evaluate@vnv"]


def test_metrics_are_shown_if_the_file_is_the_one_that_was_recorded(repository):
    folder, _, _ = repository
    assert trace("models/vnv/dnn", History()).metrics["dnn.average_precision"] == 0.2
    assert "  dnn.average_precision: 0.2 (0 to 1)\n" in scope("models/vnv/dnn").output
    assert "xgb" not in scope("models/vnv/dnn").output
    (folder / "reports/vnv/metrics.json").write_text("{}")
    assert trace("models/vnv/dnn", History()).metrics is None
    assert "`dvc pull reports/vnv/metrics.json`" in scope("models/vnv/dnn").output


def test_metrics_are_found_in_the_cache_of_dvc(repository):
    folder, first, _ = repository
    digest = md5(metrics_of(1))
    cached = folder / ".dvc/cache/files/md5" / digest[:2] / digest[2:]
    cached.parent.mkdir(parents=True, exist_ok=True)
    cached.write_text(metrics_of(1))
    assert trace("models/vnv/dnn", History(rev=first)).metrics["dnn.average_precision"] == 0.1


def test_all_of_it_is_there_for_programs(repository):
    shown = json.loads(scope("models/vnv/dnn", "--json").output)
    assert shown["stages"][-1]["params"] == {"training.epochs": 2}
    assert shown["sources"][0]["origin"]["generation"] == 1002


def test_what_no_stage_made_is_refused_with_what_there_is(repository):
    done = scope("models/nosuch/dnn")
    assert done.exit_code == 1
    assert "no stage made 'models/nosuch/dnn'; known are models/vnv/dnn" in done.output


def test_an_unknown_revision_is_refused(repository):
    assert "'nosuch' is no commit" in scope("models/vnv/dnn", "--rev=nosuch").output


def test_a_project_that_has_run_nothing_is_told_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"there is no dvc\.lock"):
        trace("models/vnv/dnn", History())


def test_a_downloaded_data_set_is_named_by_its_address(repository):
    folder, _, _ = repository
    stages = lock_of(1)
    stand_ins = [entry("conf/remote-file", "0"), entry("conf/no-file", "1")]
    params = {"dataset.training": {"table": "https://example.org/t.csv"}, "dataset.md5": "ab" * 16}
    stages["fetch"] = stage("fetch", stand_ins, stages["fetch"]["outs"], **params)
    (folder / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": stages}))
    (source,) = trace("models/vnv/dnn", History()).sources
    assert (source.address, source.file.md5) == ("https://example.org/t.csv", "ab" * 16)


def test_a_run_leads_to_the_commit_that_agrees_with_it(repository, monkeypatch):
    _, first, _ = repository
    tags = {"class": "vnv", "data.dataset.d15": md5(f"{TABLE}1")}
    monkeypatch.setattr(runs, "_logged", lambda *_: (tags, {"training.epochs": "1"}))
    path, history = runs.find_run("0" * 32)
    assert (path, history.rev) == ("models/vnv", first)


def test_a_run_of_an_evaluation_leads_to_its_report(repository, monkeypatch):
    tags = {"class": "vnv", "dvc.stage": "evaluate@vnv"}
    monkeypatch.setattr(runs, "_logged", lambda *_: (tags, {}))
    path, _ = runs.find_run("0" * 32)
    assert path.startswith("reports/vnv")


@pytest.mark.parametrize(
    ("tag", "epochs"), [(md5("others"), "1"), (md5(f"{TABLE}1"), "2"), (md5(f"{TABLE}1"), "9")]
)
def test_a_run_that_no_commit_agrees_with_is_refused(repository, monkeypatch, tag, epochs):
    tags = {"class": "vnv", "data.dataset.d15": tag}
    monkeypatch.setattr(runs, "_logged", lambda *_: (tags, {"training.epochs": epochs}))
    with pytest.raises(DataError, match="no commit or experiment here has"):
        runs.find_run("0" * 32)


@pytest.mark.slow
def test_a_run_in_a_real_store_is_found(repository, monkeypatch):
    from mlflow import MlflowClient

    folder, first, _ = repository
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
    client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
    run = client.create_run(client.create_experiment("scope"))
    client.set_tag(run.info.run_id, "dvc.stage", "train@vnv")
    client.log_param(run.info.run_id, "training.epochs", 1)
    done = scope(run.info.run_id)
    assert done.output.startswith("models/vnv/dnn\n")
    assert first[:12] in done.output
    assert "is not in sqlite" in scope("f" * 32).output


def test_parameters_that_are_not_in_the_cache_follow_from_params_yaml_of_the_commit(
    repository, root
):
    folder, _, _ = repository
    (folder / "params.yaml").write_text((root / "params.yaml").read_text())
    call(folder, "git", "add", "params.yaml")
    call(folder, "git", "commit", "--quiet", "--message=parameters")
    followed = followed_of(read_params(), "train", "vnv")
    stages = lock_of(1)
    stages["train@vnv"]["deps"][-1]["md5"] = md5(json_text(followed))
    (folder / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": stages}))
    assert trace("models/vnv/dnn", History()).stages[-1].params == followed
    stages["train@vnv"]["deps"][-1]["md5"] = md5("of another time")
    (folder / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": stages}))
    assert trace("models/vnv/dnn", History()).stages[-1].params == {}


def test_a_folder_of_code_is_compared_as_dvc_records_it(repository):
    folder, _, _ = repository
    (folder / "scope/base").mkdir(parents=True)
    (folder / "scope/base/a.py").write_text("a = 1\n")
    (folder / "scope/base/b.py").write_text("b = 2\n")
    call(folder, "git", "add", "scope")
    call(folder, "git", "commit", "--quiet", "--message=a folder")
    shutil.rmtree(folder / ".dvc")
    call(folder, "dvc", "init", "--quiet")
    (folder / "dvc.lock").unlink()
    call(folder, *["dvc", "stage", "add", "--name=it", "--deps=scope/base", "--run", "true"])
    (recorded,) = yaml.safe_load((folder / "dvc.lock").read_text())["stages"]["it"]["deps"]
    assert History().md5s("HEAD", ["scope/base"]) == {"scope/base": recorded["md5"]}


def test_stages_come_behind_those_that_they_depend_on(repository):
    stages = parse_lock(yaml.safe_dump({"stages": dict(reversed(lock_of(1).items()))}))
    names = [one.name for one in upstream(stages, [stages["evaluate@vnv"]])]
    for earlier, later in [
        ("fetch", "scale"),
        ("scale", "train@vnv"),
        ("train@vnv", "evaluate@vnv"),
    ]:
        assert names.index(earlier) < names.index(later)
    assert "other" not in names
