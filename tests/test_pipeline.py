"""dvc.yaml names every module and every parameter that its stages use."""

import ast
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from scope.params import TrainingParams

ROOT = Path(__file__).parent.parent
PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))


def body(stage: str) -> dict[str, Any]:
    entry = PIPELINE["stages"][stage]
    return entry.get("do", entry)


def module_file(name: str) -> Path | None:
    """Return the project's file of a module's name, relative to the root."""
    path = Path(*name.split("."))
    for candidate in (path / "__init__.py", path.with_suffix(".py")):
        if name.split(".", maxsplit=1)[0] in {"scope", "stages"} and (ROOT / candidate).is_file():
            return candidate
    return None


def imported_names(file: Path) -> set[str]:
    """Return every module name that a file may import, wherever in it the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def reached(file: Path) -> set[Path]:
    """Return the project's files that importing `file` can load, itself among them."""
    found: set[Path] = set()
    todo = {file}
    while todo:
        current = todo.pop()
        found.add(current)
        for name in imported_names(current):
            parts = name.split(".")
            prefixes = (".".join(parts[: k + 1]) for k in range(len(parts)))
            todo |= {path for prefix in prefixes if (path := module_file(prefix))} - found
    return found


def parameters(stage: str) -> set[str]:
    """Return the parameters that a stage follows, all of them in one file."""
    (section,) = body(stage)["params"]
    return set(section["build/params.json"])


def script(stage: str) -> Path:
    return Path("stages", body(stage)["cmd"].split("-m stages.")[1].split()[0] + ".py")


def test_following_imports_finds_a_module_imported_inside_a_function():
    assert Path("scope/errors.py") in reached(Path("stages/fetch.py"))


@pytest.mark.parametrize("stage", PIPELINE["stages"])
def test_a_stage_depends_on_every_module_it_reaches(stage):
    assert {str(path) for path in reached(script(stage))} - set(body(stage)["deps"]) == set()


@pytest.mark.parametrize("stage", PIPELINE["stages"])
def test_a_stage_depends_on_no_module_it_does_not_reach(stage):
    named = {dep for dep in body(stage)["deps"] if dep.endswith(".py")}
    assert named - {str(path) for path in reached(script(stage))} == set()


@pytest.mark.parametrize("stage", PIPELINE["stages"])
def test_a_stage_script_is_under_60_lines(stage):
    assert len((ROOT / script(stage)).read_text(encoding="utf-8").splitlines()) < 60


@pytest.mark.parametrize("stage", ["train", "train_xgb"])
def test_training_follows_the_parameters_of_its_own_class_alone(stage):
    assert "training.classes.${item}" in parameters(stage)
    assert not {"training", "training.classes"} & parameters(stage)


def test_training_follows_every_parameter_of_training_that_a_network_has():
    named = {name.split(".")[1] for name in parameters("train") if name.startswith("training.")}
    assert {field.name for field in fields(TrainingParams)} - {
        "xgb",
        "older",
        "threads",
    } - named == set()


def test_no_stage_sends_usage_data_when_run_by_hand():
    starts = (ROOT / "scope/stage.py").read_text(encoding="utf-8")
    assert all(name in starts for name in ("GX_ANALYTICS_ENABLED", "MLFLOW_DISABLE_TELEMETRY"))
