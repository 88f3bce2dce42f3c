"""A lineage as text for people, and as data for programs."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.filesize import decimal

from scope.base.hashing import md5_of
from scope.tracking.commits import Commit
from scope.tracking.lockfile import File, Stage
from scope.tracking.trace import Lineage, Source, flat

MOST_LEAVES = 12  # of a parameter that are shown one by one
LONGEST = 88  # letters of a value that are shown


def as_data(lineage: Lineage) -> dict[str, Any]:
    """Return all of a lineage, with every parameter in full."""
    return asdict(lineage)


def lines(lineage: Lineage) -> Iterator[str]:
    """Yield a lineage line by line: what it is, data, stages with their parameters, metrics."""
    yield lineage.target
    for file in lineage.made:
        yield f"  {_file(file)}"
    yield f"  commit   {_commit(lineage.commit)}"
    yield f"  code     {_code(lineage)}"
    yield "data"
    for source in lineage.sources:
        yield from _source(source)
    yield "stages, in the order in which they ran"
    for stage in lineage.stages:
        yield from _stage(stage)
    yield from _metrics(lineage)


def _file(file: File) -> str:
    size = "" if file.size is None else f"  {decimal(file.size)}"
    return f"{file.path}  md5 {file.md5}{size}"


def _commit(commit: Commit | None) -> str:
    if commit is None:
        return "none: dvc.lock has changed since the last commit; commit it to keep this"
    return f"{commit.sha[:12]}  {commit.time}  {commit.subject}"


def _code(lineage: Lineage) -> str:
    n_modules = len({module.path for stage in lineage.stages for module in stage.code})
    where = "that commit" if lineage.commit else "the last commit"
    if not lineage.strange_code:
        return f"{n_modules} modules, all as in {where}"
    return f"{n_modules} modules, not as in {where}: {', '.join(lineage.strange_code)}"


def _source(source: Source) -> Iterator[str]:
    yield f"  {_file(source.file)}"
    if source.origin is not None:
        origin = source.origin
        yield f"    from {origin.source}, generation {origin.generation}, stored {origin.updated}"
        yield f"    in its .dvc file since {_commit(source.since)}"
    elif source.address is not None:
        yield "    downloaded by the stage fetch; dataset.md5 pins what it must be"
    else:
        yield "    made here, or its origin was not recorded"


def _stage(stage: Stage) -> Iterator[str]:
    yield f"  {stage.name}: {stage.command}"
    for out in stage.writes:
        yield f"    -> {_file(out)}"
    for name, value in stage.params.items():
        leaves = flat(value, name)
        if len(leaves) > MOST_LEAVES:
            text = json.dumps(value, sort_keys=True, default=str)
            digest = md5_of(text)
            yield f"    {name}: {len(leaves)} values, md5 {digest}"
            continue
        for key, leaf in leaves.items():
            shown = json.dumps(leaf, default=str)
            yield f"    {key}: {shown if len(shown) <= LONGEST else shown[:LONGEST] + ' ...'}"


def _metrics(lineage: Lineage) -> Iterator[str]:
    if lineage.metrics_path is None:
        return
    yield f"metrics, {lineage.metrics_path}"
    if lineage.metrics is None:
        yield f"  not on this machine: `dvc pull {lineage.metrics_path}`"
        return
    numbers = {name: one for name, one in lineage.metrics.items() if isinstance(one, int | float)}
    bounds = {f"{name}_{end}" for name in numbers for end in ("low", "high")}
    for name, value in numbers.items():
        low, high = numbers.get(f"{name}_low"), numbers.get(f"{name}_high")
        interval = "" if low is None or high is None else f" ({low:.6g} to {high:.6g})"
        if name not in bounds:
            yield f"  {name}: {value:.6g}{interval}"
