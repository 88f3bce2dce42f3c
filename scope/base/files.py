"""Writing files so that a reader never meets half of one."""

import glob
import json
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil


def _temporary(path: Path) -> Path:
    """Return a name for this process beside `path`; remove what a killed process has left there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    start, end = f".{path.name}.{platform.node()}-", f".tmp{path.suffix}"
    for left in path.parent.glob(f"{glob.escape(start)}*{glob.escape(end)}"):
        pid = left.name[len(start) : -len(end)]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            _remove(left)
    return path.with_name(f"{start}{os.getpid()}{end}")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its name once the block has succeeded."""
    temporary = _temporary(path)
    try:
        yield temporary
        temporary.replace(path)
    finally:
        _remove(temporary)


@contextmanager
def atomic_dir(path: Path) -> Iterator[Path]:
    """Yield an empty folder that replaces the folder `path` once the block has succeeded."""
    temporary = _temporary(path)
    _remove(temporary)
    temporary.mkdir()
    try:
        yield temporary
        _remove(path)
        temporary.replace(path)
    finally:
        _remove(temporary)


def write_json(data: Any, path: Path) -> None:
    """Write `data` as indented JSON with sorted keys; NaN is refused with ValueError."""
    with atomic_path(path) as temporary:
        temporary.write_text(json_text(data), encoding="utf-8")


def json_text(data: Any) -> str:
    """Return `data` as `write_json` writes it."""
    return json.dumps(data, indent=1, sort_keys=True, allow_nan=False) + "\n"
