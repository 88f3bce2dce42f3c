"""The pipeline from end to end, twice, in two folders: the same bytes, and nothing run in vain."""

from pathlib import Path

import pytest
from project import build_small, call, copy_project


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    return build_small(tmp_path_factory.mktemp("built"))


def changed_stages(folder: Path) -> set[str]:
    """Return the stages whose own code, parameters or data have changed."""
    lines = call(folder, "dvc", "status").stdout.splitlines()
    return {line.rstrip(":") for line in lines if line.endswith(":") and not line[0].isspace()}


def edit(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_two_builds_in_two_folders_agree_hash_by_hash(built, tmp_path_factory):
    again = build_small(tmp_path_factory.mktemp("another") / "folder with a longer name")
    assert (again / "dvc.lock").read_text() == (built / "dvc.lock").read_text()


def test_a_finished_pipeline_reruns_nothing(built):
    assert "Running stage" not in call(built, "dvc", "repro").stdout


def test_the_pipeline_ends_with_a_report_a_table_and_a_receipt(built):
    names = {path.name for path in (built / "reports/fritz").iterdir()}
    assert {"report.html", "report.csv", "receipt.json"} <= names
    page = (built / "reports/index.html").read_text(encoding="utf-8")
    assert ", written 20" in page
    assert ", written 20" not in (built / "build/report.html").read_text(encoding="utf-8")


def test_dvc_shows_the_metrics_of_both_algorithms(built):
    shown = call(built, "dvc", "metrics", "show").stdout
    assert "dnn.average_precision" in shown
    assert "xgb.average_precision" in shown


def test_an_edit_of_the_network_reruns_training_and_not_fetch(built):
    original = (built / "scope/nn.py").read_text()
    edit(built / "scope/nn.py", "\n# a remark\n")
    assert changed_stages(built) == {"train@vnv", "predict"}
    (built / "scope/nn.py").write_text(original)


def test_an_edit_of_a_test_reruns_nothing(built):
    edit(built / "tests/test_params.py", "\n# a remark\n")
    assert changed_stages(built) == set()


def test_another_threshold_of_a_class_leaves_the_light_curves_alone(built):
    original = (built / "params.yaml").read_text()
    call(
        built, "python", "scope.py", "params", *("training.classes.vnv.threshold=0.7", "class=vnv")
    )
    assert not changed_stages(built) & {"fetch", "fetch_catalogue"}
    (built / "params.yaml").write_text(original)


def test_models_are_pushed_to_a_remote_and_pulled_by_another_clone(built, tmp_path):
    call(built, "dvc", "push", "--remote", add_remote(built, tmp_path / "store"))
    clone = tmp_path / "clone"
    call(tmp_path, "git", "clone", "--quiet", str(built), str(clone))
    (clone / "dvc.lock").write_text((built / "dvc.lock").read_text())
    call(clone, "dvc", "pull", "--remote", add_remote(clone, tmp_path / "store"))
    assert "Running stage" not in call(clone, "dvc", "repro").stdout
    assert (clone / "reports/fritz/report.html").is_file()


def add_remote(folder: Path, store: Path) -> str:
    call(folder, "dvc", "remote", "add", "--local", "--force", "store", str(store))
    return "store"


def test_the_sample_comes_out_as_data_dvc_says(root, tmp_path):
    copy_project(tmp_path)
    call(tmp_path, "python", "scope.py", "sample")
    call(tmp_path, "dvc", "add", "data")
    assert (tmp_path / "data.dvc").read_text() == (root / "data.dvc").read_text()
    assert "up to date" in call(tmp_path, "dvc", "status", "data.dvc").stdout
