"""What DVC tracks, with where each file came from, in the `meta` of its .dvc file."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scope.base.errors import ConfigError, DataError
from scope.base.settings import parse, settings
from scope.base.stage import log_level
from scope.buckets.address import StoredObject
from scope.buckets.download import PARTIAL

ORIGIN = "origin"


@settings
class Origin:
    """Where a file came from.

    Attributes
    ----------
    source : gs://bucket/object
    generation : of the object
    md5 : of its bytes, which are those of the file
    updated : when this generation was stored, ISO 8601, UTC
    """

    source: str
    generation: int
    size: int
    md5: str
    updated: str


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


def origin_of(stored: StoredObject, md5: str) -> Origin:
    """Return where a file of these bytes came from."""
    return Origin(
        source=str(stored),
        generation=stored.generation,
        size=stored.size,
        md5=md5,
        updated=stored.updated,
    )


def origins_in(document: Any, where: str) -> dict[str, Origin]:
    """Return the origins in a parsed .dvc file, file -> origin; ConfigError for others."""
    meta = (document or {}).get("meta") or {}
    return parse(meta.get(ORIGIN) or {}, dict[str, Origin], f"{where}: meta.{ORIGIN}")


def read_origins(tracked: Tracked) -> dict[str, Origin]:
    """Return where the files of a folder came from, as its .dvc file says; {} without one."""
    import yaml

    if not tracked.dvc_file.is_file():
        return {}
    text = tracked.dvc_file.read_text(encoding="utf-8")
    try:
        return origins_in(yaml.safe_load(text), str(tracked.dvc_file))
    except yaml.YAMLError as error:
        raise ConfigError(
            f"{tracked.dvc_file} is not YAML ({error}); `git checkout` brings it back"
        ) from error


def keep_what_is_tracked(tracked: Tracked, wanted: Iterable[Path]) -> None:
    """Bring back tracked files that are not here, so that the next version does not lose them.

    Parameters
    ----------
    wanted : files that will be here in any case

    Raises
    ------
    DataError : they are neither in DVC's cache nor in its remote
    """
    with _repository() as repo:
        out = _output(repo, tracked)
        if out is None or out.hash_info is None:
            return
        listing = out.get_obj()
        here, coming = set(_files(tracked.root)), set(wanted)
        if listing is None:
            known = {tracked.root / name for name in read_origins(tracked)}
            n_kept = len(here | (coming & known))
            missing = [tracked.dvc_file] if n_kept < (out.meta.nfiles or 1) else []
        else:
            names = {tracked.root.joinpath(*key) for key, _, _ in listing}
            missing = sorted(names - here - coming)
        if missing:
            _bring_back(repo, tracked, missing)


def version(tracked: Tracked, origins: Mapping[str, Origin]) -> str:
    """Track what is in the folder now, as `dvc add` does; return the new hash.

    Parameters
    ----------
    origins : of the files that came from a bucket; those of files that are gone are dropped

    Raises
    ------
    DataError : DVC cannot track them, such as while another DVC command runs
    """
    from dvc.exceptions import DvcException

    with _repository() as repo:
        try:
            (stage,) = repo.add(str(tracked.root))
        except DvcException as error:
            raise DataError(
                f"what was fetched is in {tracked.destination}, but DVC cannot track "
                f"{tracked.root} ({error}); run the same command again"
            ) from error
        here = {tracked.key(path) for path in _files(tracked.root)}
        kept = {name: asdict(one) for name, one in sorted(origins.items()) if name in here}
        stage.meta = {**(stage.meta or {}), ORIGIN: kept}
        stage.dump()
        return str(stage.outs[0].hash_info.value)


@contextmanager
def _repository() -> Iterator[Any]:
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo

    try:
        repo = Repo()
    except NotDvcRepoError as error:
        raise ConfigError("no DVC repository here; run in the project's folder") from error
    with repo:
        repo.scm_context.quiet = True  # what git is to be told is said by the caller
        yield repo


def _output(repo: Any, tracked: Tracked) -> Any:
    """Return DVC's entry for the folder, None where it is not tracked."""
    from dvc.exceptions import OutputNotFoundError

    try:
        (out,) = repo.find_outs_by_path(str(tracked.root))
    except OutputNotFoundError:
        return None
    return out


def _bring_back(repo: Any, tracked: Tracked, missing: list[Path]) -> None:
    from dvc.exceptions import DvcException

    targets = [str(path) for path in missing]
    with log_level("dvc", logging.CRITICAL), log_level("gcsfs", logging.CRITICAL):
        try:
            try:
                repo.checkout(targets)
            except DvcException:
                repo.pull(targets)
        except DvcException as error:
            known = [name for name in targets if name != str(tracked.dvc_file)]
            shown = ", ".join(known[:3]) + (" ..." if len(known) > 3 else "")
            raise DataError(
                f"{tracked.dvc_file} tracks files that are neither here nor in DVC's cache or "
                f"remote{f' ({shown})' if shown else ''}, and a new version would lose them; make "
                f"them again (`make sample` makes data/sample) or get them with `dvc pull "
                f"{tracked.root}`, then run the same command again"
            ) from error


def _files(folder: Path) -> Iterator[Path]:
    return (
        path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(PARTIAL)
    )
