"""The worst that can happen to an upload: a fault at each tenth request, kills at any moment."""

import contextlib
import multiprocessing
import os
import random
import sqlite3
import sys
import time

import pytest
import uploading
from test_uploads_apply import expected, held

from scope.fritz.uploads.ledger import Ledger
from scope.sandbox.app import Sandbox, SandboxSettings
from scope.sandbox.faults import KINDS, Fault
from scope.sandbox.server import SandboxServer
from scope.sandbox.users import USER_TOKEN

SETTLE = 0.3  # [s], longer than the sandbox takes for any request
LATENCY = 0.03  # [s]
SLOW = 0.15  # [s] that the fault "slow" takes


def left_as_sent(ledger):
    """Return whether a killed upload left requests of which it did not learn the answer."""
    with contextlib.closing(sqlite3.connect(ledger)) as file:
        try:
            query = "SELECT COUNT(*) FROM operations WHERE state = 'sent'"
            return file.execute(query).fetchone()[0] > 0
        except sqlite3.OperationalError:  # killed before it had made its table
            return False


def campaign(folder, n_places, n_kills, seed):
    """Kill an upload `n_kills` times, run it to its end, and return what was counted."""
    chance = random.Random(seed)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["uploading"])
    with SandboxServer(Sandbox(SandboxSettings(rate=0, latency_ms=1000.0 * LATENCY))) as server:
        faults = [Fault(kind, times=None, seconds=SLOW) for kind in KINDS]
        server.sandbox.faults.cycle(10, faults)
        arguments = (server.url, USER_TOKEN, folder / "ledger", n_places, SETTLE)
        kills = in_flight = 0
        while kills < n_kills:
            child = context.Process(target=uploading.apply_seeded, args=arguments)
            child.start()
            n_requests = len(server.sandbox.traffic.requests) + chance.randint(1, 12)
            while child.is_alive() and len(server.sandbox.traffic.requests) < n_requests:
                time.sleep(0.001)
            time.sleep(chance.uniform(0.0, 2.0 * LATENCY))
            child.kill()
            child.join()
            kills += 1
            in_flight += left_as_sent(folder / "ledger")
        runs = 0
        while runs < 20:
            runs += 1
            operations = uploading.plan(n_places, 7)
            if uploading.apply(*arguments[:3], operations, SETTLE).is_complete:
                break
        time.sleep(SLOW)
        with Ledger(folder / "ledger", server.url) as ledger:
            ledger.plan(operations)
            states = ledger.counts()
            ids = {
                one.server_id for one in ledger.entries() if one.operation.kind == "classification"
            }
        rows = server.sandbox.store.rows("SELECT id FROM classifications")
        assert ids == {str(row["id"]) for row in rows}
        return {
            "held": held(server),
            "states": states,
            "faults": dict(server.sandbox.traffic.faults()),
            "kills": kills,
            "kills with a request in flight": in_flight,
            "runs": runs,
            "requests": len(server.sandbox.traffic.requests),
        }


@pytest.mark.slow
def test_20_kills_and_all_faults_leave_200_operations_done_once(tmp_path, capsys, monkeypatch):
    # The server that forks the uploads does not take over where this process looks for modules.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    found = campaign(tmp_path, 50, 20, seed=42)
    counts = {name: len(rows) for name, rows in found["held"].items()}
    with capsys.disabled():
        shown = {name: value for name, value in found.items() if name != "held"}
        sys.stdout.write(f"\n200 operations: {shown}; the server holds {counts}\n")
    assert found["held"] == expected(uploading.plan(50, 7))
    assert found["states"] == {"planned": 0, "sent": 0, "done": 200, "failed": 0}
    assert set(found["faults"]) == set(KINDS)
    assert found["kills"] == 20
    assert found["kills with a request in flight"] >= 5
