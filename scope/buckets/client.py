"""Reading a bucket as one account sees it: what is there, and the bytes of one version."""

import base64
import logging
import os
from datetime import UTC
from typing import IO, Any

import google.auth
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError
from google.cloud import storage
from google.cloud.storage.retry import DEFAULT_RETRY

from scope.buckets.address import SCHEME, StoredObject, parse
from scope.buckets.errors import BucketError, BucketNotFoundError
from scope.buckets.explain import EMULATOR, SIGN_IN, explained

SCOPES = ("https://www.googleapis.com/auth/devstorage.read_only",)
KEY_FILE = "GOOGLE_APPLICATION_CREDENTIALS"
ANONYMOUS = "the anonymous account (no credentials were found)"
RANGE_BYTES = 16 << 20  # of one request, each with a patience of its own
TIMEOUTS_S = (10.0, 30.0)  # to connect, and between two pieces of an answer
PATIENCE_S = 60.0  # for which a request that fails is repeated

logger = logging.getLogger(__name__)


def find_account() -> tuple[Any, str]:
    """Return Google's default credentials and whose they are; anonymous ones if there are none.

    An emulator (STORAGE_EMULATOR_HOST) is asked anonymously.

    Raises
    ------
    BucketError : there is a key file, but it cannot be used
    """
    nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]
    if os.environ.get(EMULATOR):
        return nobody, ANONYMOUS
    try:
        credentials, _ = google.auth.default(scopes=SCOPES)
    except DefaultCredentialsError as error:
        if os.environ.get(KEY_FILE):
            raise BucketError(
                f"the key file that {KEY_FILE} names cannot be used ({error}); {SIGN_IN}"
            ) from error
        logger.info("no Google credentials found: buckets are read anonymously")
        return nobody, ANONYMOUS
    names = [getattr(credentials, one, "") for one in ("service_account_email", "account")]
    known = [name for name in names if name not in ("", "default")]
    return credentials, known[0] if known else "the account of your default credentials"


class Reader:
    """Buckets as one account sees them; its methods may be called from several threads."""

    def __init__(self, *, patience_s: float = PATIENCE_S) -> None:
        credentials, self.account = find_account()
        # Reading takes no project; without None one would be looked for, and be missed.
        self._client = storage.Client(project=None, credentials=credentials)
        retry = DEFAULT_RETRY.with_timeout(patience_s).with_delay(maximum=10.0)
        self._patiently: dict[str, Any] = {"timeout": TIMEOUTS_S, "retry": retry}

    def objects(self, address: str) -> list[StoredObject]:
        """Return the objects at an address: the one of this name, and those below it, by name.

        Raises
        ------
        BucketError : the bucket is not there, may not be listed, or the server does not answer
        """
        bucket, path = parse(address)
        with explained("list", address, self.account):
            blobs = self._client.list_blobs(bucket, prefix=path or None, **self._patiently)
            found = [_stored(blob) for blob in blobs if not blob.name.endswith("/")]
        below = f"{address.rstrip('/')}/"
        return [one for one in found if f"{one}/".startswith(below)]

    def look(self, address: str) -> StoredObject:
        """Return the present version of an object; BucketNotFoundError where there is none."""
        bucket, name = parse(address)
        with explained("get", address, self.account):
            blob = self._client.bucket(bucket).blob(name)
            blob.reload(**self._patiently)
            return _stored(blob)

    def read(self, stored: StoredObject, file: IO[bytes]) -> None:
        """Append to a file what it lacks of an object, in ranges of just this version.

        Raises
        ------
        BucketError : this version is there no longer, or the server does not answer
        """
        bucket, name = parse(stored.source)
        # The checksum that comes with a range is that of the whole object: the caller checks it.
        how = {"raw_download": True, "checksum": None, **self._patiently}
        try:
            with explained("get", stored.source, self.account):
                while (start := file.tell()) < stored.size:
                    end = min(start + RANGE_BYTES, stored.size)
                    # A new Blob each time: reading overwrites what a Blob says of its version.
                    blob = self._client.bucket(bucket).blob(name, generation=stored.generation)
                    blob.download_to_file(file, start=start, end=end - 1, **how)
                    if file.tell() != end:
                        raise ConnectionError(f"{file.tell() - start} bytes came of {end - start}")
        except BucketNotFoundError as error:
            raise BucketNotFoundError(self._fate(stored)) from error

    def _fate(self, stored: StoredObject) -> str:
        """Return what became of a version that was there when the bucket was listed."""
        try:
            now = self.look(stored.source).generation
        except BucketNotFoundError:
            return f"{stored} was deleted while it was being read"
        return (
            f"{stored} was replaced while it was being read: generation {stored.generation} gave "
            f"way to {now}; run the same command again to get the new one"
        )


def _stored(blob: Any) -> StoredObject:
    return StoredObject(
        source=f"{SCHEME}{blob.bucket.name}/{blob.name}",
        generation=int(blob.generation),
        size=int(blob.size),
        md5=base64.b64decode(blob.md5_hash or "").hex(),
        crc32c=base64.b64decode(blob.crc32c or "").hex(),
        updated=blob.updated.astimezone(UTC).isoformat(timespec="seconds"),
        encoding=blob.content_encoding or "",
    )
