"""What a bucket has against what is here: which files are new, changed, equal or a person's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from scope.buckets.address import Address, StoredObject
from scope.buckets.errors import BucketError, BucketNotFoundError
from scope.buckets.hashes import Hashes, of_file
from scope.buckets.versions import Origin


class State(Enum):
    """How a file here compares with the object of its name."""

    NEW = "new"
    CHANGED = "changed"  # here is an older version of the object
    EQUAL = "equal"
    OWN = "own"  # here is a file that did not come from the bucket as it is


@dataclass(frozen=True)
class Pair:
    """An object, the file that it is to be, and the md5 of the file if it is equal."""

    stored: StoredObject
    target: Path
    state: State
    md5: str | None = None


def targets(
    objects: Sequence[StoredObject], address: Address, patterns: Sequence[str], destination: Path
) -> dict[StoredObject, Path]:
    """Return the files that the objects at an address are to be, below `destination`.

    Parameters
    ----------
    patterns : such as *.csv, of names below the address; one that fits is enough

    Raises
    ------
    BucketNotFoundError : there is no object, or none that fits
    BucketError : a name would lead out of the folder
    """
    chosen: dict[StoredObject, Path] = {}
    for stored in objects:
        name = _relative(stored, address)
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            chosen[stored] = destination / _checked(name, stored)
    if not chosen:
        fits = "" if "*" in patterns else f" that fits {' or '.join(patterns)}"
        raise BucketNotFoundError(
            f"{address} holds no object{fits}, of {len(objects)}; check --gcs-path and --pattern"
        )
    return chosen


def compare(stored: StoredObject, target: Path, origin: Origin | None) -> Pair:
    """Return how the file of an object compares with it; it is read if it is there."""
    if not target.exists():
        return Pair(stored, target, State.NEW)
    hashes = of_file(target)
    if not hashes.differences(stored):
        return Pair(stored, target, State.EQUAL, hashes.md5)
    return Pair(stored, target, State.CHANGED if _came(hashes, origin) else State.OWN)


def gone(
    origins: Mapping[str, Origin], listed: Sequence[StoredObject], address: Address
) -> list[str]:
    """Return the files that came from an address and are no longer there."""
    now = {str(stored) for stored in listed}
    below = f"{address}/"
    return sorted(
        name
        for name, origin in origins.items()
        if origin.source.startswith(below) and origin.source not in now
    )


def _came(hashes: Hashes, origin: Origin | None) -> bool:
    return origin is not None and hashes.md5 == origin.md5


def _relative(stored: StoredObject, address: Address) -> str:
    if stored.name == address.prefix:
        return PurePosixPath(stored.name).name
    return stored.name.removeprefix(address.prefix).removeprefix("/")


def _checked(name: str, stored: StoredObject) -> PurePosixPath:
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in name or "\0" in name:
        raise BucketError(
            f"{stored} has a name that is no path of a file; leave it out with --pattern"
        )
    return PurePosixPath(name)


def recorded(stored: StoredObject, target: Path, origin: Origin | None) -> Pair:
    """Return how an object compares with what the .dvc file says, or else with the file here."""
    if origin is not None and origin.source == str(stored):
        same = origin.md5 == stored.md5 if stored.md5 else origin.generation == stored.generation
        return Pair(stored, target, State.EQUAL if same else State.CHANGED, origin.md5)
    return compare(stored, target, origin)
