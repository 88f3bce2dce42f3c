"""XGBoost behind the calls that scope.nn has too."""

import csv
import subprocess
import sys

import numpy as np
import pytest
from learning import FEATURES, class_params, scaled_data, training_params

from scope import boosting
from scope.errors import ModelError
from scope.examples import lesson_of, select_examples, take


@pytest.fixture(scope="module")
def taught():
    data = scaled_data()
    examples = select_examples(data, "rrlyr", class_params(), FEATURES, 1)
    test = take(data, examples, examples.test)
    model, history = boosting.fit(lesson_of(data, examples), training_params(), 1)
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
    lesson = lesson_of(data, select_examples(data, "rrlyr", class_params(), FEATURES, 1))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        model, _ = boosting.fit(lesson, training_params(), 7)
        boosting.save(model, tmp_path / name / "model.json")
    for file in ("model.json", boosting.IMPORTANCE_FILE):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_importance_lists_every_feature_by_falling_share_of_the_gain(taught, tmp_path):
    boosting.save(taught[0], tmp_path / "model.json")
    with (tmp_path / boosting.IMPORTANCE_FILE).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["feature"] == "period"
    assert {row["feature"] for row in rows} == set(FEATURES)
    assert sum(float(row["gain"]) for row in rows) == pytest.approx(1.0, abs=1e-5)


def test_heavier_positives_score_higher(taught):
    data = scaled_data(share=0.1)
    means = []
    for weight_per_class in (False, True):
        params = class_params(weight_per_class=weight_per_class)
        examples = select_examples(data, "rrlyr", params, FEATURES, 1)
        model, _ = boosting.fit(lesson_of(data, examples), training_params(), 1)
        means.append(boosting.predict(model, data.features, data.dmdt, 10).mean())
    assert means[1] > means[0]


def test_a_damaged_model_file_is_named(tmp_path):
    path = tmp_path / "model.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=r"model.json holds no XGBoost model"):
        boosting.load(path)


def test_xgboost_is_used_without_loading_tensorflow():
    code = "import sys, scope.boosting, scope.training; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
