"""The commands fetch-datasets and fetch-models: from a bucket to files that DVC versions."""

import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path

from rich.filesize import decimal

from scope.buckets import versions
from scope.buckets.address import Origin, StoredObject
from scope.buckets.client import Reader
from scope.buckets.download import fetch_all
from scope.buckets.errors import BucketError, BucketNotFoundError
from scope.buckets.partial import of_file
from scope.buckets.versions import Tracked

NO_FILE_NAME = re.compile(r"(^|/)\.{0,2}(/|$)|[\\\0]")  # it would lead out of the folder

logger = logging.getLogger(__name__)


class State(Enum):
    """How a file here compares with the object of its name."""

    NEW = "new"
    CHANGED = "changed"  # here is an older version of the object
    EQUAL = "equal"
    OWN = "own"  # here is a file that did not come from the bucket as it is


@dataclass(frozen=True)
class Pair:
    """An object, the file that it is to be, and where the file that is here came from, if known."""

    stored: StoredObject
    target: Path
    known: Origin | None
    state: State
    md5: str = ""  # of the file that is here

    def origin(self, md5: str) -> Origin:
        """Return the origin of these bytes; where they are as before, what was said stays."""
        said, now = self.known, self.stored
        if said is not None and (said.source, said.md5) == (now.source, md5):
            return said
        names = [one.name for one in fields(Origin)]
        return Origin(**{name: getattr(now, name) for name in names} | {"md5": md5})


def fetch(
    tracked: Tracked, gcs_path: str, patterns: Sequence[str], *, force: bool, patience_s: float
) -> list[str]:
    """Bring what is new in the bucket and track it; return a line for each file that is new.

    Parameters
    ----------
    gcs_path : gs://bucket/prefix
    patterns : of names below it, such as *.csv; one that fits is enough; [] = all
    force : whether files here that did not come from the bucket are replaced, too
    patience_s : for which a request that fails is repeated

    Raises
    ------
    BucketError : an object cannot be fetched (the others are, and nothing is tracked yet), or
        would replace a file that did not come from the bucket
    DataError : DVC cannot track what was fetched
    """
    before, dvc_file = versions.read_origins(tracked), tracked.dvc_file
    with versions.sole_repository(tracked) as repo:
        reader = Reader(patience_s=patience_s)
        wanted = targets(reader.objects(gcs_path), gcs_path, patterns, tracked.destination)
        pairs = [_compare(*one, before.get(tracked.key(one[1]))) for one in wanted]
        if not force:
            _refuse_own([one for one in pairs if one.state is State.OWN])
        versions.keep_what_is_tracked(repo, tracked, [target for _, target in wanted])
        new = [one for one in pairs if one.state is not State.EQUAL]
        md5s = fetch_all(reader, [(one.stored, one.target) for one in new])
        n = Counter(one.state for one in pairs)
        n_changed = n[State.CHANGED] + n[State.OWN]
        logger.info("%d new, %d changed, %d here already", n[State.NEW], n_changed, n[State.EQUAL])
        brought = {
            tracked.key(one.target): one.origin(md5s.get(one.target, one.md5)) for one in pairs
        }
        if new or before | brought != before or not dvc_file.is_file():
            digest = versions.version(repo, tracked, before | brought)
            keep = f"keep it with `git add {dvc_file}` and `git commit`"
            logger.info("%s: version %s; %s", dvc_file, digest, keep)
    return [_line(tracked, one, md5s[one.target], own=State.CHANGED) for one in new]


def check(
    tracked: Tracked, gcs_path: str, patterns: Sequence[str], *, patience_s: float
) -> list[str]:
    """Return a line for each object that is newer in the bucket than what is tracked here.

    The parameters are those of `fetch`.
    """
    origins = versions.read_origins(tracked)
    listed = Reader(patience_s=patience_s).objects(gcs_path)
    wanted = targets(listed, gcs_path, patterns, tracked.destination)
    pairs = [_recorded(*one, origins.get(tracked.key(one[1]))) for one in wanted]
    newer = [one for one in pairs if one.state is not State.EQUAL]
    lines = [_line(tracked, one, one.stored.md5, own=State.OWN) for one in newer]
    there, below = {stored.source for stored in listed}, f"{gcs_path.rstrip('/')}/"
    for name, origin in sorted(origins.items()):
        if origin.source.startswith(below) and origin.source not in there:
            lines.append(f"gone     {name}  (was {origin.source})")
    if not newer:
        logger.info("%s has nothing newer than %s", gcs_path, tracked.dvc_file)
    for one in pairs:
        if one.state is State.EQUAL and not one.target.exists():
            logger.info("%s is tracked, but not here: `dvc pull %s`", one.target, one.target)
    return lines


def targets(
    objects: Sequence[StoredObject], gcs_path: str, patterns: Sequence[str], destination: Path
) -> list[tuple[StoredObject, Path]]:
    """Return the objects at an address that fit, each with its file below `destination`.

    Raises
    ------
    BucketNotFoundError : there is no object, or none that fits
    BucketError : a name would lead out of the folder
    """
    chosen = []
    for stored in objects:
        below = stored.source.removeprefix(gcs_path.rstrip("/")).removeprefix("/")
        name = below or stored.source.rpartition("/")[2]
        if any(fnmatchcase(name, pattern) for pattern in patterns or ["*"]):
            if NO_FILE_NAME.search(name):
                raise BucketError(
                    f"{stored} has a name that is no path of a file; leave it out with --pattern"
                )
            chosen.append((stored, destination / name))
    if not chosen:
        fits = f" that fits {' or '.join(patterns)}" if patterns else ""
        raise BucketNotFoundError(
            f"{gcs_path} holds no object{fits}, of {len(objects)}; check --gcs-path and --pattern"
        )
    return chosen


def _compare(stored: StoredObject, target: Path, known: Origin | None) -> Pair:
    """Return how the file of an object compares with it; it is read if it is there."""
    if not target.exists():
        return Pair(stored, target, known, State.NEW)
    hashes = of_file(target)
    if not hashes.differences(stored):
        return Pair(stored, target, known, State.EQUAL, hashes.md5)
    came = known is not None and hashes.md5 == known.md5
    return Pair(stored, target, known, State.CHANGED if came else State.OWN)


def _recorded(stored: StoredObject, target: Path, known: Origin | None) -> Pair:
    """Return how an object compares with what the .dvc file says, or else with the file here."""
    if known is None or known.source != stored.source:
        return _compare(stored, target, known)
    same = known.md5 == stored.md5 if stored.md5 else known.generation == stored.generation
    return Pair(stored, target, known, State.EQUAL if same else State.CHANGED)


def _refuse_own(own: Sequence[Pair]) -> None:
    if own:
        more = f" and {len(own) - 1} more" if len(own) > 1 else ""
        raise BucketError(
            f"{own[0].target}{more} differs from {own[0].stored} and did not come from there as it "
            "is; move it away, or replace it with --force. Nothing was fetched"
        )


def _line(tracked: Tracked, one: Pair, md5: str, *, own: State) -> str:
    state = own if one.state is State.OWN else one.state
    return (
        f"{state.value:8s} {tracked.key(one.target)}  {decimal(one.stored.size)}  "
        f"md5 {md5 or 'none'}  generation {one.stored.generation}  {one.stored.updated}"
    )
