"""Reading a bucket: what is in it, and ranges of one version of an object."""

import base64
import logging
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from datetime import UTC
from typing import Any, TypeVar

from google.cloud import storage
from google.cloud.storage.retry import DEFAULT_RETRY

from scope.buckets.account import Account, find_account
from scope.buckets.address import SCHEME, Address, StoredObject
from scope.buckets.errors import BucketNotFoundError
from scope.buckets.explain import explained

CHUNK_BYTES = 8 << 20
CHUNKS_AHEAD = 3  # of one object, asked for at once; with CHUNK_BYTES they bound the memory
TIMEOUTS_S = (10.0, 30.0)  # to connect, and between two pieces of an answer
PATIENCE_S = 60.0  # for which a request that fails is repeated

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Reader:
    """Buckets as one account sees them; its methods may be called from several threads."""

    def __init__(self, account: Account | None = None, *, patience_s: float = PATIENCE_S) -> None:
        self.account = account or find_account()
        # Reading takes no project; without None one would be looked for, and be missed.
        self._client = storage.Client(project=None, credentials=self.account.credentials)
        self._retry = DEFAULT_RETRY.with_timeout(patience_s).with_delay(maximum=10.0)

    def objects(self, address: Address) -> list[StoredObject]:
        """Return the objects at an address: the one of this name, and those below it, by name.

        Raises
        ------
        BucketError : the bucket is not there, may not be listed, or the server does not answer
        """
        with self._explained(f"list {address}", address.bucket, "storage.objects.list"):
            found = self._patiently(lambda: self._list(address))
        below = f"{address.prefix}/" if address.prefix else ""
        return [
            one
            for one in found
            if not one.name.endswith("/")
            and (one.name == address.prefix or one.name.startswith(below))
        ]

    def look(self, bucket: str, name: str) -> StoredObject:
        """Return the present version of an object; BucketNotFoundError where there is none."""
        with self._explained(f"read {SCHEME}{bucket}/{name}", bucket, "storage.objects.get"):
            blob = self._client.bucket(bucket).blob(name)
            self._patiently(lambda: blob.reload(timeout=TIMEOUTS_S, retry=None))
            return _stored(blob)

    def chunks(self, stored: StoredObject, start: int, requests: Executor) -> Iterator[list[bytes]]:
        """Yield the bytes of an object from `start` [bytes] on, in order, as lists of pieces.

        A few chunks are asked for ahead, in `requests`, so that the network does not wait for
        the disk. Only the version that `stored` names is read.

        Raises
        ------
        BucketError : this version is there no longer, or the server does not answer
        """
        ahead: deque[Future[list[bytes]]] = deque()
        try:
            for first in range(start, stored.size, CHUNK_BYTES):
                end = min(first + CHUNK_BYTES, stored.size)
                ahead.append(requests.submit(self._range, stored, first, end))
                if len(ahead) >= CHUNKS_AHEAD:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()

    def _list(self, address: Address) -> list[StoredObject]:
        blobs = self._client.list_blobs(
            address.bucket, prefix=address.prefix or None, timeout=TIMEOUTS_S, retry=None
        )
        return [_stored(blob) for blob in blobs]

    def _range(self, stored: StoredObject, first: int, end: int) -> list[bytes]:
        """Return the bytes [first, end) of a version, whole or not at all."""
        blob = self._client.bucket(stored.bucket).blob(stored.name, generation=stored.generation)

        def ask() -> list[bytes]:
            pieces = _Pieces()
            blob.download_to_file(
                pieces,
                start=first,
                end=end - 1,
                raw_download=True,
                checksum=None,  # of the whole object; the caller checks it when all is here
                single_shot_download=True,
                timeout=TIMEOUTS_S,
                retry=None,
            )
            if pieces.size != end - first:
                raise ConnectionError(f"{pieces.size} bytes came of {end - first}")
            return pieces.kept

        try:
            with self._explained(f"read {stored}", stored.bucket, "storage.objects.get"):
                return self._patiently(ask)
        except BucketNotFoundError as error:
            raise self._replaced(stored) from error

    def _replaced(self, stored: StoredObject) -> BucketNotFoundError:
        """Return the error for a version that was there when the bucket was listed."""
        try:
            now = self.look(stored.bucket, stored.name).generation
        except BucketNotFoundError:
            return BucketNotFoundError(f"{stored} was deleted while it was being read")
        return BucketNotFoundError(
            f"{stored} was replaced while it was being read: generation {stored.generation} gave "
            f"way to {now}; run the same command again to get the new one"
        )

    def _patiently(self, ask: Callable[[], T]) -> T:
        def say(error: Exception) -> None:
            logger.debug("%s; trying again", error)

        answer: T = self._retry(ask, on_error=say)()
        return answer

    def _explained(self, doing: str, bucket: str, permission: str) -> Any:
        return explained(doing, bucket, permission, self.account.name)


class _Pieces:
    """A file of which the pieces that were written are kept as they are, without a copy."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.size = 0

    def write(self, piece: bytes) -> int:
        self.kept.append(piece)
        self.size += len(piece)
        return len(piece)


def _stored(blob: Any) -> StoredObject:
    md5 = blob.md5_hash
    return StoredObject(
        bucket=blob.bucket.name,
        name=blob.name,
        generation=int(blob.generation),
        size=int(blob.size),
        md5=base64.b64decode(md5).hex() if md5 else None,
        crc32c=blob.crc32c,
        updated=blob.updated.astimezone(UTC).isoformat(timespec="seconds"),
        encoding=blob.content_encoding or None,
    )
