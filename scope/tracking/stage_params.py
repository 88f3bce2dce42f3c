"""The parameters that a run of a stage followed: dvc.lock has the md5 of the file with them."""

import json
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from scope.base.errors import ConfigError
from scope.base.files import json_text
from scope.base.hashing import md5_of
from scope.config.followed import followed_of
from scope.tracking.commits import History
from scope.tracking.lockfile import File, Stage

FOLDER = "build/params"
CACHE = Path(".dvc/cache/files/md5")
PARAMS = "params.yaml"


def with_params(stage: Stage, history: History) -> Stage:
    """Return a stage with the parameters it followed; none where they are nowhere to be found.

    They are in the file that dvc.lock names, on this machine or in DVC's cache, or follow from
    params.yaml as the revision has it.
    """
    files = [one for one in stage.reads if one.path.startswith(f"{FOLDER}/")]
    return replace(stage, params=_params(files[0], history)) if files else stage


def content_of(file: File, folder: Path) -> bytes | None:
    """Return a file as dvc.lock has it, from its place or DVC's cache; None where neither has."""
    for path in (folder / file.path, folder / CACHE / file.md5[:2] / file.md5[2:]):
        if path.is_file():
            content = path.read_bytes()
            # The working tree may hold the parameters of a later run.
            if md5_of(content) == file.md5:
                return content
    return None


def _params(file: File, history: History) -> dict[str, Any]:
    content = content_of(file, history.folder)
    if content is not None:
        found: dict[str, Any] = json.loads(content)
        return found
    path = PurePosixPath(file.path).relative_to(FOLDER).with_suffix("")
    try:
        document = yaml.load(history.text(PARAMS) or "", Loader=yaml.CSafeLoader)
        followed = followed_of(document, *path.parts)
    except (yaml.YAMLError, ConfigError, LookupError, TypeError):
        return {}  # params.yaml of another time
    # The md5 proves that today's rule of what a stage follows gives what it followed then.
    return followed if md5_of(json_text(followed)) == file.md5 else {}
