"""Files appear whole or not at all."""

import os
import platform
import signal
import subprocess
import sys

import pytest

from scope.base.files import atomic_dir, atomic_path, write_json


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(RuntimeError), atomic_path(tmp_path / "a.txt") as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.txt", "old")]


def test_a_failed_folder_leaves_the_old_folder_and_nothing_else(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old").touch()
    with pytest.raises(RuntimeError), atomic_dir(tmp_path / "a") as temporary:
        (temporary / "new").touch()
        raise RuntimeError
    assert [str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")] == ["a", "a/old"]


def test_a_new_folder_replaces_the_old_one_whole(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old").touch()
    with atomic_dir(tmp_path / "a") as temporary:
        (temporary / "new").touch()
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["new"]


def test_json_that_no_other_program_reads_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json({"a": float("nan")}, tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from scope.base.files import atomic_dir
with atomic_dir(Path(sys.argv[1])) as folder:
    (folder / "half").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_has_left_is_gone_after_the_next_write(tmp_path):
    target = tmp_path / "a"
    done = subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not target.exists()
    assert len(list(tmp_path.iterdir())) == 1
    with atomic_dir(target) as folder:
        (folder / "whole").touch()
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == ["a", "a/whole"]


def test_what_a_running_process_is_writing_is_left_alone(tmp_path):
    other = tmp_path / f".a.{platform.node()}-{os.getppid()}.tmp"
    other.mkdir()
    with atomic_dir(tmp_path / "a"):
        pass
    assert other.exists()
