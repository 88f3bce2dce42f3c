"""Copies of files in buckets and on the web, kept for all clones and experiments of a person."""

import logging
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from scope.base.caches import cache_folder
from scope.base.errors import ConfigError, DataError
from scope.base.hashing import file_md5, md5_of
from scope.buckets.address import SCHEME
from scope.buckets.partial import of_file
from scope.data import web

LOCK = "lock.partial"

logger = logging.getLogger(__name__)


def downloaded(address: str, md5: str | None = None) -> Path:
    """Return a file with what is at gs://, https:// (or http://, if pinned), downloaded if need be.

    It lies in the folder that SCOPE_CACHE names, by default in that of the person's caches. A
    copy with the pinned md5 is used without asking; without a pin, the server is asked each time
    whether it has something newer.

    Raises
    ------
    BucketError : what is there cannot be read
    DataError : it is not what `md5` pins; a copy of before is as it was
    ConfigError : the address is none of these
    """
    from filelock import FileLock

    kept = copy_of(address)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(kept.parent / LOCK):
        if md5 is None or not kept.is_file() or file_md5(kept) != md5.lower():
            fetch = _from_bucket if address.startswith(SCHEME) else _from_web
            fetch(address, kept, md5)
    return kept


def copy_of(address: str) -> Path:
    """Return where the copy of what is at an address lies, whether it is there or not."""
    parts = urlsplit(address)
    name = Path(unquote(parts.path)).name
    if parts.scheme not in ("gs", "https", "http") or not parts.netloc or not name:
        raise ConfigError(
            f"{address!r} is no address of a file: write gs://BUCKET/PATH or https://HOST/PATH"
        )
    digest = md5_of(address)
    return cache_folder() / digest[:16] / name


def _from_bucket(address: str, kept: Path, md5: str | None) -> None:
    from scope.buckets.client import Reader
    from scope.buckets.download import fetch_all

    reader = Reader()
    stored = reader.look(address)
    accept = partial(_judge, address, md5)
    if stored.md5:
        accept(stored.md5)
    if kept.is_file() and not of_file(kept).differences(stored):
        return
    new = kept.with_name(f"new-{kept.name}")
    found = fetch_all(reader, [(stored, new)])[new]
    try:
        accept(found)
        new.replace(kept)
    finally:
        new.unlink(missing_ok=True)
    logger.info("%s: generation %d, md5 %s", address, stored.generation, found)


def _from_web(address: str, kept: Path, md5: str | None) -> None:
    web.fetch(address, kept, partial(_judge, address, md5), pinned=md5 is not None)
    logger.info("%s: md5 %s", address, file_md5(kept))


def _judge(address: str, pinned: str | None, found: str) -> None:
    """Refuse (DataError) what has another md5 than the pinned one."""
    if pinned is not None and found != pinned.lower():
        raise DataError(
            f"{address}: md5 is {found}, dataset.md5 pins {pinned}; a copy of before is as it "
            "was. Pin the new one, or find the pinned file"
        )
