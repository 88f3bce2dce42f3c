"""What was downloaded so far, kept as it came, so that a failure after an hour costs nothing."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

from scope.base.errors import DataError
from scope.fritz import Source
from scope.fritz.records import source_of


class SearchCache:
    """Answers of a server to searches, one a place. Use as a context manager.

    The file is there while a download is unfinished; `finish` removes it.
    """

    def __init__(self, path: Path, question: str) -> None:
        """Open or start the file of a download.

        Parameters
        ----------
        question : what else the answers depend on, such as server and radius; answers to another
            question are forgotten

        Raises
        ------
        DataError : the file is none of ours
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(path)
        try:
            self._file.execute("CREATE TABLE IF NOT EXISTS about (question TEXT)")
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS answers (place TEXT PRIMARY KEY, sources TEXT NOT NULL)"
            )
            if self._file.execute("SELECT question FROM about").fetchone() != (question,):
                with self._file:
                    self._file.execute("DELETE FROM answers")
                    self._file.execute("DELETE FROM about")
                    self._file.execute("INSERT INTO about VALUES (?)", (question,))
        except sqlite3.DatabaseError as error:
            self._file.close()
            raise DataError(f"{path}: not the file of an unfinished download; remove it") from error

    def __enter__(self) -> "SearchCache":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def names(self) -> set[str]:
        """Return the places that have an answer."""
        return {row[0] for row in self._file.execute("SELECT place FROM answers")}

    def put(self, found: Mapping[str, Iterable[Source]]) -> None:
        """Keep answers, whole."""
        rows = [(name, json.dumps([_plain(one) for one in some])) for name, some in found.items()]
        with self._file:
            self._file.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?)", rows)

    def get(self, name: str) -> list[Source]:
        """Return the sources that were found at a place, the nearest first."""
        row = self._file.execute("SELECT sources FROM answers WHERE place = ?", (name,)).fetchone()
        return [] if row is None else [source_of(*one) for one in json.loads(row[0])]

    def finish(self) -> None:
        """Remove the file: what it held has been written where it belongs."""
        self._file.close()
        self.path.unlink(missing_ok=True)


def _plain(one: Source) -> tuple[object, float]:
    return dict(one.raw), one.distance_arcsec
