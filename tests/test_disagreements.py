"""The rule of disagreement, known sources, and tables that break the rules."""

import numpy as np
import pandas as pd
import pytest

from scope.base.errors import DataError
from scope.config.disagreements import DisagreementParams
from scope.disagreements.known import features_of, known_sources
from scope.disagreements.rule import Summary, find_disagreements, score_pairs
from scope.tables.parquet import write_table
from scope.tables.reading import read_table

PARAMS = DisagreementParams(high=0.95, low=0.1, radius_arcsec=2.0)


def table(dnn, xgb, kind=np.float64):
    n = len(dnn)
    return pd.DataFrame(
        {
            "_id": np.arange(n) + 10_000_000_000_000,
            "obj_id": [f"star{i}" for i in range(n)],
            "ra": np.arange(n) * 0.5,
            "dec": 10.0,
            "period": 1.5,
            "skew": np.arange(n) / 7,
            "ew_dnn": np.array(dnn, dtype=kind),
            "ew_xgb": np.array(xgb, dtype=kind),
        }
    )


def found_ids(scores, known=None):
    found = find_disagreements(scores, known, PARAMS, "scores")[0]
    return (found["_id"] - 10_000_000_000_000).tolist()


def test_both_directions_count_and_say_who_is_sure():
    found, summary = find_disagreements(table([0.96, 0.0], [0.1, 1.0]), None, PARAMS, "scores")
    assert dict(zip(found["_id"] % 100, found["sure"], strict=True)) == {0: "dnn", 1: "xgb"}
    assert summary.counts["ew"] == {"dnn": 1, "xgb": 1, "scored": 2, "missing": 0}


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_a_score_of_the_upper_limit_is_not_sure_and_one_of_the_lower_denies(kind):
    assert found_ids(table([0.95, 0.96, 0.96], [0.1, 0.1, 0.11], kind)) == [1]


def test_rows_come_by_tag_then_gap_then_id():
    scores = table([0.97, 0.99, 0.99], [0.0, 0.0, 0.0])
    scores["agn_dnn"], scores["agn_xgb"] = [0.0, 0.0, 0.0], [0.5, 0.97, 0.96]
    found = find_disagreements(scores, None, PARAMS, "scores")[0]
    order = list(zip(found["tag"], found["_id"] % 100, strict=True))
    assert order == [("agn", 1), ("agn", 2), ("ew", 1), ("ew", 2), ("ew", 0)]


def test_the_features_of_the_light_curve_follow_it():
    found = find_disagreements(table([0.0, 0.0, 1.0], [0.0, 0.0, 0.0]), None, PARAMS, "s")[0]
    assert found["skew"].tolist() == [2 / 7]
    assert not {"ew_dnn", "ew_xgb"} & set(found.columns)


def test_known_sources_go_by_id_by_name_and_by_place():
    scores = table([1.0] * 4, [0.0] * 4)
    known = pd.DataFrame(
        {
            "_id": [10_000_000_000_000, 1, 2, 3],
            "obj_id": ["other", "star1", None, None],
            "ra": [90.0, 91.0, 1.0, 1.5],
            "dec": [0.0, 0.0, 10.0 + 1.9 / 3600, 10.0 + 2.1 / 3600],
        }
    )
    assert found_ids(scores, known) == [3]
    assert find_disagreements(scores, known, PARAMS, "s")[1].removed == 3


def test_sources_without_a_name_are_not_known_by_having_none():
    scores = table([1.0], [0.0]).assign(obj_id=None)
    known = pd.DataFrame({"_id": [1], "obj_id": [None], "ra": [200.0], "dec": [0.0]})
    assert found_ids(scores, known) == [0]


def test_a_missing_score_is_counted_and_passed_over():
    summary = find_disagreements(table([np.nan, 1.0], [0.0, 0.0]), None, PARAMS, "s")[1]
    assert summary.counts["ew"] == {"dnn": 1, "xgb": 0, "scored": 1, "missing": 1}


def test_a_class_with_one_algorithm_is_named_not_fatal(caplog):
    scores = table([1.0], [0.0]).assign(agn_dnn=1.0)
    assert find_disagreements(scores, None, PARAMS, "s")[1].one_sided == ["agn"]
    assert "agn" in caplog.text


def test_no_class_with_both_algorithms_is_refused():
    with pytest.raises(DataError, match="no class has both"):
        score_pairs(["_id", "ew_dnn", "agn_xgb", "ew_dnn_std"], "scores.csv")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("ew_dnn", 1.2, "ew_dnn from 0 to 1: _id 10000000000001 has 1.2"),
        ("ew_xgb", np.inf, "ew_xgb from 0 to 1"),
        ("ew_xgb", "high", "a number in ew_xgb: _id 10000000000001 has high"),
        ("ra", np.nan, r"ra in \[0, 360\] deg"),
        ("dec", -91.0, r"dec in \[-90, 90\] deg"),
        ("_id", 10_000_000_000_000, "an _id of their own"),
        ("_id", 2.0**60, "an _id that is exact"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_row(column, value, message):
    scores = table([0.0, 0.0], [0.0, 0.0])
    scores[column] = [scores[column].iloc[0], value]
    with pytest.raises(DataError, match=message):
        find_disagreements(scores, None, PARAMS, "scores.csv")


def test_no_disagreement_gives_no_rows_with_the_columns_and_types_of_many(tmp_path):
    none = find_disagreements(table([0.5], [0.5]), None, PARAMS, "s")[0]
    one = find_disagreements(table([1.0], [0.0]), None, PARAMS, "s")[0]
    assert len(none) == 0
    for name, frame in {"none": none, "one": one}.items():
        write_table(frame, tmp_path / f"{name}.parquet")
    types = [read_table(tmp_path / f"{name}.parquet").dtypes.to_dict() for name in ("none", "one")]
    assert types[0] == types[1]


def test_the_density_counts_every_pair_of_scores_once():
    summary = find_disagreements(table([0.0, 1.0, 0.5], [0.02, 1.0, 0.0]), None, PARAMS, "s")[1]
    density = np.array(summary.density)
    assert density.sum() == 3
    assert (density[0, 0], density[19, 19], density[10, 0]) == (1, 1, 1)


def test_a_summary_comes_back_from_its_file(tmp_path):
    summary = find_disagreements(table([1.0], [0.0]), None, PARAMS, "s")[1]
    summary.to_json(tmp_path / "summary.json")
    assert Summary.from_json(tmp_path / "summary.json") == summary


def test_a_file_that_is_no_summary_is_refused(tmp_path):
    (tmp_path / "summary.json").write_text("{}")
    with pytest.raises(DataError, match="rerun disagreements"):
        Summary.from_json(tmp_path / "summary.json")


def test_the_test_split_does_not_count_as_known(tmp_path, monkeypatch):
    write_table(table([0.0] * 3, [0.0] * 3), tmp_path / "training.parquet")

    class Scaled:
        ids = np.arange(3) + 10_000_000_000_000
        split = np.array([0, 1, 2], dtype=np.int8)

    monkeypatch.setattr("scope.disagreements.known.open_scaled", lambda folder: Scaled)
    known = known_sources(tmp_path / "training.parquet", tmp_path)
    assert (known["_id"] % 100).tolist() == [0, 1]


def test_features_are_those_of_the_row_of_the_same_id(tmp_path):
    scores = table([0.0] * 3, [0.0] * 3)
    catalogue = scores[["_id", "skew"]].iloc[::-1].assign(sw=[3.0, 2.0, 1.0])
    write_table(catalogue, tmp_path / "catalogue.parquet")
    features = features_of(tmp_path / "catalogue.parquet", {"one": ["sw", "skew"]}, scores)
    assert features.to_dict("list") == {"sw": [1.0, 2.0, 3.0]}


def test_a_scored_light_curve_that_the_catalogue_lacks_is_named(tmp_path):
    write_table(table([0.0], [0.0]), tmp_path / "catalogue.parquet")
    with pytest.raises(DataError, match="first _id 10000000000001"):
        features_of(tmp_path / "catalogue.parquet", {}, table([0.0] * 2, [0.0] * 2))
