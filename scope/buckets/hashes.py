"""The two checksums that Google keeps of an object, of a file on this machine."""

import base64
from pathlib import Path

import google_crc32c

from scope.base.hashing import new_md5
from scope.buckets.address import StoredObject

BLOCK_BYTES = 1 << 20


class Hashes:
    """Checksums of the bytes given so far."""

    def __init__(self) -> None:
        self._md5 = new_md5()
        self._crc32c = 0
        self.size = 0

    def update(self, piece: bytes) -> None:
        """Go on with these bytes."""
        self._md5.update(piece)
        self._crc32c = google_crc32c.extend(self._crc32c, piece)
        self.size += len(piece)

    @property
    def md5(self) -> str:
        """32 hexadecimal digits."""
        return self._md5.hexdigest()

    @property
    def crc32c(self) -> str:
        """As Google writes it: base64 of the big-endian bytes."""
        return base64.b64encode(self._crc32c.to_bytes(4, "big")).decode()

    def differences(self, stored: StoredObject) -> list[str]:
        """Return what tells these bytes from those of an object, such as "md5 is A, not B"."""
        pairs = [
            ("size", self.size, stored.size),
            ("md5", self.md5, stored.md5),
            ("crc32c", self.crc32c, stored.crc32c),
        ]
        return [
            f"{name} is {found}, not {expected}"
            for name, found, expected in pairs
            if expected is not None and found != expected
        ]


def of_file(path: Path, hashes: Hashes | None = None) -> Hashes:
    """Return the checksums of a whole file."""
    hashes = hashes or Hashes()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            hashes.update(block)
    return hashes
