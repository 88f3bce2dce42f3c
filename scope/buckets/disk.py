"""Room for what is downloaded: looked for before, and said plainly where it ends."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from requests import RequestException

from scope.buckets.errors import BucketError

NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
