"""What is in the page about a run: light curves, reasons, changed parameters, the stamp."""

import base64
import json
import re
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
import yaml

from scope.config.taxonomy import TaxonomyEntry
from scope.disagreements.candidates import Candidate
from scope.lightcurves.curves import LightCurve, LightCurves
from scope.lightcurves.long_form import Photometry
from scope.models.trees import boosting
from scope.models.trees.explain import contributions
from scope.reports import light_curves
from scope.reports.light_curves import MAX_POINTS, Catalogue, drawn_curves, packed
from scope.reports.run_classes import class_tree
from scope.reports.run_colour_magnitude import BP, ERROR, PARALLAX, RP, G, colour_magnitude
from scope.reports.run_page import STAMP, write_stamped
from scope.reports.run_params import changed_params


def unpacked(shown):
    raw, n = base64.b64decode(shown.packed), shown.shown
    time = shown.epoch + np.frombuffer(raw, "<i4", n) * 1e-5
    mag = shown.zero + np.frombuffer(raw, "<i2", n, 4 * n) * 1e-3
    return time, mag, np.frombuffer(raw, "<i2", n, 6 * n) * 1e-3


def test_a_packed_light_curve_comes_back_to_a_second_and_a_millimagnitude():
    rng = np.random.default_rng(1)
    time, mag = 58000 + rng.uniform(0, 2500, 300), rng.normal(18, 1, 300)
    shown = packed(LightCurve(time, mag, np.full(300, 0.0231)))
    order = np.argsort(time)
    for found, given, step in zip(
        unpacked(shown),
        (time[order], mag[order], np.full(300, 0.0231)),
        (1e-5, 1e-3, 1e-3),
        strict=True,
    ):
        np.testing.assert_allclose(found, given, atol=0.51 * step)


def test_of_a_long_light_curve_points_over_all_its_time_are_kept():
    time = np.arange(5000.0)
    shown = packed(LightCurve(time, np.sin(time), np.full(5000, 0.01)))
    found, _, _ = unpacked(shown)
    assert (shown.shown, shown.all) == (MAX_POINTS, 5000)
    assert (found[0], found[-1]) == (0.0, 4999.0)


def test_a_source_has_all_of_its_light_curves_or_none_where_the_page_is_full(monkeypatch):
    ids = np.array([1, 2, 3])
    table = pd.DataFrame({"_id": ids, "dmdt": [np.ones(676, np.float32)] * 3})
    times = np.arange(30.0)
    curves = LightCurves(np.array([0, 10, 20, 30]), times, times, times)
    catalogue = Catalogue(table, Photometry(curves, None, ids[:0]), {1: 0, 2: 1, 3: 2})
    sources = [
        Candidate(name, 0.0, 0.0, [{"_id": one, "filter": 1} for one in own])
        for name, own in {"both": [1, 2], "third": [3]}.items()
    ]
    one_curve = len(drawn_curves(sources, catalogue)[1].points.packed)
    monkeypatch.setattr(light_curves, "MAX_BYTES", one_curve)
    assert list(drawn_curves(sources, catalogue)) == [3]


def test_the_contributions_add_up_to_the_log_odds_of_the_score():
    import xgboost

    rng = np.random.default_rng(2)
    x = rng.normal(size=(200, 3)).astype(np.float32)
    train = xgboost.DMatrix(x, label=x[:, 0] + x[:, 1] > 0, feature_names=["a", "b", "c"])
    settings = {"objective": "binary:logistic", "nthread": 1}
    models = [xgboost.train({**settings, "max_depth": d}, train, 5) for d in (2, 3)]
    names, shares = contributions(models, x, np.zeros((200, 26, 26), np.float32))
    odds = [
        np.log(p / (1 - p))
        for p in (boosting.predict(one, x, x, 1).astype(np.float64) for one in models)
    ]
    assert names == ["a", "b", "c", "bias"]
    np.testing.assert_allclose(shares.sum(axis=1), np.mean(odds, axis=0), atol=1e-4)
    assert np.abs(shares[:, 2]).mean() < np.abs(shares[:, 0]).mean() / 5


def test_the_sun_at_ten_parsec_has_its_absolute_magnitude():
    sun = {G: [4.67, 4.67, 4.67], BP: [5.0, 5.0, 5.0], RP: [4.18, 4.18, 4.18]}
    frame = pd.DataFrame({**sun, PARALLAX: [100.0, 0.2, -1.0], ERROR: [0.1, 0.1, 0.1]})
    found = colour_magnitude(frame)
    np.testing.assert_allclose(found[0], [0.82, 4.67])
    assert np.isnan(found[1:, 1]).all()  # too faint a parallax, and one that is no distance


def test_the_changed_parameters_are_those_that_were_set_otherwise(root):
    params = yaml.safe_load((root / "params.yaml").read_text())
    assert changed_params(params, root) == []
    params["training"]["learning_rate"] = 0.01
    params["class"], params["classes"] = "vnv", ["vnv"]
    assert changed_params(params, root) == [
        ("class", "vnv", "all"),
        ("training.learning_rate", "0.01", "0.001"),
    ]


def test_the_tree_lists_each_class_below_its_parent():
    entry = {
        "b": TaxonomyEntry(name="B", parent="a"),
        "a": TaxonomyEntry(name="A", parent=None),
        "c": TaxonomyEntry(name="C", parent="b"),
    }
    shown = [(one["tag"], one["depth"]) for one in class_tree({"kind": entry})]
    assert shown == [("a", 0), ("b", 1), ("c", 2)]


def test_commit_and_time_stand_in_the_copy_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.html").write_text(f"<p>{STAMP}</p>")
    write_stamped(tmp_path / "page.html", tmp_path / "index.html", datetime(2024, 5, 6, tzinfo=UTC))
    assert "2024-05-06 00:00 UTC" in (tmp_path / "index.html").read_text()
    assert (tmp_path / "page.html").read_text() == f"<p>{STAMP}</p>"


@pytest.mark.parametrize("text", ["</script><b>x", "<!-- <script>"])
def test_words_of_the_data_cannot_end_the_script(text):
    from test_run_page import CONTENT

    from scope.reports.run_page import render

    page = render({**CONTENT, "data_set": text})
    inside = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert json.loads(inside[1])["data_set"] == text
    assert text not in page
