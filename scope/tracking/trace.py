"""The chain behind a path: data and their origin, stages, parameters, commit, metrics."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scope.buckets.address import Origin
from scope.buckets.versions import DATASETS, MODELS, origins_in
from scope.tracking.commits import Commit, History
from scope.tracking.lockfile import (
    LOCK,
    File,
    Stage,
    makers,
    parse_lock,
    related,
    sources,
    upstream,
)
from scope.tracking.stage_params import PARAMS, content_of, with_params

METRICS = "metrics.json"
# conf/no-file stands for an input that a data set lacks: there is no origin to look for.
STAND_INS = "conf/"
REMOTE_FILE = "conf/remote-file"


@dataclass(frozen=True)
class Source:
    """A file that the chain begins with.

    Attributes
    ----------
    origin : where it came from; None where it was not fetched
    since : the commit that brought it into its .dvc file, or None
    address : where a stage itself downloaded it from, or None
    """

    file: File
    origin: Origin | None = None
    since: Commit | None = None
    address: str | None = None


@dataclass(frozen=True)
class Lineage:
    """All that led to a path.

    Attributes
    ----------
    made : what is at the path, of each stage that made some of it
    commit : the first one whose dvc.lock has it; None where it is not committed
    strange_code : modules that ran and are not as in that commit (or, without one, as in HEAD)
    metrics : name -> value; None where the file with them is not on this machine
    metrics_path : the file with them, or None
    """

    target: str
    made: list[File]
    commit: Commit | None
    sources: list[Source]
    stages: list[Stage]
    strange_code: list[str]
    metrics: dict[str, float] | None
    metrics_path: str | None


def trace(target: str, history: History) -> Lineage:
    """Return the lineage of what a stage wrote; DataError where none wrote it."""
    stages = parse_lock(history.text(LOCK))
    path = Path(target).as_posix()
    ends = makers(stages, path)
    chain = [with_params(stage, history) for stage in upstream(stages, ends)]
    made = [out for end in ends for out in end.writes if related(path, out.path)]
    commit = history.since(made[0].md5, LOCK)
    measured = _metrics_file(stages, made)
    return Lineage(
        target=target,
        made=made,
        commit=commit,
        sources=[*_sources(chain, history)],
        stages=chain,
        strange_code=_strange(chain, commit, history),
        metrics=_metrics(measured, target, history) if measured else None,
        metrics_path=measured.path if measured else None,
    )


def _sources(chain: list[Stage], history: History) -> list[Source]:
    found = []
    for file in sources(chain):
        if file.path == REMOTE_FILE:
            found.append(_downloaded(chain, file))
        elif not file.path.startswith(STAND_INS) and file.path != PARAMS:
            found.append(_fetched(file, history))
    return found


def _downloaded(chain: list[Stage], file: File) -> Source:
    """Return a source that a stage downloaded: its address and pinned md5 are parameters."""
    params: dict[str, Any] = {}
    for stage in chain:
        params |= stage.params
    files = params.get("dataset.training") or {}
    address = files.get("table") or files.get("objects")
    pinned = params.get("dataset.md5")
    return Source(File(str(address), pinned or "not pinned", file.size), address=address)


def _fetched(file: File, history: History) -> Source:
    """Return a file with the origin that a .dvc file has, or once had, of just these bytes."""
    for tracked in (DATASETS, MODELS):
        root, dvc_file = tracked.root.as_posix(), tracked.dvc_file.as_posix()
        if not file.path.startswith(f"{root}/"):
            continue
        name = file.path.removeprefix(f"{root}/")
        # Data and their .dvc file may have moved on; the md5 finds the version that was read.
        since = history.since(file.md5, dvc_file)
        texts = [history.text(dvc_file) or ""]
        texts += [] if since is None else [text for _, text in history.versions(dvc_file)]
        for text in texts:
            origin = origins_in(yaml.safe_load(text), dvc_file).get(name)
            if origin is not None and origin.md5 == file.md5:
                return Source(file, origin, since)
    return Source(file)


def _strange(chain: list[Stage], commit: Commit | None, history: History) -> list[str]:
    code = {module.path: module.md5 for stage in chain for module in stage.code}
    # Compared with the commit that keeps the result: code edited before it was committed shows
    # here.
    there = history.md5s(commit.sha if commit else history.rev or "HEAD", code)
    return sorted(path for path, md5 in code.items() if there[path] != md5)


def _metrics_file(stages: dict[str, Stage], made: list[File]) -> File | None:
    """Return the metrics of the models, or those that lie with what was made."""
    for stage in stages.values():
        reads = any(related(dep.path, one.path) for dep in stage.reads for one in made)
        own = any(out in made for out in stage.writes)
        for out in stage.writes:
            if out.path.endswith(METRICS) and (reads or own):
                return out
    return None


def _metrics(file: File, target: str, history: History) -> dict[str, float] | None:
    """Return the numbers of a metrics file, of one algorithm where the target is its model."""
    content = content_of(file, history.folder)
    if content is None:
        return None
    numbers = flat(json.loads(content))
    own = {k: v for k, v in numbers.items() if k.split(".")[0] == Path(target).name}
    return own or numbers


def flat(values: Any, name: str = "") -> dict[str, Any]:
    """Return the leaves of nested dictionaries, their names joined by dots."""
    if not isinstance(values, dict):
        return {name: values}
    return {
        key: leaf
        for step, value in values.items()
        for key, leaf in flat(value, f"{name}.{step}" if name else str(step)).items()
    }
