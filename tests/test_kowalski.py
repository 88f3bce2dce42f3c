"""Kowalski through penquins: what it gives, and what its failures become."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sandbox_server import running

from scope.cli.main import main
from scope.fritz.errors import KowalskiError
from scope.fritz.kowalski import IDS_AT_ONCE, KowalskiClient
from scope.fritz.uploads.curves import KowalskiCurves
from scope.fritz.uploads.operations import Place, put_photometry, save_source
from scope.fritz.uploads.session import Job, upload
from scope.lightcurves.curves import LightCurves
from scope.sandbox.documents import Catalogue, Documents
from scope.sandbox.users import KOWALSKI_TOKEN

IDS = [10487422011450, 10487422011451, 10487422011452]
SCORES = "ZTF_source_classifications_DR5"
FEATURES = "ZTF_source_features_DR5"
SOURCES = "ZTF_sources_20210401"


@pytest.fixture(scope="module")
def server():
    """A stand-in with three light curves, the last a degree away; one point of each is flagged."""
    where = pd.DataFrame(
        {"_id": IDS, "ra": [150.0, 150.0002, 151.0], "dec": 20.0, "filter": [1, 2, 1]}
    )
    time = np.tile(58000.0 + np.arange(4), 3)
    curves = LightCurves(
        np.array([0, 4, 8, 12]), time, 17.0 + np.arange(12) / 10.0, np.full(12, 0.02)
    )
    flags = np.array([0, 0, 0, 1] * 3, dtype=np.int16)
    scores = where.assign(
        ea_dnn=[0.99, 0.2, 0.0], ea_xgb=[0.05, 0.2, 0.97], vnv_dnn=0.5, vnv_xgb=0.5, period=0.7
    )
    features = pd.DataFrame({"_id": IDS, "skew": [0.1, np.nan, 0.3], "period": 0.7})
    documents = Documents(
        {
            SOURCES: Catalogue(where, curves, flags),
            SCORES: Catalogue(scores),
            FEATURES: Catalogue(features),
        }
    )
    with running(documents) as made:
        yield made


@pytest.fixture
def kowalski(server):
    with KowalskiClient(server.url, KOWALSKI_TOKEN, timeout=2.0, retries=0) as client:
        yield client


def test_points_that_are_not_public_are_left_out(kowalski, monkeypatch):
    points = [
        {"hjd": 2_458_000.5 + one, "mag": 17.0, "magerr": 0.02, "catflags": 0, "programid": one}
        for one in (1, 2, 3)
    ]
    document = {"_id": 1, "ra": 1.0, "dec": 2.0, "filter": 1, "data": points}
    monkeypatch.setattr(kowalski, "_query", lambda query: [document])
    (curve,) = kowalski.light_curves(SOURCES, [1])
    assert curve.points.time.tolist() == [58001.0]


def test_the_server_works_on_a_query_no_longer_than_it_is_waited_for(kowalski, monkeypatch):
    asked = []
    answer = {"gloria": {"status": "success", "data": []}}
    monkeypatch.setattr(
        kowalski._gloria, "query", lambda query, name: asked.append(query) or answer
    )
    kowalski.features(FEATURES, IDS, ["skew"])
    assert [one["kwargs"] for one in asked] == [{"max_time_ms": 2000}]


def test_the_latest_catalogue_of_a_kind_is_chosen(kowalski):
    assert kowalski.latest("ZTF_source_features") == FEATURES
    with pytest.raises(KowalskiError, match=r"no catalogue ZTF_alerts\.\.\. among"):
        kowalski.latest("ZTF_alerts")


def test_light_curves_of_which_one_algorithm_is_sure_and_one_denies(kowalski):
    found = kowalski.disagreeing(SCORES, ["ea", "vnv"], 0.95, 0.1)
    assert [one["_id"] for one in found] == [IDS[0], IDS[2]]
    assert (found[0]["ea_dnn"], found[0]["ea_xgb"]) == (0.99, 0.05)


def test_statistics_by_id_in_batches(kowalski, server):
    n_calls = len(server.calls("POST", "/api/queries"))
    many = [*range(IDS_AT_ONCE), *np.array(IDS)]
    found = kowalski.features(FEATURES, many, ["skew"])
    assert [(one["_id"], "period" in one) for one in found] == [(one, False) for one in IDS]
    assert len(server.calls("POST", "/api/queries")) - n_calls == 2


def test_light_curves_without_their_flagged_points_in_mjd(kowalski):
    one = kowalski.light_curves(SOURCES, IDS[:1])[0]
    assert (one.light_curve, one.filter) == (IDS[0], 1)
    np.testing.assert_allclose(one.points.time, 58000.0 + np.arange(3), atol=1e-6)


def test_light_curves_near_several_places_at_once(kowalski):
    places = {"a.b": (150.0001, 20.0), "c": (10.0, 10.0)}
    found = kowalski.light_curves_near(SOURCES, places, 2.0)
    assert {name: [one.light_curve for one in some] for name, some in found.items()} == {
        **{"a.b": IDS[:2]},
        **{"c": []},
    }


def test_a_query_that_the_server_refuses_is_an_error_with_its_words(kowalski):
    with pytest.raises(KowalskiError, match="unknown operator"):
        kowalski._find(SCORES, {"ra": {"$near": 1}}, None)


def test_an_unknown_catalogue_is_an_error(kowalski):
    with pytest.raises(KowalskiError, match="not available"):
        kowalski.features("nowhere", IDS, ["skew"])


def test_a_wrong_token_is_said_and_not_shown(server):
    with pytest.raises(KowalskiError, match="renew KOWALSKI_TOKEN") as failure:
        KowalskiClient(server.url, "not-the-token", retries=0)
    assert "not-the-token" not in str(failure.value)


def test_a_host_that_does_not_answer_names_the_files_that_help():
    with pytest.raises(KowalskiError, match=r"127\.0\.0\.1:9 cannot be reached.*--scores"):
        KowalskiClient("http://127.0.0.1:9", "a-token", retries=0)


@pytest.mark.parametrize("fault", ["drop_before", "error_before", "truncate"])
def test_a_failing_server_is_an_error_of_ours(server, kowalski, fault):
    server.fault(fault, "POST", "/api/queries", times=1)
    with pytest.raises(KowalskiError):
        kowalski.features(FEATURES, IDS, ["skew"])
    server.sandbox.faults.clear()
    assert len(kowalski.features(FEATURES, IDS, ["skew"])) == 3


def test_disagreements_go_from_kowalski_to_fritz(server, root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    for name, value in {
        **{"FRITZ_URL": server.url, "FRITZ_TOKEN": server.token, "FRITZ_RATE": "1000"},
        **{"KOWALSKI_URL": server.url, "KOWALSKI_TOKEN": KOWALSKI_TOKEN},
    }.items():
        monkeypatch.setenv(name, value)
    known = pd.DataFrame({"_id": [1], "ra": [151.0001], "dec": [20.0]})
    known.to_csv(tmp_path / "known.csv", index=False)
    out = tmp_path / "sent.csv"
    done = CliRunner().invoke(
        main,
        [
            *("upload-disagreements", "--dataset", str(tmp_path / "known.csv")),
            *("--group-ids", "3", "--out", str(out), "--ledger", str(tmp_path / "ledger")),
        ],
    )
    assert done.exit_code == 0, done.output
    table = pd.read_csv(out, comment="#")
    assert table[["_id", "tag", "status"]].to_numpy().tolist() == [[IDS[0], "ea", "created"]]
    # Both light curves of the source, three good points each, though one alone disagrees.
    assert server.count("photometry", obj_id=table["obj_id"][0]) == 6
    assert server.rows("annotations")[0]["origin"] == f"scope-{SCORES}"


def test_a_fritz_with_an_archive_takes_the_light_curves_from_there(server, tmp_path):
    documents = server.sandbox.documents
    place = Place("ZTFJ100000.00+200000.0", 150.0001, 20.0)
    with (
        running(documents, with_archive=True) as fritz,
        fritz.client() as client,
        KowalskiClient(server.url, KOWALSKI_TOKEN) as kowalski,
    ):
        plan = [save_source(place, [3]), put_photometry(place, [3])]
        job = Job(tmp_path / "ledger", 2.0)
        assert upload(client, plan, job, KowalskiCurves(kowalski, 2.0)).outcome.is_complete
        assert len(fritz.calls("POST", "/api/archive")) == 1
        assert fritz.calls("PUT", "/api/photometry") == []
        assert fritz.count("photometry", obj_id=place.name) == 6
