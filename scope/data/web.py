"""A file at an address on the web: resumable, and under its name only when it is whole.

Pooch, which keeps copies of files on the web as we do, begins a download that was cut off anew.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from scope.base.errors import ConfigError
from scope.base.hashing import file_md5, md5_of
from scope.buckets.errors import BucketError, BucketNotFoundError
from scope.buckets.partial import PARTIAL, check_space, explained_disk
from scope.buckets.progress import byte_bar

TIMEOUTS_S = (10.0, 60.0)  # to connect, and between two pieces of an answer
ATTEMPTS = 4
FIRST_PAUSE_S = 0.5
PIECE_BYTES = 1 << 16  # what comes less than this before a break is lost
BROKEN = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
)


def fetch(address: str, kept: Path, accept: Callable[[str], None], *, pinned: bool) -> None:
    """Bring what is at an address to the file `kept`, unless it is there in the same version.

    Parameters
    ----------
    accept : is given the md5 of what came, and raises to have it thrown away
    pinned : whether it is known what must come

    Raises
    ------
    BucketError : the server refuses, does not answer or breaks off again and again
    ConfigError : the way there is open to anybody, and it is not pinned what must come
    """
    if urlsplit(address).scheme == "http" and not pinned:
        raise ConfigError(f"{address} is not https; pin its checksum with dataset.md5")
    note = kept.with_name(f".{kept.name}.json")
    with _session() as session:
        received = _patiently(session, address, kept, _known_tag(kept, note))
    if received is None:
        return
    partial, tag = received
    md5 = file_md5(partial)
    try:
        accept(md5)
    except BaseException:
        partial.unlink()
        raise
    partial.replace(kept)
    note.write_text(json.dumps({"tag": tag, "md5": md5}), encoding="utf-8")


def _known_tag(kept: Path, note: Path) -> str:
    """Return the tag under which the server gave the file that is here, "" where it is unknown."""
    try:
        said = json.loads(note.read_text(encoding="utf-8"))
        return str(said["tag"]) if said["md5"] == file_md5(kept) else ""
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        return ""


def _patiently(
    session: requests.Session, address: str, kept: Path, known: str
) -> tuple[Path, str] | None:
    for attempt in range(ATTEMPTS):
        try:
            return _receive(session, address, kept, known)
        except BROKEN as error:
            reason = error
            if attempt + 1 < ATTEMPTS:
                time.sleep(FIRST_PAUSE_S * 2**attempt)
    raise BucketError(
        f"{address} does not answer or broke off ({reason}); check the network, then run the same "
        "command again: it goes on where it stopped. A copy that is here is used without asking "
        "where dataset.md5 pins it"
    ) from reason


def _receive(
    session: requests.Session, address: str, kept: Path, known: str
) -> tuple[Path, str] | None:
    """Return a whole file and its tag; None where `known` is the tag of what is there."""
    with _ask(session, address, {"If-None-Match": known} if known else {}) as answer:
        if answer.status_code == requests.codes.not_modified:
            return None
        tag = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        size = int(answer.headers.get("Content-Length") or 0)
        partial = kept.with_name(f".{kept.name}.{md5_of(tag)[:12]}{PARTIAL}")
        n_here = partial.stat().st_size if tag and partial.exists() else 0
        if not 0 < n_here <= size:
            _write(answer, partial, 0, size)
            n_here = size
    if n_here < size:
        wanted = {"Range": f"bytes={n_here}-", "If-Range": tag}
        with _ask(session, address, wanted) as answer:
            partly = answer.status_code == requests.codes.partial_content
            _write(answer, partial, n_here if partly else 0, size)
    if size and partial.stat().st_size != size:
        raise requests.ConnectionError(f"{partial.stat().st_size} bytes came of {size}")
    return partial, tag


def _write(answer: requests.Response, partial: Path, n_here: int, size: int) -> None:
    """Write a body to a file behind the first `n_here` bytes."""
    check_space(answer.url, partial.parent, size - n_here)
    with (
        explained_disk(answer.url, partial),
        byte_bar("1 file", size) as arrived,
        partial.open("ab" if n_here else "wb") as file,
    ):
        arrived(n_here)
        for piece in answer.iter_content(PIECE_BYTES):
            file.write(piece)
            arrived(len(piece))


def _ask(session: requests.Session, address: str, headers: dict[str, str]) -> requests.Response:
    plain = {"Accept-Encoding": "identity"}
    answer = session.get(address, headers=plain | headers, stream=True, timeout=TIMEOUTS_S)
    if answer.ok:
        return answer
    answer.close()
    if answer.status_code in (404, 410):
        raise BucketNotFoundError(f"{address}: not found ({answer.status_code}); check the address")
    if answer.status_code in (401, 403):
        raise BucketError(
            f"{address}: the server does not let anybody read it ({answer.status_code}); download "
            "it in a browser and name the copy in dataset.training"
        )
    raise BucketError(f"{address}: the server answers {answer.status_code} {answer.reason}")


def _session() -> requests.Session:
    session = requests.Session()
    busy = Retry(
        total=ATTEMPTS,
        connect=0,
        read=0,
        backoff_factor=FIRST_PAUSE_S,
        status_forcelist=(429, 500, 502, 503, 504),
        raise_on_status=False,
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=busy))
    return session
