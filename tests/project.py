"""A copy of the project in a folder of its own, where the whole pipeline can be run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SMALL = (
    *("class=vnv", "training.epochs=2", "validation.min_count=5", "evaluate.bootstrap=20"),
    "training.xgb.rounds=20",
)


def environment() -> dict[str, str]:
    """Return the environment of a person who has activated the project's environment."""
    binaries = Path(sys.executable).parent
    return os.environ | {
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "DVC_NO_ANALYTICS": "true",
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }


def call(folder: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder; AssertionError with all it printed where it fails."""
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 or not check, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def copy_project(folder: Path) -> Path:
    """Copy what git knows or would take of the project into `folder`, as a repository."""
    listed = call(ROOT, "git", "ls-files", "--cached", "--others", "--exclude-standard").stdout
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    call(folder, "git", "init", "--quiet")
    return folder


def build_small(folder: Path) -> Path:
    """Run the pipeline of one class on a tiny sample, with settings of its own, in `folder`."""
    copy_project(folder)
    call(folder, "python", "scope.py", "sample", "--training=300", "--catalogue=60")
    call(folder, "dvc", "add", "data")
    (folder / "dvc.lock").unlink(missing_ok=True)
    call(folder, "python", "scope.py", "params", *SMALL)
    call(folder, "git", "add", "--all")
    call(folder, "git", "commit", "--quiet", "--message=small")
    call(folder, "dvc", "repro")
    return folder
