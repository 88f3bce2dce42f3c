"""An upload against a server: what it sends, what it leaves, how it is finished."""

import json

import pytest
import uploading

from scope.fritz import FritzClient
from scope.fritz.uploads.ledger import Ledger
from scope.fritz.uploads.operations import Place, annotate, classify, save_source
from scope.sandbox.app import Sandbox, SandboxSettings
from scope.sandbox.faults import KINDS, Fault
from scope.sandbox.server import SandboxServer
from scope.sandbox.users import USER_TOKEN


@pytest.fixture
def server():
    with SandboxServer(Sandbox(SandboxSettings(rate=0))) as running:
        yield running


@pytest.fixture
def apply(server, tmp_path):
    """Apply a plan, always with the same ledger."""

    def run(operations, name="ledger"):
        return uploading.apply(server.url, USER_TOKEN, tmp_path / name, operations)

    return run


@pytest.fixture
def client(server):
    with FritzClient(server.url, USER_TOKEN, rate=1000.0, retry_policy=uploading.QUICK) as session:
        yield session


def writes(server):
    return [one for one in server.sandbox.traffic.requests if one.method != "GET"]


def expected(operations):
    """Return what `uploading.held` shows when all is there once."""
    names = sorted({one.subject for one in operations})
    of = {
        kind: [one for one in operations if one.kind == kind]
        for kind in ("annotation", "classification")
    }
    return {
        "saves": [(name, uploading.GROUP) for name in names],
        "annotations": sorted(
            (one.subject, uploading.ORIGIN, one.payload["data"]["period_days"])
            for one in of["annotation"]
        ),
        "classifications": sorted(
            (one.subject, "RR Lyrae", one.payload["probability"]) for one in of["classification"]
        ),
        "points": [(name, uploading.N_POINTS) for name in names],
    }


def held(server):
    found = uploading.held(server.sandbox.store)
    found["annotations"] = [
        (obj_id, origin, json.loads(data)["period_days"])
        for obj_id, origin, data in found["annotations"]
    ]
    return found


def test_everything_planned_is_there_once_and_the_ledger_says_so(server, apply):
    operations = uploading.plan(30, 7)
    outcome = apply(operations)
    assert outcome.is_complete
    assert outcome.states == {"planned": 0, "sent": 0, "done": 120, "failed": 0}
    assert outcome.counts == {"created": 30, "posted": 90}
    assert held(server) == expected(operations)


def test_a_finished_upload_that_is_run_again_writes_nothing(server, apply):
    operations = uploading.plan(30, 7)
    apply(operations)
    n_writes, n_requests = len(writes(server)), len(server.sandbox.traffic.requests)
    assert apply(operations).is_complete
    assert len(writes(server)) == n_writes
    assert len(server.sandbox.traffic.requests) - n_requests <= 3


def test_without_its_ledger_an_upload_finds_all_on_the_server(server, apply):
    operations = uploading.plan(12, 7)
    apply(operations)
    n_writes = len(writes(server))
    outcome = apply(operations, "another")
    assert outcome.is_complete
    assert len(writes(server)) == n_writes
    assert outcome.counts == {"found": 12, "skipped": 48}


def test_a_source_on_fritz_keeps_its_name_and_photometry_and_is_saved_to_the_group(
    server, apply, client
):
    client.create_source("ZTF20abc", 10.0001, 1.0, [5])
    place = Place("ZTFJ004000.00+010000.0", 10.0, 1.0, (1,))
    plan = [save_source(place, [3]), uploading.put_photometry(place, [3])]
    assert apply(plan).counts == {"found": 1, "saved": 1, "skipped": 1}
    assert held(server)["saves"] == [("ZTF20abc", 3)]
    assert held(server)["points"] == []


def test_two_places_of_one_source_are_uploaded_once(server, apply, client):
    client.create_source("ZTF20abc", 10.0, 0.0, [3])
    arcsec = 1.0 / 3600.0
    plan = []
    for name, offset in (("ZTFJ1", -1.5), ("ZTFJ2", 1.5)):
        place = Place(name, 10.0 + offset * arcsec, 0.0)
        plan += [save_source(place, [3]), annotate(place, "scope-x", {"a": name}, [3])]
    outcome = apply(plan)
    assert outcome.is_complete
    found = uploading.held(server.sandbox.store)
    assert [len(found[name]) for name in ("saves", "annotations")] == [1, 1]


def test_a_place_that_comes_later_is_not_uploaded_over_an_earlier_one(server, apply, client):
    client.create_source("ZTF20abc", 10.0, 0.0, [3])
    arcsec = 1.0 / 3600.0
    first, second = (
        [save_source(place, [3]), annotate(place, "scope-x", {"a": place.name}, [3])]
        for place in (Place("ZTFJ2", 10.0 - arcsec, 0.0), Place("ZTFJ1", 10.0 + arcsec, 0.0))
    )
    apply(first)
    assert apply([*first, *second]).is_complete
    found = uploading.held(server.sandbox.store)["annotations"]
    assert [json.loads(data)["a"] for _, _, data in found] == ["ZTFJ2"]


def test_changed_content_is_brought_up_to_date_without_a_second_copy(server, apply):
    apply(uploading.plan(3, 7))
    changed = uploading.plan(3, 7)
    first = next(one for one in changed if one.kind == "classification")
    place = uploading.places(3, 7)[0]
    details = {name: first.payload[name] for name in ("origin", "group_ids", "ml")}
    changed[changed.index(first)] = classify(place, 1, "RR Lyrae", 0.5, **details)
    outcome = apply(changed)
    assert outcome.is_complete
    assert held(server) == expected(changed)


def test_what_the_server_refuses_fails_with_its_reason_and_the_rest_is_sent(server, apply):
    operations = uploading.plan(5, 7)
    place = uploading.places(5, 7)[2]
    details = {"origin": "o", "group_ids": [3], "ml": True}
    outcome = apply([*operations, classify(place, 1, "RR lyrae", 0.5, **details)])
    assert not outcome.is_complete
    assert (outcome.states["done"], outcome.states["failed"]) == (20, 1)
    assert held(server) == expected(operations)


def test_a_revoked_token_stops_the_upload_and_a_new_run_finishes_it(server, apply):
    operations = uploading.plan(150, 7)
    server.sandbox.faults.add(Fault("slow", path="/api/sources$", times=None, seconds=0.01))

    def revoke_soon(kind, method, path):
        if method == "POST" and len(server.sandbox.traffic.requests) > 60:
            server.sandbox.revoked.add(USER_TOKEN)

    strikes = server.sandbox.faults.next

    def watched(method, path):
        revoke_soon("", method, path)
        return strikes(method, path)

    server.sandbox.faults.next = watched
    outcome = apply(operations)
    assert "does not know the token" in str(outcome.stopped)
    assert 0 < outcome.states["done"] < 600
    server.sandbox.faults.next = strikes
    server.sandbox.revoked.clear()
    assert apply(operations).is_complete
    assert held(server) == expected(operations)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "slow"])
def test_each_kind_of_fault_at_every_tenth_request_does_no_harm(server, apply, kind):
    operations = uploading.plan(30, 7)
    server.sandbox.faults.cycle(10, [Fault(kind, times=None)])
    for _ in range(5):
        if apply(operations).is_complete:
            break
    assert held(server) == expected(operations)
    assert sum(server.sandbox.traffic.faults().values()) > 5


def test_a_server_that_was_emptied_gets_everything_again(server, apply):
    operations = uploading.plan(5, 7)
    apply(operations)
    server.sandbox.reset()
    assert apply(operations).is_complete
    assert held(server) == expected(operations)


def test_a_host_that_does_not_answer_stops_the_upload(tmp_path):
    outcome = uploading.apply(
        "http://127.0.0.1:9", USER_TOKEN, tmp_path / "ledger", uploading.plan(2, 7)
    )
    assert "cannot be reached" in str(outcome.stopped)
    assert outcome.states["done"] == 0


def test_the_ledger_knows_the_ids_on_the_server(server, apply, tmp_path):
    operations = uploading.plan(2, 7)
    apply(operations)
    with Ledger(tmp_path / "ledger", server.url) as ledger:
        ledger.plan(operations)
        ids = {
            int(one.server_id) for one in ledger.entries() if one.operation.kind == "classification"
        }
    rows = server.sandbox.store.rows("SELECT id FROM classifications")
    assert ids == {row["id"] for row in rows}
