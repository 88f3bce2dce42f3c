"""The ledger of an upload: what was planned, what was sent, what the server said."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, cast

from scope.base.errors import DataError
from scope.fritz.uploads.operations import Kind, Operation

State = Literal["planned", "sent", "done", "failed"]
STATES: tuple[State, ...] = ("planned", "sent", "done", "failed")
SCHEMA = """
CREATE TABLE IF NOT EXISTS operations (
    key TEXT PRIMARY KEY, subject TEXT NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL,
    payload TEXT NOT NULL, digest TEXT NOT NULL, state TEXT NOT NULL, outcome TEXT NOT NULL,
    server_id TEXT, message TEXT NOT NULL, attempts INTEGER NOT NULL, changed REAL NOT NULL,
    run INTEGER NOT NULL, shown_to TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX IF NOT EXISTS by_subject ON operations (subject);
CREATE INDEX IF NOT EXISTS by_server_id ON operations (kind, server_id);
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
COLUMNS = (
    "key, subject, kind, what, payload, state, outcome, server_id, message, attempts, shown_to"
)
# Failed and sent are taken up again with what is planned.
UNFINISHED = "run = ? AND state <> 'done'"


@dataclass(frozen=True)
class Entry:
    """An operation with what became of it.

    Attributes
    ----------
    outcome : created, saved, posted, updated or there (it was so already); empty before
    server_id : id of the source, annotation or classification on the server, where known
    message : why it failed
    shown_to : groups that could see it when it was last done
    """

    key: str
    operation: Operation
    state: State
    outcome: str
    server_id: str | None
    message: str
    attempts: int
    shown_to: frozenset[int] = frozenset()


class Ledger:
    """An SQLite file with one row an operation. Use as a context manager, from any thread.

    An operation is `planned`, `sent` from the moment before its request leaves, and then `done`
    or `failed`. One that was left `sent` or `failed` may have reached the server: whoever takes
    it up again looks there first. One process at a time has a ledger.
    """

    def __init__(self, path: Path, server: str) -> None:
        """Open or start the ledger of the uploads to `server`.

        Raises
        ------
        DataError : the file is no ledger, belongs to another server or is in use
        """
        self.path = path
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # check_same_thread off: the threads of an upload share it, one at a time by `_lock`.
            self._file = sqlite3.connect(path, timeout=1.0, check_same_thread=False)
        except (OSError, sqlite3.OperationalError) as error:
            raise DataError(
                f"{path}: no ledger can be kept here ({error}); use --ledger"
            ) from error
        try:
            # Held until closed: a second upload with this ledger fails now and not halfway.
            self._file.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._file.execute("PRAGMA journal_mode=WAL")
            # With WAL a killed process loses nothing; only a loss of power could undo the last
            # writes.
            self._file.execute("PRAGMA synchronous=NORMAL")
            self._file.executescript(SCHEMA)
            self._check_server(server)
            # The number of the run tells this plan from earlier ones, which stay in the file.
            self._run = int(self._about("run", "0")) + 1
            self._set("run", str(self._run))
        except sqlite3.DatabaseError as error:
            self._file.close()
            busy = "locked" in str(error)
            why = "another upload is using it; wait for it" if busy else "no ledger; remove it"
            raise DataError(f"{path}: {why} ({error})") from error
        except DataError:
            self._file.close()
            raise

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was written stays."""
        with self._lock:
            self._file.close()

    def plan(self, operations: Iterable[Operation]) -> None:
        """Take up operations: new ones and those with another payload as planned.

        Those that the ledger has keep their state. Only what is planned here counts in what
        follows (`blocks`, `counts`, `entries`); earlier plans stay in the file.
        """
        with self._lock, self._file:
            self._file.executemany(
                "INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, 'planned', '', NULL, '', 0, ?, ?,"
                " '[]')"
                " ON CONFLICT (key) DO UPDATE SET run = excluded.run, payload = excluded.payload,"
                " state = CASE WHEN digest = excluded.digest THEN state ELSE 'planned' END,"
                " digest = excluded.digest",
                (self._row(one) for one in operations),
            )

    def blocks(self, size: int) -> Iterator[list[str]]:
        """Yield the subjects of which something is not done, `size` at a time, by name."""
        last = ""
        while True:
            with self._lock:
                rows = self._file.execute(
                    f"SELECT DISTINCT subject FROM operations WHERE {UNFINISHED} AND subject > ?"
                    " ORDER BY subject LIMIT ?",
                    (self._run, last, size),
                ).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield [row[0] for row in rows]

    def entries(self, subjects: Sequence[str] | None = None) -> Iterator[Entry]:
        """Yield what is planned in this run, of some subjects or of all, in order of the keys."""
        # As one JSON value: SQLite limits the number of parameters of a statement.
        names = None if subjects is None else json.dumps(list(subjects))
        chosen = "" if names is None else " AND subject IN (SELECT value FROM json_each(?))"
        values = (self._run,) if names is None else (self._run, names)
        last = ""
        while True:
            with self._lock:
                rows = self._file.execute(
                    f"SELECT {COLUMNS} FROM operations WHERE run = ?{chosen} AND key > ?"
                    # A thousand at a time, by key rather than by OFFSET: rows change state between
                    # the reads.
                    " ORDER BY key LIMIT 1000",
                    (*values, last),
                ).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield from (_entry(row) for row in rows)

    def counts(self) -> dict[State, int]:
        """Return how many of the planned operations are in each state."""
        with self._lock:
            rows = self._file.execute(
                "SELECT state, COUNT(*) FROM operations WHERE run = ? GROUP BY state", (self._run,)
            ).fetchall()
        return {state: dict(rows).get(state, 0) for state in STATES}

    def sent(self, keys: Sequence[str]) -> None:
        """Write down that requests for these operations are about to leave."""
        with self._lock, self._file:
            self._file.executemany(
                "UPDATE operations SET state = 'sent', attempts = attempts + 1, changed = ?"
                " WHERE key = ?",
                [(time.time(), key) for key in keys],
            )

    def done(
        self,
        key: str,
        outcome: str,
        server_id: str | int | None = None,
        message: str = "",
        shown_to: Iterable[int] = (),
    ) -> None:
        """Write down that the server has what the operation asks for, and who can see it."""
        number = None if server_id is None else str(server_id)
        groups = json.dumps(sorted(shown_to))
        with self._lock, self._file:
            self._file.execute(
                # COALESCE: an id that is known is not forgotten where a later call does not tell
                # it.
                "UPDATE operations SET state = 'done', outcome = ?, message = ?, changed = ?,"
                " server_id = COALESCE(?, server_id), shown_to = ? WHERE key = ?",
                (outcome, message, time.time(), number, groups, key),
            )

    def failed(self, key: str, message: str) -> bool:
        """Write down why an operation failed; it is tried again in the next run.

        Returns whether it did: one that is done by now stays done.
        """
        with self._lock, self._file:
            changed = self._file.execute(
                "UPDATE operations SET state = 'failed', outcome = '', message = ?, changed = ?"
                " WHERE key = ? AND state <> 'done'",
                (message, time.time(), key),
            )
        return changed.rowcount > 0

    def last_sent(self) -> float:
        """Return when the latest of the operations left as sent was, in seconds since 1970."""
        with self._lock:
            row = self._file.execute(
                "SELECT MAX(changed) FROM operations WHERE state = 'sent'"
            ).fetchone()
        return float(row[0] or 0.0)

    def done_sources(self, most: int) -> list[Entry]:
        """Return some of the sources that this ledger says are on the server."""
        with self._lock:
            rows = self._file.execute(
                f"SELECT {COLUMNS} FROM operations WHERE run = ? AND kind = 'source'"
                " AND state = 'done' ORDER BY changed LIMIT ?",
                (self._run, most),
            ).fetchall()
        return [_entry(row) for row in rows]

    def taken(self) -> dict[str, str]:
        """Return source on the server -> place, for the places of this run that are saved."""
        with self._lock:
            return dict(
                self._file.execute(
                    "SELECT server_id, subject FROM operations WHERE run = ? AND kind = 'source'"
                    " AND state = 'done' AND outcome <> 'duplicate'",
                    (self._run,),
                ).fetchall()
            )

    def reopen(self) -> None:
        """Plan everything again; what is on the server is found there before it is sent."""
        with self._lock, self._file:
            self._file.execute(
                "UPDATE operations SET state = 'planned', attempts = 0, server_id = NULL,"
                " shown_to = '[]' WHERE run = ?",
                (self._run,),
            )

    def entry(self, key: str) -> Entry:
        """Return one operation as it stands; KeyError where there is none of this key."""
        with self._lock:
            row = self._file.execute(
                f"SELECT {COLUMNS} FROM operations WHERE key = ?", (key,)
            ).fetchone()
        if row is None:
            raise KeyError(key)
        return _entry(row)

    def _row(self, one: Operation) -> tuple[Any, ...]:
        payload = json.dumps(one.payload, sort_keys=True, allow_nan=False)
        which = (one.key, one.subject, one.kind, one.what)
        return (*which, payload, one.digest, time.time(), self._run)

    def _check_server(self, server: str) -> None:
        known = self._about("server", server)
        if known != server:
            raise DataError(
                f"{self.path} is the ledger of uploads to {known}, not to {server}; name another "
                "file with --ledger"
            )
        self._set("server", server)

    def _about(self, name: str, otherwise: str) -> str:
        row = self._file.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return otherwise if row is None else str(row[0])

    def _set(self, name: str, value: str) -> None:
        with self._file:
            self._file.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))


def _entry(row: tuple[Any, ...]) -> Entry:
    key, subject, kind, what, payload, state, outcome, server_id, message, attempts, shown = row
    operation = Operation(subject, cast(Kind, kind), what, json.loads(payload))
    shown_to = frozenset(json.loads(shown))
    return Entry(key, operation, state, outcome, server_id, message, attempts, shown_to)
