"""Access to a table from notebooks, as TensorFlow data sets."""

import inspect
import logging
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import scope
from scope.base.errors import ConfigError, DataError
from scope.tables.histograms import with_dmdt
from scope.tables.parquet import write_table

N_SOURCES = 150
FEATURES = ["skew", "period"]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Two light curves a source: a third variable, a third not, a third of neither."""
    chance = np.random.default_rng(2)
    source = np.repeat(np.arange(N_SOURCES), 2)
    frame = pd.DataFrame(
        {
            "_id": np.arange(2 * N_SOURCES),
            "ra": source * 2.0,
            "dec": -5.0,
            "period": chance.uniform(0.2, 1, 2 * N_SOURCES),
            "skew": chance.normal(size=2 * N_SOURCES),
            "variable": (source % 3 == 0) * 0.75,
            "non-variable": (source % 3 == 1) * 1.0,
            "EA": (source % 5 == 0) * 1.0,
        }
    )
    frame.loc[3, "skew"] = np.inf
    histograms = np.zeros((len(frame), 26, 26), dtype=np.float32)
    histograms[:, 0, 0] = np.arange(len(frame))  # tells which row it is
    path = tmp_path_factory.mktemp("table") / "t.parquet"
    write_table(with_dmdt(frame, histograms), path)
    return path, frame


@pytest.fixture
def dataset(table):
    return scope.Dataset("vnv", table[0], FEATURES)


def rows_of(batches) -> np.ndarray:
    """Return the row numbers that the histograms of a data set carry."""
    return np.concatenate([inputs["dmdt"].numpy()[:, 0, 0, 0] for inputs, _ in batches])


def targets_of(batches) -> np.ndarray:
    return np.concatenate([target.numpy()[:, 0] for _, target in batches])


def test_the_signature_is_that_of_the_older_tool():
    given = {
        name: parameter.default
        for name, parameter in inspect.signature(scope.Dataset.make).parameters.items()
        if name not in ("self", "kwargs")
    }
    assert given == {
        "target_label": "variable",
        "threshold": 0.5,
        "balance": None,
        "weight_per_class": True,
        "scale_features": "min_max",
        "test_size": 0.1,
        "val_size": 0.1,
        "random_state": 42,
        "feature_stats": None,
        "batch_size": 256,
        "shuffle_buffer_size": 256,
        "epochs": 300,
    }


def test_every_data_set_holds_the_rows_of_its_indexes(dataset):
    datasets, indexes, _, _ = dataset.make(balance=1.5, batch_size=16)
    assert set(indexes) == {"train", "val", "test", "dropped_samples"}
    for name, rows in indexes.items():
        assert sorted(rows_of(datasets[name])) == rows.tolist()


def test_negatives_of_variable_are_the_non_variable_rows_alone(dataset, table):
    _, indexes, _, _ = dataset.make()
    frame = table[1]
    chosen = np.sort(np.concatenate(list(indexes.values())))
    usable = (frame["variable"] > 0.5) | (frame["non-variable"] > 0.5)
    assert chosen.tolist() == np.flatnonzero(usable).tolist()


def test_targets_are_1_where_the_label_is_above_the_threshold(dataset, table):
    datasets, indexes, _, _ = dataset.make(target_label="EA", threshold=0.7)
    expected = table[1]["EA"].to_numpy()[indexes["test"]] > 0.7
    assert targets_of(datasets["test"]).tolist() == expected.tolist()


def test_a_label_at_the_threshold_is_not_above_it(dataset):
    with pytest.raises(DataError, match=r"label 'variable' > 0\.75"):
        dataset.make(threshold=0.75)


def test_no_source_is_in_two_parts(dataset):
    _, indexes, _, _ = dataset.make(balance=1.0)
    sources = [set(indexes[name] // 2) for name in ("train", "val", "test")]
    assert not (sources[0] & sources[1] or sources[0] & sources[2] or sources[1] & sources[2])


def test_shapes_and_types_are_those_that_keras_takes(dataset):
    (inputs, target) = next(iter(dataset.make(batch_size=8)[0]["train"]))
    assert inputs["features"].shape == (8, 2)
    assert inputs["dmdt"].shape == (8, 26, 26, 1)
    assert target.shape == (8, 1)
    assert inputs["features"].dtype == inputs["dmdt"].dtype == "float32"
    assert target.dtype == "int64"


def test_scaled_training_rows_fill_0_to_1(dataset):
    batches = dataset.make(target_label="EA")[0]["train"]
    period = np.concatenate([inputs["features"].numpy()[:, 1] for inputs, _ in batches])
    assert (period.min(), period.max()) == (0.0, 1.0)


def test_given_statistics_are_used(dataset, table):
    stats = {"min": 0.0, "max": 2.0, "median": 0.0, "mean": 0.0, "std": 1.0}
    given = dict.fromkeys(FEATURES, stats)
    datasets, indexes, _, _ = dataset.make(feature_stats=given, target_label="EA")
    scaled = np.concatenate([inputs["features"].numpy()[:, 1] for inputs, _ in datasets["test"]])
    np.testing.assert_allclose(scaled, table[1]["period"][indexes["test"]] / 2, rtol=1e-6)


def test_unscaled_features_are_as_in_the_table_but_0_where_infinite(dataset, table):
    datasets, indexes, _, _ = dataset.make(target_label="EA", scale_features=None, random_state=3)
    skew = table[1]["skew"].replace(np.inf, 0.0).to_numpy(np.float32)
    for name in ("val", "test"):
        features = np.concatenate([inputs["features"].numpy() for inputs, _ in datasets[name]])
        np.testing.assert_array_equal(features[:, 0], skew[indexes[name]])


def test_steps_times_batch_size_cover_each_part_once(dataset):
    datasets, indexes, steps, _ = dataset.make(batch_size=7)
    assert set(steps) == {"train", "val", "test"}
    for name, n_steps in steps.items():
        assert 7 * (n_steps - 1) < len(indexes[name]) <= 7 * n_steps
        assert len(datasets[name]) == n_steps


def test_repeated_data_sets_pass_once_an_epoch(dataset):
    datasets, _, steps, _ = dataset.make(batch_size=7, epochs=3)
    assert len(datasets["train_repeat"]) == 3 * steps["train"]
    assert len(datasets["val_repeat"]) == 3 * steps["val"]


def test_class_weights_let_both_sides_weigh_the_same(dataset):
    datasets, _, _, weights = dataset.make(target_label="EA")
    counts = np.bincount(targets_of(datasets["train"]))
    assert counts[0] * weights[0] == pytest.approx(counts[1] * weights[1])
    assert dataset.make(target_label="EA", weight_per_class=False)[3] == {0: 1.0, 1: 1.0}


def test_a_random_state_gives_the_same_rows_in_the_same_order(dataset):
    first, again = (dataset.make(balance=1.2)[0]["train"] for _ in range(2))
    assert rows_of(first).tolist() == rows_of(again).tolist()
    other = dataset.make(balance=1.2, random_state=7)[0]["train"]
    assert rows_of(other).tolist() != rows_of(first).tolist()


def test_keywords_of_the_older_tool_are_ignored_aloud(dataset, caplog):
    with caplog.at_level(logging.WARNING, logger="scope"):
        dataset.make(lr=1e-3)
    assert "without effect: lr" in caplog.text


def test_counts_are_logged_where_asked_for(table, caplog):
    with caplog.at_level(logging.INFO, logger="scope"):
        scope.Dataset("vnv", str(table[0]), FEATURES, verbose=True).make()
    assert "vnv: positives in train " in caplog.text


def test_a_batch_size_of_0_is_refused(dataset):
    with pytest.raises(ConfigError, match="batch_size is 0"):
        dataset.make(batch_size=0)


def test_statistics_that_lack_all_features_are_refused(dataset):
    stats = {"min": 0.0, "max": 2.0, "median": 0.0, "mean": 0.0, "std": 1.0}
    with pytest.raises(ConfigError, match="no statistics of skew, period"):
        dataset.make(feature_stats={"kurt": stats})


def test_the_older_name_is_the_same_class():
    assert scope.utils.Dataset is scope.Dataset


def test_importing_scope_loads_neither_pandas_nor_tensorflow():
    told = "import scope, sys; print({'pandas', 'tensorflow', 'keras'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_naming_a_data_set_does_not_load_tensorflow():
    told = "import scope, sys; scope.Dataset; print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_network_learns_from_what_is_made(dataset):
    import keras

    datasets, _, steps, weights = dataset.make(target_label="EA", epochs=2)
    features = keras.Input((2,), name="features")
    dmdt = keras.Input((26, 26, 1), name="dmdt")
    joined = keras.layers.Concatenate()([features, keras.layers.Flatten()(dmdt)])
    score = keras.layers.Dense(1, activation="sigmoid")(joined)
    model = keras.Model({"features": features, "dmdt": dmdt}, score)
    model.compile("adam", "binary_crossentropy")
    history = model.fit(
        datasets["train_repeat"],
        steps_per_epoch=steps["train"],
        epochs=2,
        validation_data=datasets["val"],
        class_weight=weights,
        shuffle=False,
        verbose=0,
    )
    assert np.isfinite(history.history["val_loss"]).all()
