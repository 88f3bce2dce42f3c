"""dvc.lock: which stage made what, and out of what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import yaml

from scope.base.errors import DataError

LOCK = "dvc.lock"
CODE = ("scope/", "stages/")


@dataclass(frozen=True)
class File:
    """A file or a folder as DVC recorded it; the md5 of a folder ends in .dir."""

    path: str
    md5: str
    size: int | None


@dataclass(frozen=True)
class Stage:
    """A run of a stage: what it read and wrote, files and folders of the code it ran.

    `params` are the parameters it followed, where they are known (scope.tracking.stage_params).
    """

    name: str
    command: str
    reads: list[File]
    code: list[File]
    writes: list[File]
    params: dict[str, Any] = field(default_factory=dict)


def parse_lock(text: str | None) -> dict[str, Stage]:
    """Return the stages of a dvc.lock by name; DataError where there is none."""
    if text is None:
        raise DataError(
            f"there is no {LOCK}: nothing has been run yet; `dvc repro` or `dvc exp run`"
        )
    try:
        # PyYAML's C parser: the other takes seconds for a dvc.lock of many stages.
        stages = yaml.load(text, Loader=yaml.CSafeLoader)["stages"]
        return {name: _stage(name, entry) for name, entry in stages.items()}
    except (yaml.YAMLError, LookupError, TypeError, AttributeError) as error:
        raise DataError(f"{LOCK} cannot be read ({error}); `git checkout {LOCK}`") from error


def makers(stages: dict[str, Stage], target: str) -> list[Stage]:
    """Return the stages that made a path, something in it or a folder that holds it.

    Raises
    ------
    DataError : none did
    """
    path = PurePosixPath(target).as_posix()
    exact = [one for one in stages.values() if any(path == out.path for out in one.writes)]
    found = exact or [
        one for one in stages.values() if any(related(path, out.path) for out in one.writes)
    ]
    if not found:
        known = sorted({out.path for one in stages.values() for out in one.writes})
        near = [name for name in known if name.split("/")[0] == path.split("/")[0]] or known
        raise DataError(f"no stage made {target!r}; known are {', '.join(near[:12])}")
    return found


def upstream(stages: dict[str, Stage], ends: Iterable[Stage]) -> list[Stage]:
    """Return all that `ends` depend on, each stage behind those that it depends on."""
    ordered: dict[str, Stage] = {}

    def visit(stage: Stage) -> None:
        for dep in stage.reads:
            for other in stages.values():
                if other.name != stage.name and any(
                    related(dep.path, o.path) for o in other.writes
                ):
                    visit(other)
        # Behind the visits: a stage comes after all that it depends on.
        ordered.setdefault(stage.name, stage)

    for end in ends:
        visit(end)
    return list(ordered.values())


def related(one: str, other: str) -> bool:
    """Say whether two paths are equal or one is in the other."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def sources(chain: Iterable[Stage]) -> Iterator[File]:
    """Yield what the first stages read and none of them wrote."""
    written = [out.path for stage in chain for out in stage.writes]
    seen: set[str] = set()
    for stage in chain:
        for dep in stage.reads:
            if dep.path not in seen and not any(related(dep.path, out) for out in written):
                seen.add(dep.path)
                yield dep


def _stage(name: str, entry: dict[str, Any]) -> Stage:
    deps = [_file(dep) for dep in entry.get("deps", [])]
    return Stage(
        name=name,
        command=" ".join(str(entry["cmd"]).split()),
        # dvc.lock does not tell code from data; the folder does.
        reads=[one for one in deps if not one.path.startswith(CODE)],
        code=[one for one in deps if one.path.startswith(CODE)],
        writes=[_file(out) for out in entry.get("outs", [])],
    )


def _file(entry: dict[str, Any]) -> File:
    return File(str(entry["path"]), str(entry.get("md5", "none")), entry.get("size"))
