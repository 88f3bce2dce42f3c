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


@pytest.mark.parametrize(
    ("module", "marked"),
    [
        ("scope/fritz/records.py", {"push"}),
        ("scope/reports/figures.py", {"push", "report"}),
        ("scope/models/trees/boosting.py", {"train_xgb_code", "predict", "report"}),
        ("scope/models/networks/training.py", {"train_code", "predict"}),
        ("scope/features/dmdt.py", {"fetch", "fetch_catalogue"}),
        ("scope/evaluation/curves.py", {"evaluate_code", "compare", "track", "report"}),
        ("scope/config/fritz.py", {"configure", "push", "report"}),
        ("tests/test_pipeline.py", set()),
        ("docs/index.md", set()),
    ],
)
def test_an_edit_marks_the_stages_that_use_it_and_no_others(built, module, marked):
    original = (built / module).read_text()
    edit(built / module, "\n# a remark\n")
    found = changed_stages(built)
    (built / module).write_text(original)
    assert found == marked


def test_a_remark_in_the_network_trains_nothing_and_another_constant_does(built):
    module = built / "scope/models/networks/layout.py"
    original = module.read_text()
    edit(module, "\n# a remark\n")
    call(built, "dvc", "repro", "train_code")
    with_remark = changed_stages(built)
    edit(module, "\nUNUSED = 1\n")
    call(built, "dvc", "repro", "train_code")
    with_constant = changed_stages(built)
    module.write_text(original)
    call(built, "dvc", "repro", "train_code")
    assert (with_remark, with_constant) == ({"predict"}, {"predict", "train@vnv"})


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
