"""Objects to files: resumable, checked, and under their names only when they are whole."""

import io
import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scope.buckets.address import StoredObject
from scope.buckets.errors import BucketError, BucketNotFoundError
from scope.buckets.partial import (
    BLOCK_BYTES,
    PARTIAL,
    Hashes,
    check_space,
    explained_disk,
    of_file,
)
from scope.buckets.progress import byte_bar

if TYPE_CHECKING:
    from scope.buckets.client import Reader

OBJECTS_AT_ONCE = 4

logger = logging.getLogger(__name__)


def fetch_all(reader: "Reader", wanted: Sequence[tuple[StoredObject, Path]]) -> dict[Path, str]:
    """Bring objects to files, several at once; return the md5 of each file.

    Raises
    ------
    BucketError : some could not be brought; the others are there, whole
    """
    what = "1 object" if len(wanted) == 1 else f"{len(wanted)} objects"
    stop = threading.Event()
    with (
        byte_bar(what, sum(stored.size for stored, _ in wanted)) as count,
        ThreadPoolExecutor(OBJECTS_AT_ONCE) as pool,
    ):

        def arrived(n_bytes: int) -> None:
            if stop.is_set():
                raise BucketError("stopped")
            count(n_bytes)

        jobs = {path: pool.submit(download, reader, one, path, arrived) for one, path in wanted}
        try:
            wait(jobs.values())
        except BaseException:
            stop.set()  # the threads end at their next block
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    failed = [error for job in jobs.values() if isinstance(error := job.exception(), BucketError)]
    if failed:
        others = f" ({len(failed)} of {len(wanted)} objects failed)" if len(wanted) > 1 else ""
        raise BucketError(f"{failed[0]}{others}")
    return {path: job.result() for path, job in jobs.items()}


def download(
    reader: "Reader", stored: StoredObject, target: Path, arrived: Callable[[int], None]
) -> str:
    """Bring one version of an object to the file `target`; return its md5.

    What has come is kept beside it, in a hidden file that bears the generation; another call
    goes on with it, if the bucket still holds that generation. The file takes its name when
    size, md5 and crc32c are those of the object; until then a file that had the name stays.

    Parameters
    ----------
    arrived : called with the number of bytes whenever some have come, below 0 for lost ones

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
        for left in target.parent.glob(f".*{PARTIAL}"):
            if left.stem.rpartition(".")[0] == f".{target.name}" and left != partial:
                left.unlink()  # of another version
        hashes = _received(reader, stored, partial, arrived)
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


def _received(
    reader: "Reader", stored: StoredObject, partial: Path, arrived: Callable[[int], None]
) -> Hashes:
    """Append what is missing to the partial file; return the checksums of all of it."""
    if partial.exists() and partial.stat().st_size > stored.size:
        partial.unlink()
    hashes = of_file(partial) if partial.exists() else Hashes()
    n_here = hashes.size
    check_space(stored, partial.parent, stored.size - n_here)
    arrived(n_here)
    try:
        with io.BufferedWriter(_Growing(partial, hashes, arrived), BLOCK_BYTES) as file:
            reader.read(stored, file)
            file.flush()
            os.fsync(file.fileno())
    except BucketNotFoundError:
        partial.unlink()  # the rest of it is nowhere
        raise
    if n_here and hashes.differences(stored):
        # What an interrupted run left may be damaged, as after a loss of power.
        logger.info("%s: what an earlier run left of it is damaged; starting anew", stored)
        arrived(-hashes.size)
        partial.unlink()
        return _received(reader, stored, partial, arrived)
    return hashes


class _Growing(io.FileIO):
    """A file of which the bytes that are written at its end are hashed and counted, too."""

    def __init__(self, path: Path, hashes: Hashes, arrived: Callable[[int], None]) -> None:
        super().__init__(path, "ab")
        self._hashes, self._arrived = hashes, arrived

    def write(self, block: Any) -> int:
        self._arrived(len(block))  # first: where it raises, nothing of the block is written
        n_bytes = super().write(block)
        self._hashes.update(bytes(block[:n_bytes]))
        return n_bytes
