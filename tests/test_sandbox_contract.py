"""The sandbox answers as SkyPortal was seen to answer: the calls were recorded on a real one.

contract_fritz.json holds them in order: call, token, body, and of the answer its status, the keys
of its data (`[]` for those of the first item of a list), what does not change from server to
server, and the start of its message.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

pytest.importorskip("fastapi", reason="the sandbox is an extra")
from sandbox_server import Server, running

from scope.sandbox.middleware import LeakyBucket

STEPS = json.loads((Path(__file__).parent / "contract_fritz.json").read_text())
TOKENS = {"user": Server.token, "admin": Server.admin_token, "readonly": Server.reader_token}
ENVELOPE = {"status", "data", "version"}


@pytest.fixture(scope="module")
def answers() -> dict[str, requests.Response]:
    """All answers of a new sandbox to the recorded calls, made in their order."""
    with running() as server, requests.Session() as session:
        return {step["name"]: _send(session, server, step) for step in STEPS}


@pytest.mark.parametrize("step", STEPS, ids=[step["name"] for step in STEPS])
def test_the_answer_is_as_recorded(step: dict[str, Any], answers: dict[str, Any]) -> None:
    response = answers[step["name"]]
    assert response.status_code == step["status"], response.text[:300]
    envelope = response.json()
    if step["status"] != 200:
        assert envelope.keys() == {*ENVELOPE, "message"}
        assert envelope["status"] == "error"
        expected = step["message"].replace("{token}", Server.token)
        assert envelope["message"].startswith(expected)
        return
    assert envelope.keys() == ENVELOPE
    assert envelope["status"] == "success"
    data = envelope["data"]
    assert type(data).__name__ == step["shape"]
    for where, keys in step.get("keys", {}).items():
        part = data if where in ("", "[]") else data[where.removesuffix("[]")]
        item = part[0] if where.endswith("[]") else part
        assert set(keys) <= item.keys(), where
    for name, value in step.get("values", {}).items():
        assert data[name] == value, name
    if "length" in step:
        assert len(data) == step["length"]


def test_there_is_something_to_compare() -> None:
    assert len(STEPS) > 200
    assert len({step["status"] for step in STEPS}) == 7


def _send(session: requests.Session, server: Server, step: dict[str, Any]) -> requests.Response:
    method, path = step["call"].split(" ", 1)
    token = step.get("token", "user")
    signed = f"token {TOKENS.get(token, token)}"
    if token in ("Bearer", "Token"):
        signed = f"{token} {Server.token}"
    headers = {} if token == "none" else {"Authorization": signed}
    content = step.get("raw")
    if "body" in step:
        content = json.dumps(step["body"])
    return session.request(method, server.url + path, data=content, headers=headers, timeout=10)


def test_a_call_takes_as_many_points_as_the_database_takes_parameters(server: Server) -> None:
    with server.client() as fritz:
        fritz.create_source("many", 10.0, 10.0, [server.group])
    statuses = [_put_points(server, n_points, [3]).status_code for n_points in (8191, 8192)]
    assert statuses == [200, 400]
    assert [_put_points(server, n, [3, 4]).status_code for n in (5461, 5462)] == [200, 400]
    refused = _put_points(server, 8192, [3]).json()["message"]
    assert refused.startswith("Traceback")
    assert len(refused) > 1_000_000
    too_many = _put_points(server, 10_001, [3]).json()["message"]
    assert too_many.startswith("Maximum number of photometry rows to post exceeded: 10001 > 10000.")


def test_forty_calls_in_a_row_fare_as_they_did_on_fritz() -> None:
    """Seen: of 40 calls in 1.71 s 19 passed; 25 calls 0.244 s apart passed all."""
    moments = iter([1.71 * number / 39 for number in range(40)])
    bucket = LeakyBucket(5.0, 10, clock=lambda: next(moments))
    assert sum(bucket.takes("token") for _ in range(40)) == 19
    spaced = iter([0.244 * number for number in range(25)])
    bucket = LeakyBucket(5.0, 10, clock=lambda: next(spaced))
    assert all(bucket.takes("token") for _ in range(25))


def test_too_many_calls_are_refused_by_a_page_that_names_no_time(server: Server) -> None:
    server.limit(5.0, burst=0)
    with requests.Session() as session:
        session.headers["Authorization"] = f"token {server.token}"
        session.get(server.url + "/api/groups", timeout=5)
        answer = session.get(server.url + "/api/groups", timeout=5)
        other = {"Authorization": f"token {server.admin_token}"}
        of_another_token = session.get(server.url + "/api/groups", headers=other, timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (429, "text/html")
    assert "Retry-After" not in answer.headers
    assert of_another_token.status_code == 200


def test_while_the_application_is_down_only_get_is_answered_in_json(server: Server) -> None:
    server.fault("down", times=2)
    read = requests.get(server.url + "/api/sources", timeout=5)
    written = requests.post(server.url + "/api/sources", timeout=5)
    assert (read.status_code, read.json()["message"]) == (503, "System provisioning")
    assert written.status_code == 405
    assert written.text.startswith("<html><title>405: Method Not Allowed")


def _put_points(server: Server, n_points: int, group_ids: list[int]) -> requests.Response:
    body = {
        "obj_id": "many",
        "instrument_id": 1,
        "mjd": [float(number) for number in range(n_points)],
        **{"mag": 18.0, "magerr": 0.1, "limiting_mag": 20.0, "magsys": "ab", "filter": "ztfr"},
        "group_ids": group_ids,
    }
    headers = {"Authorization": f"token {server.token}"}
    return requests.put(server.url + "/api/photometry", json=body, headers=headers, timeout=30)
