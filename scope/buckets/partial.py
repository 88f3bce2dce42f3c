"""A file that is not whole yet: the room for it, its name, and the checksums of what is here."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import google_crc32c
from requests import RequestException

from scope.base.hashing import new_md5
from scope.buckets.address import StoredObject
from scope.buckets.errors import BucketError

PARTIAL = ".partial"  # git and DVC are told to look past files that end so
BLOCK_BYTES = 1 << 20
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Hashes:
    """The two checksums that Google keeps of an object, of the bytes given so far."""

    def __init__(self) -> None:
        self.size = 0
        self._md5 = new_md5()
        self._crc32c = 0

    def update(self, block: bytes) -> None:
        """Go on with these bytes."""
        self.size += len(block)
        self._md5.update(block)
        self._crc32c = google_crc32c.extend(self._crc32c, block)

    @property
    def md5(self) -> str:
        """32 hexadecimal digits."""
        return self._md5.hexdigest()

    def differences(self, stored: StoredObject) -> list[str]:
        """Return what tells these bytes from those of an object, such as "md5 is A, not B"."""
        found = {"size": self.size, "md5": self.md5, "crc32c": f"{self._crc32c:08x}"}
        wanted = {"size": stored.size, "md5": stored.md5, "crc32c": stored.crc32c}
        return [
            f"{name} is {found[name]}, not {value}"
            for name, value in wanted.items()
            if value != "" and value != found[name]
        ]


def of_file(path: Path) -> Hashes:
    """Return the checksums of a whole file."""
    hashes = Hashes()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            hashes.update(block)
    return hashes


def check_space(what: object, folder: Path, n_bytes: int) -> None:
    """Refuse to begin what does not fit (BucketError)."""
    free = shutil.disk_usage(folder).free
    if n_bytes > free:
        raise BucketError(
            f"{what} needs {n_bytes:,} bytes more in {folder}, where {free:,} are free; make room, "
            "then run the same command again"
        )


@contextmanager
def explained_disk(what: object, partial: Path) -> Iterator[None]:
    """Raise a BucketError in the place of an OSError of writing the file `partial`."""
    try:
        yield
    except RequestException:  # an OSError, too, but none of the disk
        raise
    except OSError as error:
        if error.errno in NO_SPACE:
            raise BucketError(
                f"{what}: the disk or the quota is full ({error.strerror}); make room in "
                f"{partial.parent}, then run the same command again: it goes on where it stopped "
                f"(what came is in {partial.name})"
            ) from error
        raise BucketError(f"{what} cannot be written to {partial.parent}: {error}") from error
