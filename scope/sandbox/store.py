"""What the sandbox has received, in SQLite."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS sources (
    id TEXT PRIMARY KEY, ra REAL NOT NULL, dec REAL NOT NULL, search_ra REAL NOT NULL,
    search_dec REAL NOT NULL, origin TEXT, alias TEXT, altdata TEXT, redshift REAL,
    created_at TEXT NOT NULL, modified TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_place ON sources (search_dec);
CREATE TABLE IF NOT EXISTS saves (
    id INTEGER PRIMARY KEY, obj_id TEXT NOT NULL, group_id INTEGER NOT NULL,
    active INTEGER NOT NULL, requested INTEGER NOT NULL, saved_at TEXT NOT NULL,
    saved_by_id INTEGER NOT NULL, UNIQUE (obj_id, group_id));
CREATE TABLE IF NOT EXISTS photometry (
    id INTEGER PRIMARY KEY, obj_id TEXT NOT NULL, instrument_id INTEGER NOT NULL,
    origin TEXT NOT NULL, mjd REAL NOT NULL, flux REAL, fluxerr REAL NOT NULL,
    filter TEXT NOT NULL, limiting_mag REAL, ra REAL, dec REAL, created_at TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS same_point ON photometry (
    obj_id, instrument_id, origin, mjd, fluxerr, COALESCE(flux, -1e99));
CREATE TABLE IF NOT EXISTS photometry_groups (
    photometry_id INTEGER NOT NULL, group_id INTEGER NOT NULL,
    PRIMARY KEY (photometry_id, group_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS annotations (
    id INTEGER PRIMARY KEY, obj_id TEXT NOT NULL, origin TEXT NOT NULL, data TEXT NOT NULL,
    author_id INTEGER NOT NULL, groups TEXT NOT NULL, created_at TEXT NOT NULL,
    modified TEXT NOT NULL, UNIQUE (obj_id, origin));
CREATE TABLE IF NOT EXISTS classifications (
    id INTEGER PRIMARY KEY, obj_id TEXT NOT NULL, classification TEXT NOT NULL,
    taxonomy_id INTEGER NOT NULL, probability REAL, ml INTEGER NOT NULL, origin TEXT,
    author_id INTEGER NOT NULL, groups TEXT NOT NULL, vote INTEGER NOT NULL,
    label INTEGER NOT NULL, created_at TEXT NOT NULL, modified TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS of_source ON classifications (obj_id);
CREATE TABLE IF NOT EXISTS comments (
    id INTEGER PRIMARY KEY, obj_id TEXT NOT NULL, text TEXT NOT NULL, author_id INTEGER NOT NULL,
    groups TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS taxonomies (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, hierarchy TEXT NOT NULL,
    provenance TEXT, isLatest INTEGER NOT NULL, groups TEXT NOT NULL, created_at TEXT NOT NULL,
    UNIQUE (name, version));
"""
TABLES = (
    *("sources", "saves", "photometry", "photometry_groups", "annotations"),
    *("classifications", "comments", "taxonomies"),
)


def timestamp() -> str:
    """Return the present as SkyPortal writes it: UTC, without saying so."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat()


class Store:
    """An SQLite database, in memory or in a file, that may be read from any thread."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.RLock()
        where = ":memory:" if path is None else str(path)
        # Autocommit: `transaction` says itself what belongs together.
        self._file = sqlite3.connect(where, check_same_thread=False, isolation_level=None)
        self._file.row_factory = sqlite3.Row
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=NORMAL")
        self._file.executescript(SCHEMA)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._file.close()

    def clear(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in TABLES:
                self._file.execute(f"DELETE FROM {table}")

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Return the rows that a query finds."""
        with self._lock:
            return [dict(row) for row in self._file.execute(query, values)]

    def one(self, query: str, *values: Any) -> dict[str, Any] | None:
        """Return the first row that a query finds, if any."""
        with self._lock:
            row = self._file.execute(query, values).fetchone()
        return None if row is None else dict(row)

    def run(self, query: str, *values: Any) -> int:
        """Run a statement; return the number of the row that it added, if it did."""
        with self._lock:
            return self._file.execute(query, values).lastrowid or 0

    def run_many(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each of many rows."""
        with self._lock:
            self._file.executemany(query, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what happens in the block happen as a whole or, after an exception, not at all."""
        with self._lock:
            self._file.execute("BEGIN")
            try:
                yield
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
            self._file.execute("COMMIT")
