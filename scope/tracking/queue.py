"""Entries that wait to be sent, each a folder below `mlruns/unsent` of the main working tree."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from scope.base.files import atomic_dir
from scope.tracking.entry import ENTRY_FILE

QUEUE = Path("mlruns/unsent")
LOCK = ".lock"


def put(queue: Path, name: str, fill: Callable[[Path], None]) -> bool:
    """Put an entry on the queue that `fill` writes to a folder; False where it waits already."""
    # The name is the identity of what was found, so a second run of the same adds nothing.
    if (queue / name / ENTRY_FILE).is_file():
        return False
    with atomic_dir(queue / name) as temporary:
        fill(temporary)
    return True


def waiting(queue: Path) -> list[Path]:
    """Return the folders of the entries that wait, those that wait longest first."""
    entries = [path for path in queue.glob("[!.]*") if (path / ENTRY_FILE).is_file()]
    # [!.] leaves out what is being written or removed: atomic_dir and remove use hidden names.
    return sorted(entries, key=lambda one: (one.stat().st_mtime, one.name))


def remove(entry: Path) -> None:
    """Take an entry off the queue, at once however many files it has."""
    # A rename is one step: a kill while files are deleted leaves no half of an entry to be sent.
    gone = entry.with_name(f".{entry.name}.sent")
    entry.rename(gone)
    shutil.rmtree(gone)


def discard(queue: Path, names: Iterable[str]) -> None:
    """Take entries off the queue that are not to be sent."""
    for name in names:
        if (queue / name).is_dir():
            remove(queue / name)


@contextmanager
def sole_sender(queue: Path, seconds: float) -> Iterator[bool]:
    """Hold the queue for one sender; yields False where another holds it for longer."""
    queue.mkdir(parents=True, exist_ok=True)
    # Several experiments may end at once; MLflow's SQLite takes one writer.
    lock = FileLock(queue / LOCK)
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
