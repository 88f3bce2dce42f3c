"""The sandbox: its faults, its page, its data and its command."""

import re

import numpy as np
import pandas as pd
import pytest
import requests

pytest.importorskip("fastapi", reason="the sandbox is an extra")
from click.testing import CliRunner
from sandbox_server import running

from scope.base.errors import ConfigError
from scope.cli.main import main
from scope.fritz import Classification, FritzClient
from scope.sandbox.app import Sandbox, SandboxSettings
from scope.sandbox.faults import KINDS, Fault, Faults, kinds_of
from scope.sandbox.plot import light_curve, phased
from scope.sandbox.run import inject
from scope.sandbox.sample import LIGHT_CURVES, Files, fill, read_documents
from scope.sandbox.store import Store
from scope.sandbox.users import KOWALSKI_TOKEN

STAR = "ZTFJ123456.78+123456.7"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def sample(tmp_path):
    """A folder with the light curves of two stars, the first in two filters."""
    folder = tmp_path / "training"
    folder.mkdir()
    pd.DataFrame(
        {
            "id": [7, 8, 9],
            "obj_id": ["one", "one", "two"],
            "ra": [10.0, 10.0, 20.0],
            "dec": [5.0, 5.0, -5.0],
            "filter": [1, 2, 1],
            "RR Lyrae": [1.0, 1.0, 0.0],
        }
    ).to_parquet(folder / "objects.parquet")
    pd.DataFrame(
        {
            "id": [9, 7, 7, 8, 9],
            "mjd": [3.0, 2.0, 1.0, 1.0, 4.0],
            "mag": np.array([16.0, 17.5, 17.0, 18.0, 16.5], dtype=np.float32),
            "magerr": np.full(5, 0.02, dtype=np.float32),
            "filter": [1, 1, 1, 2, 1],
            "catflags": np.array([0, 0, 0, 0, 64], dtype=np.int16),
        }
    ).to_parquet(folder / "lightcurves.parquet")
    return Files(tmp_path, tmp_path / "none", tmp_path / "none")


def test_a_fault_strikes_the_calls_it_is_meant_for():
    faults = Faults()
    faults.add(Fault("truncate", "POST", "^/api/class", times=2, every=2))
    calls = [("GET", "/api/classification"), ("POST", "/api/sources")]
    assert not any(faults.next(*call) for call in calls)
    struck = [faults.next("POST", "/api/classification") is not None for _ in range(6)]
    assert struck == [False, True, False, True, False, False]


def test_each_tenth_call_goes_wrong_one_way_after_the_other():
    faults = Faults()
    faults.cycle(*kinds_of("drop_after,rate_limit:10"))
    struck = [faults.next("GET", "/") for _ in range(40)]
    kinds = [(number, one.kind) for number, one in enumerate(struck, start=1) if one]
    assert kinds == [(10, "rate_limit"), (20, "drop_after"), (30, "rate_limit"), (40, "drop_after")]


def test_all_faults_can_be_asked_for_and_nonsense_is_refused():
    every, faults = kinds_of("all:7")
    assert (every, [one.kind for one in faults]) == (7, list(KINDS))
    for text in ("all", "all:0", "nonsense:3", ""):
        with pytest.raises(ConfigError, match="KIND,KIND:EVERY"):
            inject(Sandbox(SandboxSettings()), text)


@pytest.mark.parametrize(
    ("kind", "is_done"), [("drop_before", False), ("drop_after", True), ("truncate", True)]
)
def test_what_goes_wrong_after_the_write_has_written(server, kind, is_done):
    server.fault(kind, "POST")
    headers = {"Authorization": f"token {server.token}"}
    body = {"id": "x", "ra": 1.0, "dec": 1.0, "group_ids": [3]}
    address = server.url + "/api/sources"
    if kind == "truncate":
        answer = requests.post(address, json=body, headers=headers, timeout=5)
        assert answer.status_code == 200
        with pytest.raises(requests.JSONDecodeError):
            answer.json()
    else:
        with pytest.raises(requests.ConnectionError):
            requests.post(address, json=body, headers=headers, timeout=5)
    assert server.count("sources") == is_done


def test_faults_and_counts_can_be_had_from_another_process(server):
    switches = server.url + "/sandbox"
    requests.post(f"{switches}/faults", json={"kind": "rate_limit", "times": 3}, timeout=5)
    requests.post(f"{switches}/faults/cycle", json={"every": 2, "kinds": ["slow"]}, timeout=5)
    with server.client() as fritz:
        fritz.create_source(STAR, 188.7, 12.5, [3])
    counts = requests.get(f"{switches}/counts", timeout=5).json()
    assert counts["rows"]["sources"] == counts["rows"]["saves"] == 1
    assert (counts["requests"], counts["faults"]) == (4, {"rate_limit": 3})
    (row,) = requests.get(f"{switches}/rows/sources", timeout=5).json()
    assert row["id"] == STAR
    made = requests.get(f"{switches}/requests", timeout=5).json()
    assert [one["fault"] for one in made] == ["rate_limit"] * 3 + [""]
    requests.post(f"{switches}/tokens", json={"token": server.token}, timeout=5)
    headers = {"Authorization": f"token {server.token}"}
    assert requests.get(server.url + "/api/groups", headers=headers, timeout=5).status_code == 401
    requests.post(f"{switches}/reset", timeout=5)
    assert server.count("sources") == 0
    assert requests.get(server.url + "/api/groups", headers=headers, timeout=5).status_code == 200


def test_the_page_shows_what_was_received(server):
    with server.client() as fritz:
        fritz.create_source(STAR, 188.7, 12.5, [3], origin="<b>SCoPe</b>")
        points = {"obj_id": STAR, "mjd": [1.0, 2.0, 3.5], "mag": [17.0, 17.5, 17.2]}
        filters = {"filter": ["ztfg", "ztfr", "ztfr"]}
        fritz.put_photometry({**points, **filters, "magerr": 0.1}, 1, [3])
        fritz.annotate(STAR, "scope-d15", {"period_days": 0.53, "vnv_dnn": 0.97}, [3])
        fritz.classify([Classification(STAR, "RRab", 1, 0.93, group_ids=(3,))])
        page = fritz.page(STAR)
    listed = requests.get(server.url, headers=BROWSER, timeout=5).text
    assert STAR in listed
    assert "RRab (0.93)" in listed
    shown = requests.get(page, headers=BROWSER, timeout=5).text
    assert re.search(r'id="groups">scope-a<', shown)
    for cell in ("<td>RRab</td>", "<td>scope-d15</td>", "<td>vnv_dnn</td>", "<td>0.97</td>"):
        assert cell in shown
    assert "Folded with 0.53 d" in shown
    assert len(re.findall(r'<circle [^>]*r="2"', shown)) == 6  # three points in each plot
    assert "<b>SCoPe" not in shown
    assert "http" not in re.sub(r"<style>.*?</style>", "", shown, flags=re.DOTALL)


def test_a_source_that_there_is_not_has_a_page_that_says_so(server):
    answer = requests.get(server.url + "/source/%3Cb%3E", headers=BROWSER, timeout=5)
    assert answer.status_code == 404
    assert "There is no source &lt;b&gt;" in answer.text


def test_bright_is_up_and_phases_fold():
    flux = {17.0: 10.0 ** (-0.4 * (17.0 - 23.9)), 18.0: 10.0 ** (-0.4 * (18.0 - 23.9))}
    points = [
        {"mjd": 10.0, "flux": flux[17.0], "filter": "ztfg"},
        {"mjd": 14.0, "flux": flux[18.0], "filter": "ztfr"},
    ]
    (x_bright, y_bright, _), (x_faint, y_faint, _) = light_curve(points).points
    assert y_bright < y_faint
    assert x_bright < x_faint
    assert light_curve(points).x_ticks[0][1] == "10"
    (x_one, *_), (x_other, *_) = phased(points, 4.0).points
    assert x_one == x_other  # a whole period apart


def test_the_sample_becomes_catalogues_of_kowalski(sample):
    catalogue = read_documents(sample).named(LIGHT_CURVES)
    (row,) = catalogue.select({"_id": 7})
    (document,) = catalogue.documents(np.array([row]), None)
    assert [(one["hjd"], one["mag"]) for one in document["data"]] == [
        (2400001.5, 17.0),
        (2400002.5, 17.5),
    ]
    flagged = next(catalogue.documents(catalogue.select({"ra": {"$gt": 15}}), None))
    assert [one["catflags"] for one in flagged["data"]] == [0, 64]
    assert catalogue.near(10.0, 5.0, 0.001).tolist() == [0, 1]


def test_the_sample_becomes_sources_with_points_and_classes(sample):
    with running() as server:
        assert fill(server.sandbox.store, sample, 5, {"RR Lyrae": "RR Lyrae"}) == 2
        with server.client() as fritz:
            (one,) = fritz.cone_search(10.0, 5.0, 2.0)
            points = fritz.photometry("one")
            other = fritz.photometry("two")
    assert [(each.name, each.probability, each.ml) for each in one.classifications] == [
        ("RR Lyrae", 1.0, False)
    ]
    assert sorted((each["mjd"], each["filter"]) for each in points) == [
        *((1.0, "ztfg"), (1.0, "ztfr"), (2.0, "ztfg"))
    ]
    assert [each["mag"] for each in other] == pytest.approx([16.0])  # the flagged one is left out


def test_the_archive_of_old_makes_a_source_of_light_curves(sample):
    with running(read_documents(sample), with_archive=True) as server, server.client() as fritz:
        assert fritz.archive_catalogues() == [LIGHT_CURVES]
        name = fritz.archive_source([7, 8], LIGHT_CURVES, [3])
        assert name == "ZTFJ004000.00+050000.0"
        assert len(fritz.photometry(name)) == 3
        assert fritz.archive_source([7, 8], LIGHT_CURVES, [3], name) == name
        assert server.count("photometry") == 3
        (found,) = fritz.cone_search(10.0, 5.0, 2.0)
        assert found.obj_id == name


def test_what_a_sandbox_keeps_in_a_file_outlives_it(tmp_path):
    path = tmp_path / "sandbox.db"
    with running(database=path) as server, server.client() as fritz:
        fritz.create_source(STAR, 188.7, 12.5, [3])
    with running(database=path) as server, server.client() as fritz:
        assert fritz.exists(STAR)
        assert [one["name"] for one in fritz.taxonomies()] == ["Sitewide Taxonomy"]


def test_a_transaction_that_fails_leaves_nothing():
    store = Store()
    with pytest.raises(ValueError, match="stop"), store.transaction():
        store.run("INSERT INTO comments VALUES (1, 'x', 'text', 1, '[3]', 'now')")
        raise ValueError("stop")
    assert store.rows("SELECT * FROM comments") == []


def test_the_command_says_what_to_type(monkeypatch, sample):
    monkeypatch.setattr("scope.sandbox.run.serve_there", lambda sandbox, port: None)
    options = ["--data", str(sample.sample), "--port", "0", "--faults", "all:10"]
    result = CliRunner().invoke(main, ["sandbox", *options])
    assert result.exit_code == 0, result.output
    token = re.search(r"FRITZ_TOKEN=(\S+)", result.output)[1]
    assert f"KOWALSKI_TOKEN={KOWALSKI_TOKEN}" in result.output
    with running() as server, FritzClient(server.url, token) as fritz:
        assert fritz.group_names()[3] == "scope-a"
    wrong = CliRunner().invoke(main, ["sandbox", "--data", str(sample.sample), "--faults", "x"])
    assert wrong.exit_code == 1
