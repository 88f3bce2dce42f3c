"""Where an upload comes from: pipeline version, commit, parameters, data."""

import json
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from scope.base.hashing import md5_of
from scope.base.params import PARAMS_FILE, read_params

UPLOAD_SECTIONS = ("fritz", "fritz_labels", "tracking")  # say where things go, not what they are
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Provenance:
    """What an annotation says of its origin.

    Attributes
    ----------
    data_md5 : of the file that was uploaded from
    params_md5 : of the parameters, those of the upload itself left out
    commit : of the repository the program ran in, or "unknown"
    """

    data_md5: str
    params_md5: str
    commit: str
    pipeline_version: str

    def as_data(self) -> dict[str, Any]:
        """Return the keys and values for an annotation."""
        return {
            "data_md5": self.data_md5,
            "params_md5": self.params_md5,
            "commit": self.commit,
            "pipeline_version": self.pipeline_version,
        }


def provenance(data_md5: str, params: Path = PARAMS_FILE) -> Provenance:
    """Return the provenance of what is made here and now from data of this md5."""
    return Provenance(data_md5, _params_md5(params), _commit(params.absolute().parent), release())


def release() -> str:
    """Return the version of the pipeline."""
    try:
        return version("scope-pipeline")
    except PackageNotFoundError:
        return UNKNOWN


def _params_md5(path: Path) -> str:
    sections = {
        name: value for name, value in read_params(path).items() if name not in UPLOAD_SECTIONS
    }
    # By content: a comment or another order in the file is no other parameter.
    text = json.dumps(sections, sort_keys=True, default=str)
    return md5_of(text)


def _commit(folder: Path) -> str:
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return UNKNOWN
    return done.stdout.strip()
