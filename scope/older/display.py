"""What `scope train` shows: a bar an epoch, and the final table."""

import math
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from scope.older.judge import Figures

PLAIN_WIDTH = 100  # where the output is no terminal, so that lines stay whole
BAR_WIDTH = 8
SHOWN = {
    "loss": "loss",
    **{name: name for name in ("tp", "fp", "tn", "fn", "accuracy", "precision", "recall")},
    "auc": "AUC",
    "f1": "F1",
}


def new_console() -> Console:
    """Return a console on standard output, without control codes where it is no terminal."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    return console


class Epochs:
    """Shows each epoch as it ends, as a context manager.

    Each has a line where `every` is true; else one line is overwritten, on a terminal alone.
    """

    def __init__(
        self,
        console: Console,
        epochs: int,
        *,
        every: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start the clock; `epochs` is how many there may be."""
        self._console, self._epochs, self._every, self._clock = console, epochs, every, clock
        self._live = Live(console=console, transient=True, auto_refresh=False)
        self._moving = console.is_terminal and not every
        self._started = clock()

    def __enter__(self) -> Self:
        """Take the terminal's line, where there is one to overwrite."""
        if self._moving:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the line back."""
        if self._moving:
            self._live.stop()

    def __call__(self, seen: dict[str, float]) -> None:
        """Show an epoch: bar, losses, AUC of the validation rows, time left if all are run."""
        done = int(seen["epoch"])
        left = (self._clock() - self._started) / done * (self._epochs - done)
        line = self._line(done, seen, left)
        if self._every:
            self._console.print(line)
        elif self._moving:
            self._live.update(line, refresh=True)

    def _line(self, done: int, seen: dict[str, float], left: float) -> Table:
        counted = f"epoch {done:{len(str(self._epochs))}}/{self._epochs}"
        figures = (
            f"loss {seen['loss']:.4f}  validation {seen['val_loss']:.4f}  "
            f"AUC {seen['val_auc']:.4f}  {_duration(left)} left"
        )
        line = Table.grid(padding=(0, 1))
        for width in (len(counted), None, len(figures)):
            line.add_column(no_wrap=True, min_width=width)
        bar = ProgressBar(total=self._epochs, completed=done, width=BAR_WIDTH)
        line.add_row(counted, bar, figures)
        return line


def show_figures(console: Console, title: str, parts: dict[str, Figures]) -> None:
    """Print the final table, a column for each part that has rows."""
    table = Table()
    table.add_column("")
    filled = {part: found for part, found in parts.items() if found}
    for part in filled:
        table.add_column(part, justify="right")
    for name, shown in SHOWN.items():
        table.add_row(shown, *(_cell(found[name]) for found in filled.values()))
    console.print(title)
    console.print(table)


def _cell(value: float | int | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
