"""What other people have on the server, and whom one's own is shown to."""

import json

import pytest

pytest.importorskip("fastapi", reason="the sandbox is an extra")
from scope.fritz import Classification
from scope.fritz.errors import FritzPermissionError

STAR = "ZTFJ123456.78+123456.7"


@pytest.fixture
def fritz(server):
    with server.client() as client:
        client.create_source(STAR, 188.73658, 12.58242, [3])
        yield client


@pytest.fixture
def admin(server):
    with server.client(server.admin_token) as client:
        yield client


def rrab(probability, groups=(3,)):
    return Classification(STAR, "RRab", 1, probability, origin="scope-d15", group_ids=groups)


def test_an_annotation_of_somebody_else_is_said_to_be_theirs(fritz, admin):
    admin.annotate(STAR, "theirs", {"a": 1}, [3])
    assert fritz.annotate(STAR, "theirs", {"a": 1}, [3]).outcome == "there"
    with pytest.raises(FritzPermissionError, match="'theirs' is somebody else's; ask its author"):
        fritz.annotate(STAR, "theirs", {"a": 2}, [3])


def test_an_annotation_is_shown_to_more_groups_and_to_those_it_was_shown_to(server, fritz):
    outcomes = [
        fritz.annotate(STAR, "o", {"a": 1}, groups).outcome for groups in ([3], [5], [3, 5])
    ]
    assert outcomes == ["created", "updated", "there"]
    (row,) = server.rows("annotations")
    assert (json.loads(row["groups"]), json.loads(row["data"])) == ([3, 5], {"a": 1})


def test_what_somebody_else_says_alike_is_not_said_again(server, fritz, admin):
    admin.classify([rrab(0.9)])
    assert fritz.classify([rrab(0.9)])[0].outcome == "there"
    assert server.count("classifications") == 1


def test_a_probability_that_somebody_else_gave_stays_and_ones_own_stands_beside_it(
    server, fritz, admin
):
    admin.classify([rrab(0.9)])
    outcomes = [fritz.classify([rrab(0.4)])[0].outcome for _ in range(3)]
    assert outcomes == ["created", "there", "there"]
    assert [one["probability"] for one in server.rows("classifications")] == [0.9, 0.4]


def test_ones_own_beside_somebody_elses_is_there_once_whatever_becomes_of_the_answer(
    server, fritz, admin
):
    admin.classify([rrab(0.9)])
    server.fault("drop_after", "POST", "/api/classification")
    fritz.classify([rrab(0.4)])
    assert [one["probability"] for one in server.rows("classifications")] == [0.9, 0.4]


def test_a_probability_of_fewer_digits_on_the_server_is_the_same(server, fritz):
    fritz.classify([rrab(0.12345678901)])
    server.sandbox.store.run("UPDATE classifications SET probability = 0.12345679")
    assert fritz.classify([rrab(0.12345678901)])[0].outcome == "there"
