"""The table of what became of each input row."""

import datetime
import itertools
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from scope.base.errors import DataError
from scope.base.files import atomic_path
from scope.fritz.uploads.ledger import Entry, Ledger
from scope.fritz.uploads.provenance import release
from scope.tables.reading import CSV_SUFFIXES, PARQUET_SUFFIXES

OUTCOMES = ("created", "saved", "posted", "updated")
IDENTITY = ("_id", "ra", "dec")


@dataclass(frozen=True)
class SourceResult:
    """What became of one source.

    Attributes
    ----------
    obj_id : its id on the server, empty where it has none
    status : created, saved (to more groups), updated (something else was sent), unchanged (all was
        there), duplicate (another row's source), failed, waiting (not tried)
    message : what was sent, or why something was not
    """

    obj_id: str
    status: str
    message: str


def source_results(ledger: Ledger) -> Iterator[tuple[str, SourceResult]]:
    """Yield (name of the place, what became of it) for all that this run planned."""
    for name, entries in itertools.groupby(ledger.entries(), key=lambda one: one.operation.subject):
        yield name, result_of(list(entries))


def result_of(entries: Sequence[Entry]) -> SourceResult:
    """Return what became of a source from all its operations."""
    source = next(one for one in entries if one.operation.kind == "source")
    obj_id = source.server_id or ""
    wrong = [one for one in entries if one.state == "failed"]
    if wrong:
        reasons = dict.fromkeys(f"{_what(one)}: {one.message}" for one in wrong)
        return SourceResult(obj_id, "failed", "; ".join(reasons))
    open_ones = [one for one in entries if one.state != "done"]
    if open_ones:
        return SourceResult(obj_id, "waiting", f"{len(open_ones)} of {len(entries)} not tried")
    if source.outcome == "duplicate":
        return SourceResult(obj_id, "duplicate", source.message)
    sent = [f"{_what(one)} {one.outcome}" for one in entries if one.outcome in OUTCOMES]
    if source.outcome in ("created", "saved"):
        return SourceResult(obj_id, source.outcome, ", ".join(sent))
    return SourceResult(obj_id, "updated" if sent else "unchanged", ", ".join(sent))


def table_of(
    table: pd.DataFrame, obj_ids: Sequence[str], statuses: Sequence[str], messages: Sequence[str]
) -> pd.DataFrame:
    """Return one row an input row: its number, `_id`, `ra`, `dec` and what became of it."""
    identity = {name: table[name].to_numpy() for name in IDENTITY if name in table}
    return pd.DataFrame(
        {"row": range(len(table)), **identity}
        | {"obj_id": obj_ids, "status": statuses, "message": messages}
    )


def header(server: str, source: Path, **more: str) -> dict[str, str]:
    """Return what stands above a table of results: pipeline, server, time [UTC], input."""
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "pipeline": f"scope-pipeline {release()}",
        "server": server,
        "time": now,
        "input": source.name,
        **more,
    }


def write_results(frame: pd.DataFrame, head: Mapping[str, str], out: Path) -> None:
    """Write a table with its header: comment lines above a CSV, the metadata of a Parquet file."""
    if out.name.endswith(PARQUET_SUFFIXES):
        content = pa.Table.from_pandas(frame, preserve_index=False)
        # As one JSON text and key by key: for programs, and for people who list the metadata.
        metadata = {"scope": json.dumps(dict(head))} | dict(head)
        with atomic_path(out) as temporary:
            pq.write_table(content.replace_schema_metadata(metadata), temporary)
        return
    lines = "".join(f"# {name}: {_line(value)}\n" for name, value in head.items())
    with atomic_path(out) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n")
        body = temporary.read_text(encoding="utf-8")
        temporary.write_text(lines + body, encoding="utf-8")


def results_path(source: Path, what: str, chosen: Path | None) -> Path:
    """Return where the results of a file go: as chosen, or next to it as stars.uploaded.csv.

    Raises
    ------
    DataError : nothing can be written there; better said before an upload than after it
    """
    suffix = ".parquet" if source.name.endswith(PARQUET_SUFFIXES) else ".csv"
    out = chosen or source.with_name(f"{source.name.split('.')[0]}.{what}{suffix}")
    if not out.name.endswith(CSV_SUFFIXES + PARQUET_SUFFIXES):
        raise DataError(f"{out}: results are written as .csv or .parquet")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{out}: no results can be written here ({error})") from error
    # Better now than after an hour of uploading.
    if not os.access(out.parent, os.W_OK):
        raise DataError(f"{out}: no results can be written here; use --out")
    return out


def failures(named: Iterable[tuple[str, SourceResult]], most: int) -> list[str]:
    """Return a line for each of the first sources that failed."""
    found = (f"{name}: {result.message}" for name, result in named if result.status == "failed")
    return list(itertools.islice(found, most))


def _line(value: str) -> str:
    return " ".join(value.split())


def _what(entry: Entry) -> str:
    operation = entry.operation
    if operation.kind == "classification":
        return f"classification {operation.payload['classification']}"
    return operation.kind
