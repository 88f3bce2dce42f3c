"""How far an upload is: a bar with counts and the time left, or lines in a log."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

SHOWN = ("found", "created", "saved", "posted", "skipped", "failed")
LINES = 10  # that a whole run logs without a terminal

logger = logging.getLogger(__name__)


class Step(Protocol):
    """What is called when something has ended."""

    def __call__(self, counts: Mapping[str, int], ended: int | None = None) -> None:
        """Show the counts; `ended` is their sum without "found" unless it is given."""


class _Bar(Progress):
    """A bar with the counts in a line of their own: beside it a narrow terminal has no room."""

    def get_renderables(self) -> Iterator[RenderableType]:
        """Yield the bar and the counts."""
        yield from super().get_renderables()
        yield from (Text(task.fields["counts"]) for task in self.tasks)


@contextmanager
def progress_bar(total: int, done: int = 0, console: Console | None = None) -> Iterator[Step]:
    """Yield what is to be called with the counts whenever an operation has ended.

    Parameters
    ----------
    total, done : how many operations there are, and how many an earlier run has brought about
    """
    console = console or Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with _Bar(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=total, completed=done, counts="")
        last_line = done * LINES // max(total, 1)

        def step(counts: Mapping[str, int], ended: int | None = None) -> None:
            nonlocal last_line
            if ended is None:
                ended = sum(number for name, number in counts.items() if name != "found")
            ended += done
            text = counted(counts)
            progress.update(task, completed=ended, counts=text)
            line = ended * LINES // max(total, 1)
            if not console.is_terminal and line > last_line:
                last_line = line
                logger.info("%d of %d: %s", ended, total, text)

        yield step


def counted(counts: Mapping[str, int]) -> str:
    """Return the counts as a line, such as "found 3, created 1, failed 0"."""
    return ", ".join(f"{name} {counts.get(name, 0)}" for name in SHOWN)
