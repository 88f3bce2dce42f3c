"""The progress of an upload and the table of its results."""

import io
import json
import re

import pandas as pd
import pyarrow.parquet as pq
import pytest
import uploading
from rich.console import Console

from scope.base.errors import DataError
from scope.fritz.uploads.ledger import Ledger
from scope.fritz.uploads.progress import progress_bar
from scope.fritz.uploads.results import header, results_path, source_results, write_results
from scope.fritz.uploads.session import Job, upload


@pytest.fixture
def screen(monkeypatch):
    """A terminal of 80 columns that remembers what was shown."""
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    monkeypatch.setattr("scope.fritz.uploads.progress.Console", lambda **_: console)
    return console.file


def test_the_bar_ends_at_its_total_with_the_right_counts(server, screen, tmp_path):
    with server.client() as client:
        plan = uploading.plan(10, 7)
        done = upload(client, plan, Job(tmp_path / "ledger", 2.0), uploading.Curves())
        bar, counts = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue()).splitlines()[-2:]
        assert "40/40" in bar
        assert counts == "found 0, created 10, saved 0, posted 30, skipped 0, failed 0"
        assert done.outcome.is_complete
        upload(client, plan, Job(tmp_path / "ledger", 2.0), uploading.Curves())
    assert screen.getvalue().count("40/40") >= 2


def test_the_time_left_is_shown_while_it_runs(screen):
    with progress_bar(100) as step:
        step({"posted": 50})
    assert re.search(r"50/100.*posted 50", screen.getvalue(), re.DOTALL)
    assert re.search(r"\d:\d\d:\d\d", screen.getvalue())


def test_without_a_terminal_a_run_logs_ten_lines(caplog, capsys):
    caplog.set_level("INFO")
    with progress_bar(1000) as step:
        for number in range(1, 1001):
            step({"posted": number})
    assert len(caplog.records) == 10
    assert capsys.readouterr().err == ""


def test_a_parquet_file_has_the_header_in_its_metadata(tmp_path):
    head = header("http://server", tmp_path / "stars.csv")
    write_results(pd.DataFrame({"obj_id": ["a"]}), head, tmp_path / "out.parquet")
    found = json.loads(pq.read_schema(tmp_path / "out.parquet").metadata[b"scope"])
    assert found == head
    assert set(found) == {"pipeline", "server", "time", "input"}


def test_results_that_cannot_be_written_are_refused_before_an_upload(tmp_path):
    with pytest.raises(DataError, match=r"out\.txt: results are written as"):
        results_path(tmp_path / "stars.csv", "uploaded", tmp_path / "out.txt")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="no results can be written here"):
        results_path(tmp_path / "stars.csv", "uploaded", tmp_path / "file" / "out.csv")


def test_a_ledger_that_cannot_be_kept_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="no ledger can be kept here"):
        Ledger(tmp_path / "file" / "ledger", "http://server")


def test_a_source_that_was_not_tried_is_waiting(tmp_path):
    with Ledger(tmp_path / "ledger", "http://server") as ledger:
        ledger.plan(uploading.plan(1, 7))
        assert [result.status for _, result in source_results(ledger)] == ["waiting"]
