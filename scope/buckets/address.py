"""Addresses of what is in a bucket, and the versions of the objects there."""

from dataclasses import dataclass

from scope.base.errors import ConfigError
from scope.base.settings import settings

SCHEME = "gs://"


@settings
class Origin:
    """One version of one object in a bucket, as the .dvc file of what came from it names it.

    Attributes
    ----------
    source : gs://bucket/object
    generation : number of the version; a bucket never gives it twice
    size : bytes
    md5 : 32 hexadecimal digits; "" where the bucket has none, for an object composed of others
    updated : when this version was stored, ISO 8601, UTC
    """

    source: str
    generation: int
    size: int
    md5: str
    updated: str


@dataclass(frozen=True, kw_only=True)
class StoredObject(Origin):
    """The same, as the bucket lists it.

    Attributes
    ----------
    crc32c : 8 hexadecimal digits
    encoding : such as "gzip" where the stored bytes are not those of the file; "" as a rule
    """

    crc32c: str
    encoding: str = ""

    def __str__(self) -> str:
        return self.source


def parse(address: str) -> tuple[str, str]:
    """Return bucket and path of gs://bucket/path; ConfigError where it is not one."""
    bucket, _, path = address.removeprefix(SCHEME).partition("/")
    if not address.startswith(SCHEME) or not bucket:
        raise ConfigError(
            f"{address!r} is no address in Google Cloud Storage: write gs://BUCKET/PATH"
        )
    return bucket, path.rstrip("/")
