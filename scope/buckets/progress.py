"""How far downloads are: a bar in bytes with the time left, or lines in a log."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from rich import progress
from rich.console import Console
from rich.filesize import decimal

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
    size = (progress.BarColumn(), progress.DownloadColumn())
    speed = (progress.TransferSpeedColumn(), progress.TimeRemainingColumn())
    columns = ("{task.description}", *size, *speed)
    n_lines, lock = 0, Lock()
    with progress.Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)

        def arrived(n_bytes: int) -> None:
            nonlocal n_lines
            with lock:
                bar.advance(task, n_bytes)
                done = int(bar.tasks[task].completed)
                if bar.disable and total >= WORTH_LINES and done * LINES // total > n_lines:
                    n_lines = done * LINES // total
                    logger.info("%s: %s of %s", what, decimal(done), decimal(total))

        yield arrived
