"""What DVC tracks, with where each file came from, in the `meta` of its .dvc file."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from scope.base.errors import ConfigError, DataError
from scope.base.settings import parse
from scope.base.stage import log_level
from scope.buckets.address import Origin
from scope.buckets.errors import BucketError
from scope.buckets.partial import PARTIAL

ORIGIN = "origin"
DVC_FOLDER = Path(".dvc")


@dataclass(frozen=True)
class Tracked:
    """A folder that DVC tracks as a whole, and where in it files of a bucket go."""

    root: Path
    destination: Path

    @property
    def dvc_file(self) -> Path:
        """The .dvc file that tracks the folder."""
        return self.root.with_name(f"{self.root.name}.dvc")

    def key(self, path: Path) -> str:
        """Return the name of a file of the folder in the .dvc file."""
        return path.relative_to(self.root).as_posix()

    def files(self) -> set[Path]:
        """Return the files that are here, but for parts of files."""
        found = (path for path in self.root.rglob("*") if path.is_file())
        return {path for path in found if not path.name.endswith(PARTIAL)}


DATASETS = Tracked(Path("data"), Path("data/training"))
MODELS = Tracked(Path("models/pretrained"), Path("models/pretrained"))


def origins_in(document: Any, where: str) -> dict[str, Origin]:
    """Return the origins in a parsed .dvc file, file -> origin; ConfigError for others."""
    meta = (document or {}).get("meta") or {}
    return parse(meta.get(ORIGIN) or {}, dict[str, Origin], f"{where}: meta.{ORIGIN}")


def read_origins(tracked: Tracked) -> dict[str, Origin]:
    """Return where the files of a folder came from, as its .dvc file says; {} without one."""
    if not tracked.dvc_file.is_file():
        return {}
    try:
        document = yaml.safe_load(tracked.dvc_file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ConfigError(
            f"{tracked.dvc_file} is not YAML ({error}); `git checkout` brings it back"
        ) from error
    return origins_in(document, str(tracked.dvc_file))


@contextmanager
def sole_repository(tracked: Tracked) -> Iterator[Any]:
    """Yield DVC's repository; BucketError where another process fetches to the same folder."""
    from dvc.repo import Repo
    from filelock import FileLock, Timeout

    if not DVC_FOLDER.is_dir():
        raise ConfigError("no DVC repository here; run in the project's folder")
    path = DVC_FOLDER / "tmp" / f"fetching-{tracked.root.name}.lock"
    path.parent.mkdir(exist_ok=True)
    try:
        with FileLock(path, timeout=0), Repo() as repo:
            repo.scm_context.quiet = True  # what git is to be told is said by the caller
            yield repo
    except Timeout as error:
        raise BucketError(
            f"another process is fetching to {tracked.destination}; wait until it has ended"
        ) from error


def keep_what_is_tracked(repo: Any, tracked: Tracked, wanted: Iterable[Path]) -> None:
    """Bring back tracked files that are not here, so that the next version does not lose them.

    Parameters
    ----------
    wanted : files that will be here in any case

    Raises
    ------
    DataError : they are neither in DVC's cache nor in its remote
    """
    from dvc.exceptions import DvcException

    missing = [str(path) for path in _missing(repo, tracked, set(wanted))]
    if not missing:
        return
    with log_level("dvc", logging.CRITICAL), log_level("gcsfs", logging.CRITICAL):
        try:
            try:
                repo.checkout(missing)
            except DvcException:
                repo.pull(missing)
        except DvcException as error:
            raise DataError(
                f"{tracked.dvc_file} tracks files that are neither here nor in DVC's cache or "
                f"remote ({', '.join(missing[:3])}), and a new version would lose them; make them "
                "again (`make sample` makes data/sample) or get them with `dvc pull "
                f"{tracked.root}`, then run the same command again"
            ) from error


def _missing(repo: Any, tracked: Tracked, wanted: set[Path]) -> list[Path]:
    """Return tracked files that will not be here; the .dvc file where it is not known which."""
    from dvc.exceptions import OutputNotFoundError

    try:
        (out,) = repo.find_outs_by_path(str(tracked.root))
    except OutputNotFoundError:
        return []
    if not out.hash_info:
        return []
    here, listing = tracked.files(), out.get_obj()
    if listing is not None:
        return sorted({tracked.root.joinpath(*key) for key, _, _ in listing} - here - wanted)
    # DVC's cache lacks the list: the .dvc file says how many, and those that a bucket gave.
    known = {tracked.root / name for name in read_origins(tracked)}
    n_kept = len(here | (wanted & known))
    return [tracked.dvc_file] if n_kept < (out.meta.nfiles or 1) else []


def version(repo: Any, tracked: Tracked, origins: Mapping[str, Origin]) -> str:
    """Track what is in the folder now, as `dvc add` does; return the new hash.

    Parameters
    ----------
    origins : of the files that came from a bucket; those of files that are gone are dropped

    Raises
    ------
    DataError : DVC cannot track them, such as while another DVC command runs
    """
    from dvc.exceptions import DvcException

    try:
        (stage,) = repo.add(str(tracked.root))
    except DvcException as error:
        raise DataError(
            f"what was fetched is in {tracked.destination}, but DVC cannot track "
            f"{tracked.root} ({error}); run the same command again"
        ) from error
    here = {tracked.key(path) for path in tracked.files()}
    kept = {name: asdict(one) for name, one in sorted(origins.items()) if name in here}
    stage.meta = {**(stage.meta or {}), ORIGIN: kept}
    stage.dump()
    return str(stage.outs[0].hash_info.value)
