"""From a table to the examples of one class."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest
from learning import class_params

from scope.base.constants import TRAIN
from scope.base.errors import ConfigError, DataError
from scope.config.scale import FeatureStats
from scope.models.table_examples import TableRequest, prepare_table

N_SOURCES = 100


@pytest.fixture
def table(tmp_path):
    """Two light curves a source, 30 of 100 sources RR Lyrae, one value missing."""
    chance = np.random.default_rng(5)
    source = np.repeat(np.arange(N_SOURCES), 2)
    histogram = json.dumps((np.eye(26) / np.sqrt(26)).tolist())
    frame = pd.DataFrame(
        {
            "_id": np.arange(2 * N_SOURCES) + 2**60,
            "ra": source * 1.0,
            "dec": 10.0,
            "period": chance.uniform(0.2, 1, 2 * N_SOURCES),
            "skew": chance.normal(size=2 * N_SOURCES),
            "RR Lyrae": (source < 30) * 1.0,
            "dmdt": histogram,
        }
    )
    frame.loc[7, "skew"] = np.nan
    frame.to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv", frame


def request_of(**changes) -> TableRequest:
    values = {"tag": "rrlyr", "params": class_params(), "features": ["skew", "period"]}
    return TableRequest(**(values | changes))


def test_both_light_curves_of_a_source_lie_on_one_side(table):
    split = prepare_table(table[0], request_of()).data.split
    np.testing.assert_array_equal(split[::2], split[1::2])


def test_min_max_is_that_of_the_training_rows_and_a_missing_value_counts_as_0(table):
    path, frame = table
    made = prepare_table(path, request_of())
    values = frame["skew"][made.data.split == TRAIN]
    scaled = (frame["skew"].fillna(0.0) - values.min()) / (values.max() - values.min())
    np.testing.assert_allclose(made.data.features[:, 0], scaled.clip(0, 1), atol=1e-6)


def test_given_statistics_take_the_place_of_those_of_the_rows(table):
    path, frame = table
    stats = FeatureStats(min=0.0, max=2.0, median=0.5, mean=0.5, std=0.25)
    request = request_of(
        features=["period"], feature_stats={"period": stats}, scale_features="median_std"
    )
    scaled = prepare_table(path, request).data.features[:, 0]
    np.testing.assert_allclose(scaled, (frame["period"] - 0.5) / 0.25, rtol=1e-6)


def test_features_may_stay_as_they_are(table):
    path, frame = table
    features = prepare_table(path, request_of(scale_features="none")).data.features
    np.testing.assert_array_equal(features[:, 1], frame["period"].astype(np.float32))


def test_parts_and_what_balancing_drops_make_up_all_rows(table):
    examples = prepare_table(table[0], request_of(params=class_params(balance=1.0))).examples
    parts = [examples.train, examples.val, examples.test, examples.dropped]
    assert len(examples.dropped) > 0
    assert sorted(np.concatenate(parts)) == list(range(2 * N_SOURCES))


def test_the_checksum_is_that_of_the_file(table):
    path = table[0]
    assert prepare_table(path, request_of()).md5 == hashlib.md5(path.read_bytes()).hexdigest()


def test_a_table_without_the_label_is_refused(table):
    with pytest.raises(DataError, match="class rrlyr: there is no label 'Mira'"):
        prepare_table(table[0], request_of(params=class_params(label="Mira")))


def test_statistics_that_lack_a_feature_are_refused(table):
    stats = {"skew": FeatureStats(min=0.0, max=1.0, median=0.5, mean=0.5, std=0.2)}
    with pytest.raises(ConfigError, match="no statistics of period"):
        prepare_table(table[0], request_of(feature_stats=stats))
