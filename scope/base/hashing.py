"""The one checksum of the project: md5, by which DVC, too, names the versions of files."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash


def new_md5() -> "_Hash":
    """Return an md5 of nothing yet, to be updated piece by piece."""
    return hashlib.md5(usedforsecurity=False)  # it tells versions apart, it guards nothing


def md5_of(content: str | bytes) -> str:
    """Return the md5 of bytes, or of a text in UTF-8, as 32 hexadecimal digits."""
    digest = new_md5()
    digest.update(content.encode() if isinstance(content, str) else content)
    return digest.hexdigest()


def file_md5(path: Path) -> str:
    """Return the md5 of a file, read piece by piece; OSError where it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, new_md5).hexdigest()
