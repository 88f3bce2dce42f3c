"""How far downloads are: a bar in bytes with the time left, or lines in a log."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

LINES = 10  # that a whole run logs without a terminal
WORTH_LINES = 100_000_000  # bytes from which on it logs any

logger = logging.getLogger(__name__)


@contextmanager
def byte_bar(
    what: str, total: int, console: Console | None = None
) -> Iterator[Callable[[int], None]]:
    """Yield what is to be called with the number of bytes whenever some have come.

    Parameters
    ----------
    what : such as "3 objects"
    total : bytes of all of them; what an earlier run brought counts as come at once
    """
    console = console or Console(stderr=True)
    columns = (
        *(TextColumn("{task.description}"), BarColumn(), DownloadColumn()),
        *(TransferSpeedColumn(), TimeRemainingColumn()),
    )
    lock = threading.Lock()
    done = last_line = 0
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)

        def arrived(n_bytes: int) -> None:
            nonlocal done, last_line
            with lock:
                done += n_bytes
                line = done * LINES // max(total, 1)
                due = line > last_line and total >= WORTH_LINES
                last_line = max(line, last_line)
                text = f"{decimal(done)} of {decimal(total)}"
            progress.advance(task, n_bytes)
            if due and not console.is_terminal:
                logger.info("%s: %s", what, text)

        yield arrived
