"""XGBoost behind the calls that scope.models.networks.training has too."""

import csv
import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest
from learning import FEATURES, class_params, scaled_data, training_params
from sklearn.metrics import roc_auc_score

from scope.base.errors import ModelError
from scope.config.training import TrainingParams
from scope.models.shared.examples import Part, select_examples, take, training_set_of
from scope.models.trees import boosting
from scope.models.trees.dmdt_summary import summary_names


def with_trees(**changes) -> TrainingParams:
    params = training_params()
    return replace(params, xgb=replace(params.xgb, **changes))


@pytest.fixture(scope="module")
def taught():
    data = scaled_data()
    examples = select_examples(data, "rrlyr", class_params(), FEATURES, 1)
    test = take(data, examples, examples.test)
    model, history = boosting.fit(training_set_of(data, examples), training_params(), 1)
    return model, history, test


def test_trees_tell_apart_what_differs_by_three_standard_deviations(taught):
    model, _, test = taught
    scores = boosting.predict(model, test.features, test.dmdt, 10)
    assert np.mean((scores > 0.5) == (test.truth > 0)) > 0.85


def test_the_model_ends_with_the_round_of_the_smallest_validation_loss(taught):
    model, history, _ = taught
    losses = [one["val_loss"] for one in history]
    assert model.num_boosted_rounds() == 1 + int(np.argmin(losses))


def test_saved_trees_score_the_same_when_loaded(taught, tmp_path):
    model, _, test = taught
    boosting.save(model, tmp_path / "model.json")
    again = boosting.load(tmp_path / "model.json")
    first, second = (boosting.predict(one, test.features, test.dmdt, 10) for one in (model, again))
    assert np.array_equal(first, second)


def test_the_same_seed_gives_the_same_files(tmp_path):
    data = scaled_data()
    chosen = select_examples(data, "rrlyr", class_params(), FEATURES, 1)
    training_set = training_set_of(data, chosen)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        model, _ = boosting.fit(training_set, training_params(), 7)
        boosting.save(model, tmp_path / name / "model.json")
    for file in ("model.json", "model_importance.csv"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_importance_lists_every_feature_by_falling_share_of_the_gain(taught, tmp_path):
    boosting.save(taught[0], tmp_path / "model.json")
    with (tmp_path / "model_importance.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    gains = [float(row["gain"]) for row in rows]
    assert gains == sorted(gains, reverse=True)
    assert {row["feature"] for row in rows} == {*FEATURES, *summary_names()}
    assert sum(float(row["gain"]) for row in rows) == pytest.approx(1.0, abs=1e-5)


def test_the_summary_of_dmdt_tells_classes_apart_where_features_do_not():
    data = scaled_data()
    noise = np.random.default_rng(5).normal(size=data.features.shape).astype(np.float32)
    data = replace(data, features=noise)
    examples = select_examples(data, "rrlyr", class_params(), FEATURES, 1)
    test = take(data, examples, examples.test)
    areas = {}
    for dmdt in (False, True):
        params = with_trees(dmdt=dmdt)
        model, _ = boosting.fit(training_set_of(data, examples), params, 1)
        scores = boosting.predict(model, test.features, test.dmdt, 1)
        areas[dmdt] = roc_auc_score(test.truth, scores)
    assert areas[False] < 0.7
    assert areas[True] > 0.9


def test_data_without_dmdt_are_learnt_from_by_their_features_alone():
    data = scaled_data()
    data = replace(data, dmdt=np.zeros_like(data.dmdt))
    model, _ = boosting.fit(
        training_set_of(data, select_examples(data, "rrlyr", class_params(), FEATURES, 1)),
        training_params(),
        1,
    )
    assert model.feature_names == FEATURES


def test_the_number_of_threads_changes_no_byte():
    data = scaled_data(n_rows=5000)
    chosen = select_examples(data, "rrlyr", class_params(), FEATURES, 1)
    training_set = training_set_of(data, chosen)
    models = [boosting.fit(training_set, training_params(threads=n), 1)[0] for n in (0, 1, 2, 5)]
    assert len({bytes(model.save_raw("json")) for model in models}) == 1


def test_the_weight_of_a_positive_is_that_of_as_many_positives():
    """Three copies of each positive teach what positives of weight 3 do (no rows are left out)."""
    data = scaled_data()
    params = with_trees(subsample=1.0, colsample_bytree=1.0, rounds=3)
    plain = training_set_of(data, select_examples(data, "rrlyr", class_params(), FEATURES, 1))
    heavy = replace(plain, weights=(0.5, 1.5))
    rows = np.repeat(np.arange(len(plain.train.truth)), 1 + 2 * (plain.train.truth > 0).astype(int))
    copies = Part(*(getattr(plain.train, one.name)[rows] for one in fields(Part)))
    found = [
        boosting.predict(boosting.fit(training_set, params, 1)[0], data.features, data.dmdt, 1)
        for training_set in (heavy, replace(plain, train=copies))
    ]
    assert np.allclose(found[0], found[1], atol=0.02)


def test_the_best_combination_of_the_grid_is_grown_and_its_table_kept(tmp_path):
    data = scaled_data()
    chosen = select_examples(data, "rrlyr", class_params(), FEATURES, 1)
    training_set = training_set_of(data, chosen)
    # Trees of which a leaf must hold half a million rows are no trees: the second must win.
    params = with_trees(grid={"min_child_weight": [1e6, 1.0]})
    model, _ = boosting.fit(training_set, params, 1)
    boosting.save(model, tmp_path / "seed_1.json")
    with (tmp_path / "seed_1_grid.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["min_child_weight"] for row in rows] == ["1.0", "1000000.0"]
    assert list(rows[0]) == ["min_child_weight", "average_precision", "spread", "rounds"]
    alone, _ = boosting.fit(training_set, with_trees(min_child_weight=1.0), 1)
    assert alone.get_dump() == model.get_dump()


def test_a_model_without_a_grid_has_no_table_of_it(taught, tmp_path):
    boosting.save(taught[0], tmp_path / "seed_1.json")
    assert not (tmp_path / "seed_1_grid.csv").exists()


def test_heavier_positives_score_higher(taught):
    data = scaled_data(share=0.1)
    means = []
    for weight_per_class in (False, True):
        params = class_params(weight_per_class=weight_per_class)
        examples = select_examples(data, "rrlyr", params, FEATURES, 1)
        model, _ = boosting.fit(training_set_of(data, examples), training_params(), 1)
        means.append(boosting.predict(model, data.features, data.dmdt, 10).mean())
    assert means[1] > means[0]


def test_a_damaged_model_file_is_named(tmp_path):
    path = tmp_path / "model.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=r"model.json holds no XGBoost model"):
        boosting.load(path)


def test_xgboost_is_used_without_loading_tensorflow():
    code = (
        "import sys, scope.models.trees.boosting, scope.models.shared.training; "
        "sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
