"""The plan of an upload: what it lists, and that it sends nothing."""

import re
import socket

import numpy as np
import pandas as pd
import pytest

from scope.config.fritz import FritzParams
from scope.disagreements.candidates import group_candidates
from scope.fritz.plan import annotation, operations, plan
from scope.reports.source_links import links

FRITZ = FritzParams(mode="plan", group_ids=[3], taxonomy_id=None)


def disagreements():
    """Return two light curves of one source, the first with two classes, and another source."""
    return pd.DataFrame(
        {
            "_id": [11, 11, 12, 13],
            "obj_id": ["a", "a", "a", None],
            "ra": [10.0, 10.0, 10.0001, 200.0],
            "dec": [-0.5, -0.5, -0.5, 45.0],
            "period": [0.25, 0.25, 0.25, np.nan],
            "field": 296,
            "ccd": 1,
            "quad": 2,
            "filter": [1, 1, 2, 1],
            "tag": ["ew", "vnv", "ew", "agn"],
            "dnn": [0.96, 0.98, 0.99, 0.0],
            "xgb": [0.1, 0.0, 0.0, 0.97],
            "sure": ["dnn", "dnn", "dnn", "xgb"],
        }
    )


@pytest.fixture
def candidates():
    return group_candidates(disagreements(), 2.0)


def test_light_curves_of_one_source_are_one_candidate_the_widest_apart_first(candidates):
    assert [[row["_id"] for row in one.rows] for one in candidates] == [[12, 11, 11], [13]]


def test_a_source_has_one_annotation_with_the_widest_scores_of_each_class(candidates):
    assert annotation(candidates[0]) == {
        "ew_dnn": 0.99,
        "ew_xgb": 0.0,
        "vnv_dnn": 0.98,
        "vnv_xgb": 0.0,
        "class": "ew, vnv",
        "period_days": 0.25,
        "light_curves": "11 12",
        "obj_id": "a",
    }


def test_the_annotation_has_the_spread_of_the_scores_and_the_values_of_gaia():
    table = disagreements().assign(dnn_std=0.02, Gaia_EDR3__parallax=1.25, Gaia_EDR3__pmra=np.inf)
    found = annotation(group_candidates(table, 2.0)[0])
    assert (found["ew_dnn_std"], found["Gaia_EDR3__parallax"]) == (0.02, 1.25)
    assert not {"ew_xgb_std", "Gaia_EDR3__pmra"} & set(found)


def test_an_upload_saves_each_source_once_and_annotates_it(candidates):
    planned = list(operations(candidates, [3], "sample", {"commit": "abc"}, curves=True))
    assert [one.kind for one in planned] == ["source", "photometry", "annotation"] * 2
    assert planned[0].payload["light_curves"] == [11, 12]
    assert planned[2].payload["data"] == annotation(candidates[0]) | {"commit": "abc"}


def test_planning_opens_no_socket(candidates, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    assert plan(candidates, FRITZ, "sample", 2.0)["sent"] == 0


def test_the_search_is_in_degrees(candidates):
    query = plan(candidates, FRITZ, "sample", 2.0)["requests"][0]["query"]
    assert query["radius"] == pytest.approx(2.0 / 3600.0, abs=1e-9)
    assert query["ra"] == pytest.approx(10.00005)


def test_only_a_new_source_is_given_a_position(candidates):
    requests = plan(candidates, FRITZ, "sample", 2.0)["requests"]
    saves = [one for one in requests if one["method"] == "POST" and one["path"] == "/api/sources"]
    assert [("ra" in one["body"], one["when"]) for one in saves[:2]] == [
        (True, "search found none"),
        (False, "search found one"),
    ]


def test_every_key_is_there_once_and_every_id_is_one_that_skyportal_takes(candidates):
    requests = plan(candidates, FRITZ, "sample", 2.0)["requests"]
    assert len({one["key"] for one in requests}) == len(requests) == 12
    new = [one["body"]["id"] for one in requests if one["key"].endswith("/create")]
    assert all(re.fullmatch(r"[a-zA-Z0-9_\-;:+.]+", one) for one in new)


def test_no_classification_is_planned(candidates):
    requests = plan(candidates, FRITZ, "sample", 2.0)["requests"]
    assert not [one for one in requests if "classification" in one["path"]]


def test_the_annotation_names_the_data_set(candidates):
    requests = plan(candidates, FRITZ, "sample", 2.0)["requests"]
    origins = {one["body"]["origin"] for one in requests if one["key"].endswith("/annotate")}
    assert origins == {"scope-sample"}


def test_without_groups_the_plan_is_not_ready_and_asks_for_them(candidates):
    nobody = FritzParams(mode="plan", group_ids=[], taxonomy_id=None)
    receipt = plan(candidates, nobody, "sample", 2.0)
    assert not receipt["ready"]
    assert "fritz.group_ids" in receipt["missing"][0]
    bodies = [one["body"] for one in receipt["requests"] if "body" in one]
    assert {str(body["group_ids"]) for body in bodies} == {"None"}


def test_no_disagreement_needs_no_request():
    none = group_candidates(disagreements().iloc[:0], 2.0)
    assert plan(none, FRITZ, "sample", 2.0)["requests"] == []


def test_links_go_to_the_place_of_the_source(candidates):
    for address in links(candidates[1]).values():
        assert re.search(r"200\.0000.*45\.0000", address)
