"""dvc.yaml names every module and every parameter that its stages use."""

import ast
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from scope.base.params import read_params
from scope.config.followed import FOLLOWED, FOLLOWED_BY_CLASS, write_followed
from scope.config.training import TrainingParams

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


def script(stage: str) -> Path:
    return Path("stages", body(stage)["cmd"].split("-m stages.")[1].split()[0] + ".py")


def code_stage(stage: str) -> str:
    """Return the stage that names the code of `stage`: itself, or the one its runs share."""
    shared = f"build/code/{stage}.json"
    return f"{stage}_code" if shared in body(stage)["deps"] else stage


def says_nothing(file: Path) -> bool:
    """Tell whether a package's __init__.py holds no more than its docstring."""
    return file.name == "__init__.py" and len(ast.parse((ROOT / file).read_text()).body) <= 1


def code_of(stage: str) -> set[Path]:
    """Return the project's files that a stage runs, in so far as they can change what it does."""
    names_only = {Path("scope/__init__.py")}  # loads what is asked for by its name
    files = reached(script(stage)) - names_only
    return {file for file in files if not says_nothing(file)}


def rooms(stage: str) -> set[Path]:
    """Return the files and folders of code that a stage depends on."""
    deps = map(Path, body(code_stage(stage))["deps"])
    return {dep for dep in deps if dep.parts[0] in {"scope", "stages"}}


def sections_read(file: Path) -> set[str]:
    """Return the parameters that a module reads: calls of read_section and of its kin."""
    if file.parts[:2] == ("scope", "config"):  # where they are defined
        return set()
    kin = {"read_training": "training", "read_classes": "training.classes"}
    kin |= {"label_names": "taxonomy", "class_names": "taxonomy", "read_class": "training.classes"}
    names = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "read_section" and isinstance(node.args[0], ast.Constant):
                names.add(node.args[0].value)
            elif node.func.id in kin:
                names.add(kin[node.func.id])
    return names


def followed(stage: str) -> set[str]:
    return set(FOLLOWED.get(stage) or FOLLOWED_BY_CLASS[stage])


RUN = [stage for stage in PIPELINE["stages"] if not stage.endswith("_code")]


def test_following_imports_finds_a_module_imported_inside_a_function():
    assert Path("scope/tables/hdf5.py") in reached(Path("stages/fetch.py"))


@pytest.mark.parametrize("stage", RUN)
def test_a_stage_depends_on_the_folder_of_every_module_it_reaches(stage):
    inside = rooms(stage)
    missing = {file for file in code_of(stage) if not {file, *file.parents} & inside}
    assert missing == set()


@pytest.mark.parametrize("stage", RUN)
def test_a_stage_depends_on_no_folder_it_does_not_reach(stage):
    reach = {one for file in code_of(stage) for one in (file, *file.parents)}
    reach |= {Path("stages/code.py")} if code_stage(stage) != stage else set()
    assert rooms(stage) - reach == set()


def test_no_folder_holds_another_that_is_named_beside_it():
    for stage in RUN:
        inside = rooms(stage)
        assert not [one for one in inside if set(one.parents) & inside], stage


@pytest.mark.parametrize("stage", RUN)
def test_a_stage_script_is_under_60_lines(stage):
    assert len((ROOT / script(stage)).read_text(encoding="utf-8").splitlines()) < 60


@pytest.mark.parametrize("stage", [stage for stage in RUN if stage != "configure"])
def test_a_stage_follows_every_parameter_that_it_reads(stage):
    unseen = {"training.threads", "inputs.catalogue"}  # nothing depends on it; a dependency itself
    for name in {one for file in reached(script(stage)) for one in sections_read(file)} - unseen:
        names = [one for one in followed(stage) if f"{one}.".startswith(f"{name}.")]
        whole = [one for one in followed(stage) if not one or f"{name}.".startswith(f"{one}.")]
        assert names or whole, name


@pytest.mark.parametrize("stage", [stage for stage in RUN if stage != "configure"])
def test_a_stage_depends_on_its_own_parameters(stage):
    name = f"{stage}/${{item}}" if stage in FOLLOWED_BY_CLASS else stage
    deps = {*body(stage)["deps"], *body(code_stage(stage))["deps"]}
    found = [dep for dep in deps if dep.startswith("build/params")]
    assert found == [f"build/params/{name}.json"]


@pytest.mark.parametrize("stage", ["train", "train_xgb"])
def test_training_follows_the_parameters_of_its_own_class_alone(stage):
    assert "training.classes.{tag}" in followed(stage)
    assert not {"training", "training.classes"} & followed(stage)


def test_training_follows_every_parameter_of_training_that_a_network_has():
    named = {name.split(".")[1] for name in followed("train")}
    assert {field.name for field in fields(TrainingParams)} - {"xgb", "threads"} - named == set()


def test_what_a_stage_follows_is_written_for_each_class(tmp_path):
    write_followed(read_params(ROOT / "params.yaml"), tmp_path)
    vnv = json.loads((tmp_path / "train/vnv.json").read_text())
    assert vnv["training.classes.vnv"]["label"] == "variable"
    assert "training.classes.ea" not in vnv and "training.threads" not in vnv


def test_no_stage_sends_usage_data_when_run_by_hand():
    starts = (ROOT / "scope/base/stage.py").read_text(encoding="utf-8")
    assert all(name in starts for name in ("GX_ANALYTICS_ENABLED", "MLFLOW_DISABLE_TELEMETRY"))
