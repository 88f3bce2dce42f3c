"""Scaling: statistics of the training rows, applied anywhere."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import MinMaxScaler

from scope.base.errors import ConfigError, DataError
from scope.config.scale import FeatureStats, ScaleParams
from scope.data.scaling import Scaling, learn

STATS = {"a": FeatureStats(min=1.0, max=5.0, median=2.0, mean=3.0, std=0.5)}


def params(**changes: Any) -> ScaleParams:
    given: dict[str, Any] = {
        "method": "median_std",
        "log_features": [],
        "log_quantile": 0.5,
        "stats": "training",
        "impute": "zero",
        "clip": 10.0,
    }
    return ScaleParams(**given | changes)


def scaled(train: list[float], values: list[float], **changes: Any) -> list[float]:
    scaling = learn(pd.DataFrame({"a": train}), ["a"], params(**changes), STATS)
    return scaling.apply(pd.DataFrame({"a": values}))[:, 0].tolist()


def test_median_std_by_hand() -> None:
    # median 2; squared distances from the mean 3: 4, 1, 1, 0, 16
    train = [1.0, 2.0, 2.0, 3.0, 7.0]
    std = np.sqrt((4 + 1 + 1 + 0 + 16) / 5)
    assert scaled(train, [2.0, 7.0]) == pytest.approx([0.0, 5.0 / std])


def test_min_max_agrees_with_scikit_learn() -> None:
    values = np.random.default_rng(0).normal(size=(50, 3))
    frame = pd.DataFrame(values, columns=["a", "b", "c"])
    result = learn(frame, ["a", "b", "c"], params(method="min_max"), {}).apply(frame)
    np.testing.assert_allclose(result, MinMaxScaler().fit_transform(values), atol=1e-6)


def test_min_max_stays_between_0_and_1_outside_the_training_range() -> None:
    assert scaled([1.0, 3.0], [-9.0, 9.0], method="min_max") == [0.0, 1.0]


def test_median_std_is_clipped() -> None:
    assert scaled([0.0, 1.0, 2.0], [1e9, -1e9], clip=4.0) == [4.0, -4.0]


def test_missing_and_infinite_values_do_not_enter_the_statistics() -> None:
    gaps = [1.0, 2.0, np.nan, 4.0, np.inf, -np.inf]
    assert scaled(gaps, [1.0, 4.0]) == scaled([1.0, 2.0, 4.0], [1.0, 4.0])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_missing_value_is_taken_as_0_before_scaling(value: float) -> None:
    assert scaled([1.0, 2.0, 4.0], [value]) == scaled([1.0, 2.0, 4.0], [0.0])
    assert scaled([1.0, 2.0, 4.0], [value]) != [0.0]


def test_a_missing_value_can_be_taken_as_the_median() -> None:
    assert scaled([1.0, 2.0, 4.0], [np.nan], impute="median") == [0.0]
    logged = {"impute": "median", "log_features": ["a"]}
    assert scaled([1.0, 2.0, 4.0], [np.nan], **logged) == pytest.approx([0.0], abs=1e-7)


def test_the_logarithm_is_signed_and_relative_to_a_quantile_of_the_sizes() -> None:
    train = [-4.0, 0.0, 1.0, 2.0, 8.0]  # sizes 1, 2, 4, 8: their median is 3
    logs = np.array([-np.log(1 + 4 / 3), 0.0, np.log(4 / 3), np.log(5 / 3), np.log(11 / 3)])
    expected = (logs - np.median(logs)) / logs.std()
    assert scaled(train, train, log_features=["a"]) == pytest.approx(expected.tolist())


def test_a_logarithm_of_other_features_changes_nothing() -> None:
    train = [1.0, 2.0, 9.0]
    assert scaled(train, train, log_features=["b"]) == scaled(train, train)


@pytest.mark.parametrize("train", [[0.1, 0.1, 0.1], [0.0, 0.0], [np.nan, np.nan], [np.inf]])
@pytest.mark.parametrize("method", ["median_std", "min_max"])
def test_a_constant_feature_becomes_0_and_is_named(
    train: list[float], method: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert scaled(train, [0.1, 5.0, np.nan], method=method, log_features=["a"]) == [0, 0, 0]
    assert "scaled to 0: a" in caplog.text


def test_reference_statistics_are_used_as_they_are() -> None:
    rows = [100.0, 200.0]
    assert scaled(rows, [3.0], stats="reference", log_features=["a"]) == [2.0]
    assert scaled(rows, [2.0], stats="reference", method="min_max") == [0.25]
    assert scaled(rows, [np.nan], stats="reference", impute="median") == [0.0]


def test_features_without_reference_statistics_are_named() -> None:
    frame = pd.DataFrame({"a": [1.0], "b": [1.0], "c": [1.0]})
    with pytest.raises(ConfigError, match="b, c"):
        learn(frame, ["a", "b", "c"], params(stats="reference"), STATS)


def test_rows_that_do_not_train_have_no_influence() -> None:
    train = pd.DataFrame({"a": [1.0, 2.0, 5.0]})
    scaling = learn(train, ["a"], params(), {})
    before = scaling.apply(train)
    scaling.apply(pd.DataFrame({"a": [1e6, -1e6]}))
    assert (scaling.apply(train) == before).all()


def test_a_feature_the_table_lacks_is_named() -> None:
    scaling = learn(pd.DataFrame({"a": [1.0, 2.0]}), ["a"], params(), {})
    with pytest.raises(DataError, match="'a' is not a column"):
        scaling.apply(pd.DataFrame({"b": [1.0]}))


def test_a_feature_of_words_is_named() -> None:
    with pytest.raises(DataError, match="'a' is not a column of numbers"):
        learn(pd.DataFrame({"a": ["faint", "bright"]}), ["a"], params(), {})


def test_whole_numbers_with_gaps_are_numbers() -> None:
    frame = pd.DataFrame({"a": pd.array([1, 3, None], dtype="Int64")})
    result = learn(frame, ["a"], params(impute="median"), {}).apply(frame)
    assert result[:, 0].tolist() == [-1.0, 1.0, 0.0]


def test_a_scaling_comes_back_from_its_file_unchanged(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.lognormal(size=(100, 3)), columns=["a", "b", "c"])
    scaling = learn(frame, ["c", "a", "b"], params(log_features=["b"]), {})
    scaling.to_json(tmp_path / "stats.json")
    again = Scaling.from_json(tmp_path / "stats.json")
    assert again == scaling
    assert again.names == ["c", "a", "b"]
    assert again.apply(frame).tobytes() == scaling.apply(frame).tobytes()


@pytest.mark.parametrize("text", ["", "[]", '{"low": 0}', '{"features": [{"name": "a"}]}'])
def test_a_damaged_scaling_file_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "stats.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"stats\.json is not a feature scaling"):
        Scaling.from_json(path)


def test_a_missing_scaling_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent\.json"):
        Scaling.from_json(tmp_path / "absent.json")
