"""Uploads to a server where others work, too: other groups, other authors, unsaved sources."""

import json

import pytest
import uploading

from scope.fritz.uploads.operations import annotate, classify, put_photometry, save_source

DETAILS = {"origin": uploading.ORIGIN, "ml": True}


def plan(groups, n_places=3):
    """Return four operations a place, for these groups."""
    planned = []
    for place in uploading.places(n_places, 7):
        planned += [
            save_source(place, groups),
            put_photometry(place, groups),
            annotate(place, uploading.ORIGIN, {"period_days": 0.5}, groups),
            classify(place, 1, "RR Lyrae", 0.5, group_ids=groups, **DETAILS),
        ]
    return planned


@pytest.fixture
def apply(server, tmp_path):
    """Apply a plan, with the same ledger unless another is named."""

    def run(operations, name="ledger"):
        return uploading.apply(server.url, server.token, tmp_path / name, operations)

    return run


def groups_of(server, table):
    return [json.loads(row["groups"]) for row in server.rows(table)]


@pytest.mark.parametrize("later", [[3, 5], [5]])
def test_a_group_that_is_added_later_sees_all_and_the_earlier_one_still_does(server, apply, later):
    assert apply(plan([3])).is_complete
    assert apply(plan(later)).is_complete
    assert server.count("saves", group_id=5) == server.count("saves", group_id=3) == 3
    assert groups_of(server, "annotations") == [[3, 5]] * 3
    assert groups_of(server, "classifications") == [[3, 5]] * 3
    n_points = 3 * uploading.N_POINTS
    assert server.count("photometry") == n_points
    assert server.count("photometry_groups", group_id=5) == n_points
    n_writes = len(server.calls("POST")) + len(server.calls("PUT"))
    assert apply(plan(later)).is_complete
    assert len(server.calls("POST")) + len(server.calls("PUT")) == n_writes


def test_a_source_that_was_unsaved_meanwhile_is_classified_once(server, apply):
    apply(plan([3]))
    for place in uploading.places(3, 7):
        server.sandbox.store.run("UPDATE saves SET active = 0 WHERE obj_id = ?", place.name)
    assert apply(plan([3]), "another").is_complete
    assert server.count("saves", active=1) == 3
    for table in ("sources", "annotations", "classifications"):
        assert server.count(table) == 3


def test_an_unsaved_source_of_which_little_is_told_is_not_classified_twice(
    server, apply, monkeypatch
):
    from scope.sandbox import sources

    described = sources.described
    monkeypatch.setattr(sources, "described", lambda call, row: described(call, row, nested=False))
    apply(plan([3]))
    server.sandbox.store.run("UPDATE saves SET active = 0")
    assert apply(plan([3, 5])).is_complete
    assert server.count("saves", active=1) == 6
    assert server.count("classifications") == server.count("annotations") == 3


def test_new_sources_are_not_asked_for_what_is_said_of_them(server, apply):
    apply(plan([3]))
    assert server.calls("GET", "/classifications") == []
    assert server.calls("GET", "/annotations") == []


def test_what_one_may_not_change_does_not_keep_the_rest_from_being_sent(server, apply):
    place = uploading.places(1, 7)[0]
    with server.client(server.admin_token) as admin:
        admin.create_source(place.name, place.ra, place.dec, [3])
        admin.annotate(place.name, uploading.ORIGIN, {"period_days": 9.0}, [3])
    outcome = apply(plan([3]))
    assert outcome.states == {"planned": 0, "sent": 0, "done": 11, "failed": 1}
    assert server.count("classifications") == 3
    assert server.count("annotations") == 3


def test_points_that_a_vanished_source_cannot_have_do_not_keep_others_from_theirs(
    server, apply, monkeypatch
):
    from scope.fritz import FritzClient

    create = FritzClient.create_source
    lost = uploading.places(3, 7)[1].name

    def create_and_lose(client, obj_id, *more, **details):
        create(client, obj_id, *more, **details)
        if obj_id == lost:
            server.sandbox.store.run("DELETE FROM sources WHERE id = ?", lost)

    monkeypatch.setattr(FritzClient, "create_source", create_and_lose)
    outcome = apply(plan([3]))
    assert outcome.states["failed"] == 3
    assert server.count("photometry") == 2 * uploading.N_POINTS
    assert server.count("classifications") == 2


def test_a_server_too_busy_to_list_its_sources_is_searched_place_by_place(server, apply):
    from scope.sandbox.faults import Fault

    class Lists(Fault):
        def strikes(self, method, path):
            n_searches = len(server.calls("GET", "/api/sources"))
            return (method, path) == ("GET", "/api/sources") and n_searches < 2

    server.sandbox.faults.add(Lists("error_before", status=504, times=None))
    outcome = apply(plan([3], n_places=10))
    assert outcome.is_complete
    assert server.count("sources") == 10
    assert len(server.calls("GET", "/api/sources")) == 2 + 10
