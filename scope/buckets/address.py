"""Addresses of what is in a bucket, and the objects found there."""

from dataclasses import dataclass

from scope.base.errors import ConfigError

SCHEME = "gs://"


@dataclass(frozen=True)
class Address:
    """A bucket and what the names of the objects meant begin with, "" for all of them."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.prefix}".rstrip("/")


@dataclass(frozen=True)
class StoredObject:
    """One version of one object in a bucket.

    Attributes
    ----------
    generation : number of the version; a bucket never gives it twice
    size : bytes
    md5 : 32 hexadecimal digits; None for an object composed of others
    crc32c : as Google writes it, base64
    updated : when this version was stored, ISO 8601, UTC
    encoding : such as "gzip" where the stored bytes are not those of the file; None as a rule
    """

    bucket: str
    name: str
    generation: int
    size: int
    md5: str | None
    crc32c: str | None
    updated: str
    encoding: str | None = None

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.name}"


def parse(address: str) -> Address:
    """Return the parts of gs://bucket/prefix; ConfigError where it is not one."""
    bucket, _, prefix = address.removeprefix(SCHEME).partition("/")
    if not address.startswith(SCHEME) or not bucket:
        raise ConfigError(
            f"{address!r} is no address in Google Cloud Storage: write gs://BUCKET/PATH"
        )
    return Address(bucket, prefix.strip("/"))
