"""One object to one file: resumable, checked, and under its name only when it is whole."""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from scope.buckets.address import StoredObject
from scope.buckets.client import Reader
from scope.buckets.disk import check_space, explained_disk
from scope.buckets.errors import BucketError, BucketNotFoundError
from scope.buckets.hashes import Hashes, of_file

PARTIAL = ".partial"  # git and DVC are told to look past files that end so

logger = logging.getLogger(__name__)


class StoppedError(BucketError):
    """The download was asked to stop."""


@dataclass(frozen=True)
class Transfer:
    """What downloads share.

    Attributes
    ----------
    reader : of the bucket
    requests : runs the requests for ranges of objects
    arrived : called with the number of bytes whenever some have come, below 0 for lost ones
    stop : set when everything is to end
    """

    reader: Reader
    requests: Executor
    arrived: Callable[[int], None]
    stop: threading.Event


def download(stored: StoredObject, target: Path, transfer: Transfer) -> str:
    """Bring one version of an object to the file `target`; return its md5.

    What has come is kept beside it, in a hidden file that bears the generation and ends in
    ".partial"; another call goes on with it, if the bucket still holds that generation. The
    file takes its name when size, md5 and crc32c are those of the object; until then a file
    that had the name stays.

    Raises
    ------
    BucketError : the object cannot be read, is another one than was listed, or the disk is full
    """
    if stored.encoding == "gzip":
        raise BucketError(
            f"{stored} is stored compressed (Content-Encoding: gzip), so its checksums are not "
            "those of the file; store it again without, or as a .gz file"
        )
    partial = partial_path(target, stored)
    with explained_disk(stored, partial):
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_others(target, partial)
        try:
            hashes = _whole(stored, partial, transfer)
        except BucketNotFoundError:
            partial.unlink(missing_ok=True)  # the rest of it is nowhere
            raise
        if different := hashes.differences(stored):
            partial.unlink()
            raise BucketError(
                f"{stored}: what came is not what the bucket holds: {'; '.join(different)}; "
                f"nothing of it is kept, {target} is as it was; run the same command again"
            )
        partial.replace(target)
    return hashes.md5


def partial_path(target: Path, stored: StoredObject) -> Path:
    """Return where a part of this version of the object waits for the rest."""
    return target.with_name(f".{target.name}.{stored.generation}{PARTIAL}")


def _remove_others(target: Path, partial: Path) -> None:
    """Remove what is left of downloads of other versions."""
    start = f".{target.name}."
    for left in target.parent.iterdir():
        middle = left.name.removeprefix(start).removesuffix(PARTIAL)
        if left != partial and middle.isdecimal() and left.name == f"{start}{middle}{PARTIAL}":
            left.unlink()


def _whole(stored: StoredObject, partial: Path, transfer: Transfer) -> Hashes:
    resumed = partial.exists()
    hashes = _receive(stored, partial, transfer)
    if resumed and hashes.differences(stored):
        # What an interrupted run left may be damaged, as after a loss of power.
        logger.info("%s: what an earlier run left of it is damaged; starting anew", stored)
        transfer.arrived(-hashes.size)
        partial.unlink()
        hashes = _receive(stored, partial, transfer)
    return hashes


def _receive(stored: StoredObject, partial: Path, transfer: Transfer) -> Hashes:
    """Append what is missing to the partial file; return the checksums of all of it."""
    hashes = Hashes()
    if partial.exists():
        if partial.stat().st_size > stored.size:
            partial.unlink()
        else:
            of_file(partial, hashes)
            transfer.arrived(hashes.size)
    check_space(stored, partial.parent, stored.size - hashes.size)
    with partial.open("ab") as file:
        for pieces in transfer.reader.chunks(stored, hashes.size, transfer.requests):
            if transfer.stop.is_set():
                raise StoppedError(f"{stored}: stopped")
            for piece in pieces:
                file.write(piece)
                hashes.update(piece)
            transfer.arrived(sum(map(len, pieces)))
        file.flush()
        os.fsync(file.fileno())
    return hashes
