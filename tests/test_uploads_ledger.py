"""The ledger of an upload: what it keeps, through kills and new plans."""

import os
import signal
import subprocess
import sys
import time

import pytest

from scope.base.errors import DataError
from scope.fritz.uploads.ledger import Ledger
from scope.fritz.uploads.operations import Place, annotate, classify, save_source

SERVER = "http://127.0.0.1:1"
PLACE = Place("ZTFJ001122.33+010203.4", 1.0, 2.0, (11, 12))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite"


def operations(period=0.5, commit="a"):
    data = {"period_days": period, "commit": commit}
    return [save_source(PLACE, [3]), annotate(PLACE, "scope-x", data, [3])]


def test_an_operation_that_is_done_stays_done_in_the_next_run(path):
    with Ledger(path, SERVER) as ledger:
        ledger.plan(operations())
        ledger.done(operations()[0].key, "created", PLACE.name)
    with Ledger(path, SERVER) as ledger:
        ledger.plan(operations())
        assert ledger.counts() == {"planned": 1, "sent": 0, "done": 1, "failed": 0}
        states = {one.operation.kind: (one.state, one.server_id) for one in ledger.entries()}
        assert states == {"source": ("done", PLACE.name), "annotation": ("planned", None)}


def test_changed_content_is_planned_again_and_another_commit_is_no_change(path):
    with Ledger(path, SERVER) as ledger:
        ledger.plan(operations())
        for one in operations():
            ledger.done(one.key, "posted")
        ledger.plan(operations(commit="b"))
        assert ledger.counts()["planned"] == 0
        ledger.plan(operations(period=0.25))
        assert [one.operation.kind for one in ledger.entries() if one.state == "planned"] == [
            "annotation"
        ]


def test_what_is_not_planned_in_this_run_does_not_count(path):
    with Ledger(path, SERVER) as ledger:
        ledger.plan(operations())
    with Ledger(path, SERVER) as ledger:
        ledger.plan([])
        assert sum(ledger.counts().values()) == 0
        assert list(ledger.blocks(10)) == []


def test_a_ledger_serves_one_server(path):
    Ledger(path, SERVER).close()
    with pytest.raises(DataError, match=r"127.0.0.1:1, not to http://other"):
        Ledger(path, "http://other")


def test_a_file_that_is_no_ledger_is_refused(path):
    path.write_bytes(b"these are no pages of SQLite, however long one reads on" * 50)
    with pytest.raises(DataError, match="no ledger"):
        Ledger(path, SERVER)


def test_two_uploads_cannot_have_one_ledger_at_once(path):
    with Ledger(path, SERVER), pytest.raises(DataError, match="another upload"):
        Ledger(path, SERVER)


def test_blocks_hold_each_unfinished_subject_once(path):
    places = [Place(f"ZTFJ{number:02d}", 1.0, 2.0) for number in range(7)]
    with Ledger(path, SERVER) as ledger:
        ledger.plan(
            one
            for place in places
            for one in (save_source(place, [3]), classify(place, 1, "AGN", None))
        )
        for key in (save_source(places[2], [3]).key, classify(places[2], 1, "AGN", None).key):
            ledger.done(key, "there")
        names = [place.name for place in places if place is not places[2]]
        assert list(ledger.blocks(4)) == [names[:4], names[4:]]


def test_what_was_sent_is_known_after_a_kill(path):
    program = (
        "import sys, time; from pathlib import Path;"
        "from scope.fritz.uploads.ledger import Ledger;"
        "from scope.fritz.uploads.operations import Place, save_source;"
        "ledger = Ledger(Path(sys.argv[1]), sys.argv[2]);"
        "one = save_source(Place('ZTFJ1', 1.0, 2.0), [3]);"
        "ledger.plan([one]); ledger.sent([one.key]); print('sent', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(path), SERVER], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "sent\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    with Ledger(path, SERVER) as ledger:
        assert time.time() - 60 < ledger.last_sent() <= time.time()
        ledger.plan([save_source(Place("ZTFJ1", 1.0, 2.0), [3])])
        assert ledger.counts()["sent"] == 1
