"""The sandbox answers as Kowalski was seen to answer, to its own client, too."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import requests

pytest.importorskip("fastapi", reason="the sandbox is an extra")
from sandbox_server import Server, running

from scope.lightcurves.curves import LightCurves
from scope.sandbox.documents import Catalogue, Documents
from scope.sandbox.users import KOWALSKI_TOKEN

CURVES, FEATURES = "ZTF_sources_20210401", "ZTF_source_features_DR5"
FIRST = 10487422011450
IDS = [FIRST, FIRST + 1, FIRST + 2]


def find(condition: Any, **more: Any) -> dict[str, Any]:
    return {"query_type": "find", "query": {"catalog": CURVES, "filter": condition, **more}}


def aggregate(*pipeline: dict[str, Any]) -> dict[str, Any]:
    query = {"catalog": CURVES, "pipeline": list(pipeline)}
    return {"query_type": "aggregate", "query": query}


# What was asked, the status, and the data or the start of the message, as recorded.
STEPS: dict[str, tuple[dict[str, Any], int, Any]] = {
    "catalogues": (
        {"query_type": "info", "query": {"command": "catalog_names"}},
        *(200, [CURVES, FEATURES]),
    ),
    "an unknown command": (
        {"query_type": "info", "query": {"command": "nope"}},
        *(400, "KeyError: \"command nope not in ('catalog_names', 'catalog_info'"),
    ),
    "find, NaN": (
        find({}, projection={"_id": 1, "iqr": 1}),
        200,
        [
            {"iqr": 0.1, "_id": FIRST},
            {"iqr": {"$numberDouble": "NaN"}, "_id": FIRST + 1},
            {"iqr": 0.1, "_id": FIRST + 2},
        ],
    ),
    "find with limit, skip, sort": (
        {
            **find({}, projection={"_id": 1}),
            "kwargs": {"limit": 1, "skip": 1, "sort": [["_id", -1]]},
        },
        *(200, [{"_id": FIRST + 1}]),
    ),
    "find without a filter": (
        {"query_type": "find", "query": {"catalog": CURVES}},
        *(400, "ValidationError: 1 validation error for Query\n__root__\n  Unsupported filter"),
    ),
    "find, filter as text": (
        find("{'filter': 1}", projection="{'_id': 1}"),
        *(200, [{"_id": FIRST}]),
    ),
    "find, no match": (find({"_id": 1}), 200, []),
    "find, no such catalogue": (
        {"query_type": "find", "query": {"catalog": "no_such_catalog", "filter": {}}},
        *(200, []),
    ),
    "count": (
        {"query_type": "count_documents", "query": {"catalog": CURVES, "filter": {"_id": 1}}},
        *(200, 0),
    ),
    "aggregate": (
        aggregate({"$match": {"_id": {"$in": [FIRST]}}}, {"$project": {"_id": 1, "meanmag": 1}}),
        *(200, [{"_id": FIRST, "meanmag": 18.0}]),
    ),
    "aggregate, forbidden": (
        aggregate({"$out": "x"}),
        400,
        "ValidationError: 1 validation error for Query\n__root__\n  Pipeline uses forbidden "
        "stages: {'$out'} (type=value_error)",
    ),
    "aggregate, nothing": (
        aggregate(),
        400,
        "ValidationError: 1 validation error for Query\n__root__\n  Pipeline must contain at "
        "least one stage (type=value_error)",
    ),
    "an unknown type": (
        {"query_type": "nope", "query": {"catalog": "x"}},
        *(400, "KeyError: \"query_type nope not in ('cone_search', 'count_documents', "),
    ),
    "no type": ({"query": {"catalog": "x"}}, 400, 'KeyError: "query_type None not in ('),
    "near, an unknown unit": (
        {
            "query_type": "near",
            "query": {
                **{"max_distance": 2, "distance_units": "degrees", "radec": {"a": [1, 2]}},
                "catalogs": {CURVES: {}},
            },
        },
        *(400, "Exception: Angular units not in ('arcsec', 'arcmin', 'deg', 'rad')"),
    ),
    "cone search, no unit": (
        {
            "query_type": "cone_search",
            "query": {
                "object_coordinates": {"cone_search_radius": 2, "radec": "[(178.9,-22.4)]"},
                "catalogs": {CURVES: {}},
            },
        },
        *(400, "KeyError: 'cone_search_unit'"),
    ),
    "no time": (
        {**find({}), "kwargs": {"max_time_ms": 0}},
        *(400, "ValueError: max_time_ms must be int >= 1"),
    ),
}


def documents() -> Documents:
    n_points = 3
    times = 58000.0 + np.arange(3.0 * n_points)
    curves = LightCurves(np.array([0, 3, 6, 9]), times, np.full(9, 18.1), np.full(9, 0.02))
    table = pd.DataFrame(
        {
            "_id": IDS,
            "ra": [178.9587118, 178.9588, 10.0],
            "dec": [-22.4106486, -22.4107, 10.0],
            "filter": [1, 2, 3],
            "meanmag": [18.0, 19.0, 20.0],
            "iqr": [0.1, math.nan, 0.1],
        }
    )
    features = pd.DataFrame({"_id": [FIRST], "period": [0.53], "n": [123]})
    flags = np.array([0, 32768, 0] * 3, dtype=np.int32)
    return Documents({CURVES: Catalogue(table, curves, flags), FEATURES: Catalogue(features)})


@pytest.fixture(scope="module")
def kowalski() -> Iterator[Server]:
    with running(documents()) as server:
        yield server


def ask(server: Server, body: dict[str, Any], token: str = KOWALSKI_TOKEN) -> requests.Response:
    headers = {"Authorization": token} if token else {}
    return requests.post(server.url + "/api/queries", json=body, headers=headers, timeout=5)


@pytest.mark.parametrize("name", STEPS)
def test_the_answer_is_as_recorded(kowalski: Server, name: str) -> None:
    body, status, wanted = STEPS[name]
    response = ask(kowalski, body)
    assert response.status_code == status
    answer = response.json()
    if status == 200:
        assert answer.keys() == {"status", "message", "data"}
        assert (answer["status"], answer["data"]) == ("success", wanted)
        assert answer["message"] == "Successfully executed query"
    else:
        assert answer.keys() == {"status", "message"}
        assert answer["status"] == "error"
        assert answer["message"].startswith(wanted)


def test_one_that_is_not_found_has_no_data(kowalski: Server) -> None:
    query = {"catalog": FEATURES, "filter": {"_id": 1}}
    answer = ask(kowalski, {"query_type": "find_one", "query": query})
    assert answer.json() == {"status": "success", "message": "Successfully executed query"}


def test_tokens_are_refused_with_401_and_400(kowalski: Server) -> None:
    for token, status, message in (("", 401, "Unauthorized"), ("wrong", 400, "token is invalid")):
        answer = ask(kowalski, STEPS["catalogues"][0], token)
        assert (answer.status_code, answer.json()["message"]) == (status, message)


def test_a_login_returns_a_token_at_the_top(kowalski: Server) -> None:
    where = kowalski.url + "/api/auth"
    login = {"username": "scope", "password": "sandbox"}
    assert requests.post(where, json=login, timeout=5).json() == {
        "status": "success",
        "token": KOWALSKI_TOKEN,
    }
    wrong = requests.post(where, json={**login, "password": "x"}, timeout=5)
    assert (wrong.status_code, wrong.json()["message"]) == (401, "Unauthorized")
    missing = requests.post(where, json={"username": "scope"}, timeout=5)
    assert (missing.status_code, missing.json()["message"]) == (400, "missing password")


def test_a_body_of_more_than_a_mebibyte_is_refused_as_text(kowalski: Server) -> None:
    answer = ask(kowalski, find({"_id": {"$in": list(range(FIRST, FIRST + 90_000))}}))
    assert (answer.status_code, answer.headers["Content-Type"][:10]) == (413, "text/plain")
    assert answer.text.startswith("Maximum request body size 1048576 exceeded, actual body size")


def test_its_own_client_reads_light_curves_near_a_place(kowalski: Server) -> None:
    from scope.fritz.kowalski import KowalskiClient

    with KowalskiClient(kowalski.url, KOWALSKI_TOKEN) as gloria:
        assert gloria.catalogues == [CURVES, FEATURES]
        found = gloria.light_curves_near(CURVES, {"a.b": (178.95875, -22.41067)}, 2.0)
    assert [one.light_curve for one in found["a.b"]] == IDS[:2]
    assert found["a.b"][0].points.time.tolist() == [58000.0, 58002.0]  # the flagged one is out
    assert found["a.b"][1].points.time.tolist() == [58003.0, 58005.0]


def test_an_invalid_token_shows_only_in_the_empty_list_of_catalogues(kowalski: Server) -> None:
    from penquins import Kowalski

    where = {"protocol": "http", "host": "127.0.0.1", "token": "wrong"}
    port = int(kowalski.url.rpartition(":")[2])
    client = Kowalski(instances={"gloria": {**where, "port": port}})
    assert client.instances["gloria"]["catalogs"] == []
    assert not client.ping("gloria")
    client.close_all()
