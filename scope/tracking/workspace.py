"""Where a run takes place: the main working tree, the state of Git, the experiment of DVC."""

import os
import re
import subprocess
from pathlib import Path

import yaml

UNKNOWN = "unknown"
# dvc.lock lists code and parameters among the dependencies, like data.
NOT_DATA = ("scope/", "stages/", "build/params/")  # among what a stage depends on
WRITTEN_BY_DVC = ("params.yaml", "dvc.lock")  # change in every experiment
# .dvc/tmp/exps/<name> is where DVC runs experiments of its queue, and removes them afterwards.
_TEMPORARY = (".dvc", "tmp", "exps")
# user:password@ of an address, which a remote or a database may be given.
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]*@")


def main_tree(folder: Path = Path()) -> Path:
    """Return the working tree of `folder`, also from one of DVC's temporary experiment folders."""
    here = folder.resolve()
    for parent in (here, *here.parents):
        if parent.parts[-3:] == _TEMPORARY:
            return parent.parents[2]
    return here


def without_credentials(text: str) -> str:
    """Return a text without the user and password of the addresses in it."""
    return _CREDENTIALS.sub("", text)


def origin_tags(folder: Path = Path()) -> dict[str, str]:
    """Return what tells where a run in `folder` comes from, as tags.

    Nothing of the environment is among them but the name that DVC gave the experiment.
    """
    # In an experiment HEAD may be a commit of DVC's own; this is the one it started from.
    commit = os.environ.get("DVC_EXP_BASELINE_REV") or _git(folder, "rev-parse", "HEAD")
    tags = {
        "git.commit": commit or UNKNOWN,
        "git.dirty": _dirty(folder, commit),
        "dvc.data": _data_hash(folder),
        "dvc.experiment": os.environ.get("DVC_EXP_NAME", ""),
    }
    return {name: value for name, value in tags.items() if value}


def fetched_md5(folder: Path = Path()) -> dict[str, str]:
    """Return path -> md5 of the files that the stage fetch read, as dvc.lock has it."""
    try:
        text = (folder / "dvc.lock").read_text(encoding="utf-8")
    except OSError:
        return {}
    # One stage is cut out: the whole of dvc.lock takes a second to parse.
    found = re.search(r"^  fetch:\n(?:    .*\n)+", text, re.MULTILINE)
    stage = yaml.safe_load(found[0])["fetch"] if found else {}
    return {
        without_credentials(dep["path"]): dep["md5"]
        for dep in stage.get("deps", [])
        if "md5" in dep and not dep["path"].startswith(NOT_DATA)
    }


def _data_hash(folder: Path) -> str:
    try:
        outs = yaml.safe_load((folder / "data.dvc").read_text(encoding="utf-8"))["outs"]
        return str(outs[0]["md5"])
    except (OSError, yaml.YAMLError, KeyError, IndexError, TypeError):
        return UNKNOWN


def _dirty(folder: Path, commit: str | None) -> str:
    """Say whether tracked files differ from the commit, those apart that DVC itself writes."""
    if not commit:
        return UNKNOWN
    others = [f":(exclude){name}" for name in WRITTEN_BY_DVC]
    changed = _git(folder, "diff", "--name-only", commit, "--", ".", *others)
    return UNKNOWN if changed is None else str(bool(changed)).lower()


def _git(folder: Path, *command: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *command], cwd=folder, capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
