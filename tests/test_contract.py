"""The data contract: what is refused, what is only reported, and how it is said."""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from scope.base.params import read_section
from scope.base.stage import run
from scope.config.compose import compose
from scope.config.scale import FeatureStats
from scope.config.taxonomy import Taxonomy, TaxonomyEntry
from scope.config.training import ClassParams
from scope.config.validation import ValidationParams
from scope.data.contract import Contract, rules_of
from scope.data.contract_check import Report, check
from scope.data.contract_docs import explain, results_of, write_report
from scope.tables.histograms import with_dmdt
from scope.tables.parquet import write_table
from stages.validate import main

N_ROWS = 60


def a_class(label: str, threshold: float = 0.7, negative: str | None = None) -> ClassParams:
    return ClassParams(
        label=label,
        features="all",
        threshold=threshold,
        balance=None,
        weight_per_class=False,
        negative=negative,
    )


@pytest.fixture
def contract(root: Path) -> Contract:
    sections = {
        "phenomenological": {
            "vnv": TaxonomyEntry(name="variable", parent=None),
            "ea": TaxonomyEntry(name="EA", parent="vnv"),
        }
    }
    return Contract(
        params=replace(
            read_section("validation", ValidationParams, root / "params.yaml"), min_count=10
        ),
        features=["period", "stetson_k", "skew"],
        classes={"vnv": a_class("variable", 0.9, "non-variable"), "ea": a_class("EA")},
        labels=["variable", "EA", "non-variable"],
        taxonomy=Taxonomy(sections),
    )


@pytest.fixture
def table() -> pd.DataFrame:
    """A table that keeps to every rule."""
    rng = np.random.default_rng(0)
    histograms = rng.random((N_ROWS, 26, 26), dtype=np.float32)
    histograms /= np.linalg.norm(histograms, axis=(1, 2))[:, None, None]
    histograms[3] = 0.0
    variable = np.arange(N_ROWS) % 2 == 0
    frame = pd.DataFrame(
        {
            "_id": np.arange(N_ROWS) + 10_000,
            "obj_id": None,
            "ra": rng.uniform(0, 360, N_ROWS),
            "dec": rng.uniform(-90, 90, N_ROWS),
            "period": rng.uniform(0.1, 100, N_ROWS),
            "stetson_k": rng.uniform(0.5, 1, N_ROWS),
            "skew": rng.normal(size=N_ROWS),
            "variable": np.where(variable, 1.0, 0.0),
            "EA": np.where(np.arange(N_ROWS) % 4 == 0, 0.75, 0.25),
            "non-variable": np.where(variable, 0.0, 1.0),
        }
    )
    return with_dmdt(frame, histograms)


def broken(report: Report, severity: str) -> list[tuple[str, str]]:
    return [(one.rule.column, one.rule.text) for one in report.broken(severity)]


def only(report: Report, severity: str = "critical") -> Any:
    (finding,) = report.broken(severity)
    return finding


def test_a_table_that_keeps_to_the_contract_breaks_nothing(table, contract) -> None:
    report = check(table, contract)
    assert broken(report, "critical") + broken(report, "warning") == []
    assert len(report.findings) > 20


def test_a_label_between_the_steps_is_refused_with_its_row(table, contract) -> None:
    table.loc[7, "EA"] = 0.6
    finding = only(check(table, contract))
    assert (finding.rule.column, finding.count) == ("EA", 1)
    assert finding.examples == [{"_id": 10_007, "value": 0.6}]
    assert "one of 0, 0.25, 0.5, 0.75, 1" in explain(finding)


def test_a_label_may_be_missing(table, contract) -> None:
    table.loc[7, "EA"] = np.nan
    assert check(table, contract).broken("critical") == []


def test_a_repeated_id_is_refused(table, contract) -> None:
    table.loc[5, "_id"] = 10_004
    finding = only(check(table, contract))
    assert (finding.rule.column, finding.rule.text, finding.count) == ("_id", "is unique", 2)
    assert [one["_id"] for one in finding.examples] == [10_004, 10_004]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("ra", 400.0),
        ("ra", -0.1),
        ("dec", -90.5),
        ("period", 0.0),
        ("period", -2.0),
        ("period", np.inf),
        ("stetson_k", 1.5),
    ],
)
def test_a_value_out_of_its_range_is_refused(table, contract, column, value) -> None:
    table.loc[9, column] = value
    finding = only(check(table, contract))
    assert (finding.rule.column, finding.count) == (column, 1)
    assert finding.examples[0]["_id"] == 10_009


@pytest.mark.parametrize("column", ["ra", "dec"])
def test_a_missing_position_is_refused(table, contract, column) -> None:
    table.loc[[2, 4], column] = np.nan
    finding = only(check(table, contract))
    assert (finding.rule.text, finding.count) == ("is never null", 2)
    assert finding.examples == [{"_id": 10_002, "value": None}, {"_id": 10_004, "value": None}]


@pytest.mark.parametrize("column", ["_id", "ra", "skew", "dmdt", "EA", "non-variable"])
def test_a_required_column_that_is_absent_is_named(table, contract, column) -> None:
    report = check(table.drop(columns=column), contract)
    assert [name for name, text in broken(report, "critical") if "is there" in text] == [column]
    assert len(report.broken("critical")) == 1


def test_a_column_of_words_is_refused(table, contract) -> None:
    table["skew"] = "much"
    finding = only(check(table, contract))
    assert (finding.rule.column, finding.rule.text) == ("skew", "is of numbers")


def test_ids_that_are_not_whole_numbers_are_refused(table, contract) -> None:
    table["_id"] = table["_id"] + 0.5
    assert broken(check(table, contract), "critical") == [("_id", "is of whole numbers (int64)")]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_feature_without_any_finite_value_is_refused(table, contract, value) -> None:
    table["skew"] = value
    finding = only(check(table, contract))
    assert (finding.rule.column, finding.rule.text) == ("skew", "has at least one finite value")


def test_a_feature_that_is_mostly_missing_is_only_reported(table, contract) -> None:
    table.loc[: N_ROWS - 3, "skew"] = [np.nan, np.inf] * (N_ROWS // 2 - 1)
    report = check(table, contract)
    assert report.broken("critical") == []
    assert only(report, "warning").rule.text == "is missing in at most 90% of rows"


def test_a_histogram_of_another_norm_is_refused(table, contract) -> None:
    histograms = np.full((N_ROWS, 26, 26), 1 / 26, dtype=np.float32)
    histograms[11] *= 2
    finding = only(check(with_dmdt(table, histograms), contract))
    assert finding.rule.column == "dmdt norm"
    assert finding.examples == [{"_id": 10_011, "value": 2.0}]


def test_a_histogram_with_a_hole_is_refused(table, contract) -> None:
    histograms = np.full((N_ROWS, 26, 26), 1 / 26, dtype=np.float32)
    histograms[12, 0, 0] = np.nan
    finding = only(check(with_dmdt(table, histograms), contract))
    assert finding.rule.column == "dmdt finite"
    assert finding.examples[0]["_id"] == 10_012


def test_a_histogram_of_another_length_is_refused(table, contract) -> None:
    lists = [np.zeros(676, dtype=np.float32) for _ in range(N_ROWS)]
    lists[13] = np.zeros(675, dtype=np.float32)
    table["dmdt"] = pd.Series(lists, dtype=object)
    finding = only(check(table, contract))
    assert finding.rule.column == "dmdt length"
    assert finding.examples == [{"_id": 10_013, "value": 675.0}]


def test_a_missing_histogram_is_refused(table, contract) -> None:
    lists: list[Any] = [np.zeros(676, dtype=np.float32) for _ in range(N_ROWS)]
    lists[14] = None
    table["dmdt"] = pd.Series(lists, dtype=object)
    finding = only(check(table, contract))
    assert (finding.rule.column, finding.rule.text) == ("dmdt length", "is never null")
    assert finding.examples[0]["_id"] == 10_014


def test_a_class_without_positives_is_refused(table, contract) -> None:
    table["EA"] = 0.25
    finding = only(check(table, contract))
    assert (finding.rule.column, finding.observed) == ("positives of ea", 0)
    assert "at least 10 light curves ('EA' above 0.7), but found 0" in explain(finding)


def test_a_class_without_negatives_is_refused(table, contract) -> None:
    table["EA"] = 1.0
    report = check(table.assign(variable=1.0), contract)
    assert broken(report, "critical")[0][0] == "negatives of ea"


def test_negatives_are_counted_in_the_label_that_makes_them(table, contract) -> None:
    table["non-variable"] = [1.0] * 9 + [0.75] * (N_ROWS - 9)
    finding = only(check(table, contract))
    assert (finding.rule.column, finding.observed) == ("negatives of vnv", 9)


def test_unlabelled_rows_are_neither_positives_nor_negatives(table, contract) -> None:
    table["EA"] = [1.0] * 10 + [0.0] * 10 + [np.nan] * (N_ROWS - 20)
    assert check(table.assign(variable=1.0), contract).broken("critical") == []
    table.loc[[0, 10], "EA"] = np.nan
    report = check(table, contract)
    counts = {one.rule.column: one.observed for one in report.broken("critical")}
    assert counts == {"positives of ea": 9, "negatives of ea": 9}


def test_a_label_surer_than_what_it_implies_is_reported(table, contract) -> None:
    table.loc[8, "variable"] = 0.5
    table.loc[1, ["EA", "variable"]] = [0.5, 0.25]
    report = check(table, contract)
    assert report.broken("critical") == []
    finding = only(report, "warning")
    assert (finding.rule.column, finding.count) == ("EA", 1)
    assert finding.examples == [{"_id": 10_008, "value": 0.75}]


def test_example_rows_are_as_many_as_asked_for(table, contract) -> None:
    table.loc[10:39, "ra"] = 400.0 + np.arange(30)
    finding = only(check(table, contract))
    assert finding.count == 30
    assert [one["_id"] for one in finding.examples] == list(range(10_010, 10_015))


def test_the_first_pattern_that_fits_bounds_a_feature(contract) -> None:
    bounds = {"AllWISE__*sigmpro": [0.0, 10.0], "AllWISE__*mpro": [-10.0, 35.0]}
    wise = replace(
        contract,
        features=["AllWISE__w1sigmpro", "AllWISE__w1mpro"],
        params=replace(contract.params, bounds=bounds),
    )
    rules = rules_of(wise, dict.fromkeys(wise.features, "float64"))
    texts = [rule.text for rule in rules if rule.expectation == "ExpectColumnValuesToBeBetween"]
    assert texts == ["is at least 0 and at most 10", "is at least -10 and at most 35"]


def test_the_bounds_hold_the_whole_training_set_of_the_reference(root, contract, tmp_path) -> None:
    compose(["feature_stats=d15"], tmp_path / "params.yaml", root)
    stats = read_section("feature_stats", dict[str, FeatureStats], tmp_path / "params.yaml")
    frame = pd.DataFrame({name: [one.min, one.max] for name, one in stats.items()}).astype(float)
    known = replace(contract, features=list(stats), classes={}, labels=[])
    report = check(frame.assign(_id=[1, 2]), known)
    assert broken(report, "critical") == [("dmdt", "is there")]


def test_two_runs_write_the_same_bytes(table, contract, tmp_path) -> None:
    table.loc[9, "ra"] = 400.0
    for name in ("one", "two"):
        write_report(check(table, contract), {"fewer than 50 points": 3}, tmp_path / name)
    for name in ("results.json", "index.html"):
        one, two = ((tmp_path / run / name).read_bytes() for run in ("one", "two"))
        assert one == two


def test_the_page_asks_nothing_of_other_servers(table, contract, tmp_path) -> None:
    write_report(check(table, contract), {}, tmp_path / "docs")
    page = (tmp_path / "docs" / "index.html").read_text()
    assert not re.search(r"(src|href)=[\"']?(https?:)?//|url\(|@import|<script|<link", page)


def test_every_link_of_the_page_leads_to_a_place_on_it(table, contract, tmp_path) -> None:
    write_report(check(table, contract), {}, tmp_path / "docs")
    page = (tmp_path / "docs" / "index.html").read_text()
    links = re.findall(r"href=\"([^\"]*)\"", page)
    assert len(links) > 10
    assert {link[1:] for link in links} <= set(re.findall(r"id=\"?([^\" >]*)", page))


def test_the_page_tells_what_is_broken_before_all_else(table, contract, tmp_path) -> None:
    table.loc[9, "ra"] = 400.0
    write_report(check(table, contract), {"a <bad> one": 3}, tmp_path / "docs")
    page = (tmp_path / "docs" / "index.html").read_text()
    assert page.index("_id 10009 has 400.0") < page.index("Table of Contents")
    assert "3 (a &lt;bad&gt; one)" in page
    assert "stetson_k" in page


def test_results_hold_every_rule_and_how_it_fared(table, contract, tmp_path) -> None:
    table.loc[9, "ra"] = np.inf
    report = check(table, contract)
    write_report(report, {"fewer than 50 points": 3}, tmp_path / "docs")
    results = json.loads((tmp_path / "docs" / "results.json").read_text())
    assert results == json.loads(json.dumps(results_of(report, {"fewer than 50 points": 3})))
    assert (results["rows"], results["critical"], results["warnings"]) == (N_ROWS, 1, 0)
    (wrong,) = [one for one in results["results"] if not one["success"]]
    assert wrong["examples"] == [{"_id": 10_009, "value": "inf"}]
    assert {"severity", "column", "rule", "count", "examples", "remedy"} <= set(wrong)


@pytest.fixture
def stage(
    contract, tmp_path, root, monkeypatch, capfd, caplog
) -> Callable[[pd.DataFrame], tuple[int, str]]:
    """Run the stage on a table; return its exit status, errors and log."""

    def run_on(table: pd.DataFrame) -> tuple[int, str]:
        document = yaml.safe_load((root / "params.yaml").read_text())
        document["classes"] = ["ea"]
        document["dataset"]["feature_sets"] = {"all": contract.features}
        document["validation"]["min_count"] = 10
        (tmp_path / "params.yaml").write_text(yaml.safe_dump(document))
        write_table(table, tmp_path / "training.parquet")
        (tmp_path / "dropped.csv").write_text("_id,reason\n1,fewer than 50 points\n")
        monkeypatch.chdir(tmp_path)
        arguments = ["training.parquet", "dropped.csv", "reports/validation"]
        monkeypatch.setattr(sys, "argv", ["validate.py", *arguments])
        try:
            run(main)
        except SystemExit as end:
            return int(end.code or 0), capfd.readouterr().err + caplog.text
        return 0, capfd.readouterr().err + caplog.text

    return run_on


def test_the_stage_stops_at_a_critical_rule_and_says_where_to_look(table, stage, tmp_path) -> None:
    table.loc[7, "EA"] = 0.6
    status, said = stage(table)
    assert status == 1
    assert "error: training.parquet breaks the data contract in 1 critical point" in said
    assert "column 'EA'" in said
    assert "_id 10007 has 0.6" in said
    assert "reports/validation/index.html" in said
    assert (tmp_path / "reports" / "validation" / "results.json").exists()


def test_the_stage_lets_a_table_with_warnings_pass(table, stage, tmp_path) -> None:
    table.loc[8, "variable"] = 0.5
    status, said = stage(table)
    assert status == 0
    assert "column 'EA': where above 0.5, is at most 'variable'" in said
    assert "great_expectations" not in said
    assert "Calculating" not in said
    results = json.loads((tmp_path / "reports" / "validation" / "results.json").read_text())
    assert (results["critical"], results["warnings"]) == (0, 1)
    assert results["dropped"] == {"fewer than 50 points": 1}
