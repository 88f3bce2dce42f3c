"""The page about a run as a browser shows it: nothing is fetched, it sorts, a card opens."""

import json
import re
import shutil
import subprocess
from dataclasses import asdict

import numpy as np
import pytest
from test_uploads_pages import NAMES

from scope.config.taxonomy import TaxonomyEntry
from scope.disagreements.candidates import Candidate
from scope.evaluation import curves
from scope.lightcurves.curves import LightCurve
from scope.reports.light_curves import DrawnCurve, packed
from scope.reports.run_classes import class_sections, class_tree
from scope.reports.run_page import render
from scope.reports.source_cards import Reason, source_cards

TAGS = {"ea": "EA", "ew": "EW", "ceph": "Cepheid"}
N_OBJECTS = 1000


def judged(tag, seed):
    rng = np.random.default_rng(seed)
    truth = rng.random(300) < 0.3
    tables = {}
    for name in ("dnn", "xgb"):
        score = np.clip(rng.normal(0.3 + 0.4 * truth, 0.15), 0, 1)
        losses = [
            {"seed": "1", "part": part, "pass": i, "loss": 1.0 / i}
            for i in range(1, 6)
            for part in ("training", "validation")
        ]
        reliability = curves.reliability(truth, score, 10, 0.9)
        drawn = {
            "precision_recall": curves.precision_recall(truth, score),
            "roc": curves.roc(truth, score),
            "confusion": curves.confusion(truth, score, 0.5),
            "histogram": curves.histogram(truth, score, 20),
            "reliability": [{"scores": "calibrated", **row} for row in reliability],
            "training": losses,
        }
        for key, rows in drawn.items():
            tables.setdefault(key, []).extend({"algorithm": name, **row} for row in rows)
    tables["importance"] = [{"algorithm": "xgb", "rank": 1, "feature": "period", "gain": 0.7}]
    figures = {
        f"{name}{end}": 0.5 + seed / 10
        for name in ("average_precision", "roc_auc", "f1", "brier")
        for end in ("", "_low", "_high")
    }
    metrics = {"positives": 90 + seed, "negatives": 210, "dnn": figures, "xgb": figures}
    return {"tag": tag, "label": tag, "metrics": metrics, "plots": tables}


def cards(n_objects):
    """Return the cards of as many sources, each of one light curve."""
    drawn = {}
    reasons = [Reason("period", 1.25, 0.5), Reason("skew", -0.5, None)]
    for number in range(n_objects):
        rng = np.random.default_rng(number)
        time = np.sort(rng.uniform(58000, 59000, 150))
        points = packed(LightCurve(time, 17 + np.sin(time), np.full(150, 0.02)))
        drawn[number] = DrawnCurve(str(number), "g", "AAAA" * 225 + "AA==", points)
    row = {"obj_id": None, "field": 296, "ccd": 1, "quad": 2, "filter": 1, "period": 0.5}
    row |= {"tag": "ew", "sure": "dnn", "dnn": 0.99, "xgb": 0.01, "dnn_std": 0.1, "skew": 0.25}
    candidates = [
        Candidate(f"ZTFJ{number:08d}", 1.0, 2.0, [{**row, "_id": number}]) for number in drawn
    ]
    fate = {"obj_id": "ZTFJ01", "page": "https://fritz.example/", "status": "created"}
    uploaded = {"ZTFJ00000777": {**fate, "message": "source created"}}
    explained = {(number, "ew"): reasons for number in drawn}
    made = source_cards(candidates, TAGS, uploaded, drawn, explained)
    return [asdict(one) for one in made]


CONTENT = {
    "data_set": "test",
    "files": {"data/x.parquet": "0123"},
    "params": [["training.learning_rate", "0.1", "0.001"]],
    "validation": {"rows": 9, "rules": 8, "critical": 0, "warnings": 1, "dropped": {}}
    | {"broken": [{"severity": "warning", "column": "skew", "rule": "is known", "count": 3}]},
    "classes": class_sections(
        [judged(tag, seed) for seed, tag in enumerate(TAGS)], TAGS, {"ew": {"dnn": 7, "xgb": 2}}
    ),
    "tree": class_tree(
        {"kind": {tag: TaxonomyEntry(name=name, parent=None) for tag, name in TAGS.items()}}
    ),
    "confidence": 0.9,
    "summary": {"light_curves": 10, "disagreements": 1, "known": 4, "removed": 0}
    | {"high": 0.95, "low": 0.1},
    "fritz": {"mode": "plan", "sources": 1},
    "plane": {"side": 300.0, "step": 15.0, "cells": [], "corners": [], "points": []},
    "plane_sources": [],
    "sky": {"width": 600, "height": 300, "lines": [], "labels": [], "bar": "", "points": []}
    | {"what": "nowhere"},
    "colours": {"all": [[0.5, 4.0], [1.0, 5.0]], "sources": []},
    "cards": [],
}
ACTIONS = """
<script>
const said = {};
document.querySelector("#class-table th:nth-child(5) button").click();
const rows = () => [...document.querySelectorAll("#class-table tbody tr")];
const order = () => rows().map(row => row.cells[0].textContent);
said.first = order();
document.querySelector("#class-table th:nth-child(5) button").click();
said.second = order();
place("find").value = "ZTFJ00000777";
place("find").dispatchEvent(new Event("input"));
said.found = document.querySelectorAll("#cards details").length;
const card = document.querySelector("#cards details");
card.open = true;
setTimeout(() => {
  said.circles = card.querySelectorAll("circle").length;
  said.bars = card.querySelectorAll("rect.bar").length;
  said.text = card.textContent;
  said.canvas = card.querySelectorAll("canvas").length;
  said.requests = performance.getEntriesByType("resource").map(one => one.name);
  said.overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  document.body.dataset.said = JSON.stringify(said);
}, 1500);
</script></body>"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Return what a page says of itself after the actions, and what the browser complained of."""
    binary = next((path for name in NAMES if (path := shutil.which(name))), None)
    if binary is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")
    folder = tmp_path_factory.mktemp("page")

    def visit(page, *options):
        (folder / "index.html").write_text(page.replace("</body>", ACTIONS), encoding="utf-8")
        command = [
            *(binary, "--headless", "--disable-gpu", "--no-sandbox", "--no-first-run"),
            *(f"--user-data-dir={folder / 'browser'}", "--virtual-time-budget=8000"),
            *("--enable-logging=stderr", *options, "--dump-dom"),
            (folder / "index.html").as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        said = re.search(r'data-said="([^"]*)"', done.stdout)[1].replace("&quot;", '"')
        complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        return json.loads(said), complaints, done.stdout

    return visit


@pytest.fixture(scope="module")
def page():
    return render({**CONTENT, "cards": cards(N_OBJECTS)})


@pytest.fixture(scope="module")
def visited(browser, page):
    return browser(page)


def test_nothing_is_fetched_and_nothing_goes_wrong(visited):
    said, complaints, _ = visited
    assert said["requests"] == []
    assert complaints == []


def test_the_classes_are_sorted_by_a_click_and_the_other_way_by_the_next(visited):
    said, _, _ = visited
    assert said["first"] == ["ceph", "ew", "ea"]
    assert said["second"] == ["ea", "ew", "ceph"]


def test_a_card_of_a_thousand_is_found_and_shows_curves_reasons_and_dmdt(visited):
    said, _, _ = visited
    assert said["found"] == 1
    assert said["circles"] == 150 + 2 * 150  # once over time, twice over phase
    assert (said["bars"], said["canvas"]) == (2, 1)


def test_a_card_says_of_its_source_what_the_page_of_the_disagreements_says(visited):
    said, _, _ = visited
    for text in (
        "EW: DNN",
        "0.98 apart",
        "0.990 \u00b1 0.100",
        "field 296, ccd 1, quad 2, filter g",
        "00:04:00.00 +02:00:00.0  (1.000000 +2.000000 deg), period 0.5 d",
        "skewness0.25",
        "On Fritz: ZTFJ01, created (source created)",
    ):
        assert text in said["text"]


def test_a_card_is_drawn_only_when_it_is_opened(browser, page):
    shown = browser(page.replace("card.open = true", ""))[2]
    assert shown.count('<details class="card"') <= 25


def test_a_thousand_sources_fit_the_page(page):
    assert len(page.encode()) < 25e6
    assert page == render({**CONTENT, "cards": cards(N_OBJECTS)})


def test_a_phone_scrolls_the_page_in_one_direction_only(browser, page):
    # A window is not narrower than 500 pixels; a frame is.
    narrow = page.replace("<body>", '<body style="width:390px;overflow-x:auto">')
    assert browser(narrow, "--window-size=500,900")[0]["overflow"] == 0


def test_a_page_without_sources_says_so():
    assert "no source that is not known already" in render(CONTENT)
