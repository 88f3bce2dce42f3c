"""One classifier from scaled arrays to a folder of models, scores and history."""

import csv
import json

import numpy as np
import pandas as pd
import pytest
from learning import FEATURES, SCALING, class_params, scaled_data, training_params
from scipy.special import expit

from scope.base.errors import DataError
from scope.config.compose import compose
from scope.models.networks import training as nn
from scope.models.shared.cards import file_digest, read_card
from scope.models.shared.examples import select_examples
from scope.models.shared.scaled import SCALING_FILE, open_scaled, write_scaled
from scope.models.shared.tasks import Task, read_task
from scope.models.shared.training import states_at_once, train
from scope.models.trees import boosting


class Constant:
    """An algorithm whose score is its seed in hundredths, which shows what becomes of it."""

    seeds_of = staticmethod(lambda params: params.seeds)
    settings_of = staticmethod(lambda params: {"seeds": params.seeds})
    file_name = staticmethod(lambda seed: f"{seed}.txt")
    fit = staticmethod(lambda rows, params, seed: (seed, [{"loss": 1.0, "val_loss": 0.5}] * 2))
    save = staticmethod(lambda model, path: path.write_text(str(model)))
    predict = staticmethod(lambda model, f, d, n: np.full(len(f), model / 100, np.float32))


@pytest.fixture
def scaled(tmp_path):
    write_scaled(scaled_data(), SCALING, tmp_path / "scaled")
    return tmp_path / "scaled"


def task(**changes):
    settings = training_params(**({"calibration": "none"} | changes))
    return Task("rrlyr", class_params(balance=1.5), FEATURES, settings)


def test_scores_are_the_mean_over_the_seeds_and_the_spread_their_deviation(scaled, tmp_path):
    train(Constant, task(seeds=[20, 40]), scaled, tmp_path / "dnn")
    scores = pd.read_parquet(tmp_path / "dnn" / "scores.parquet").query("part == 'test'")
    assert scores.score.to_numpy() == pytest.approx(0.3)
    assert scores.spread.to_numpy() == pytest.approx(0.1)


def test_the_test_rows_and_those_dropped_are_scored_with_their_truth(scaled, tmp_path):
    train(boosting, task(), scaled, tmp_path / "xgb")
    scores = pd.read_parquet(tmp_path / "xgb" / "scores.parquet").set_index("_id")
    data = open_scaled(scaled)
    truth = pd.Series(data.labels[:, 0] > 0.7, data.ids)
    assert (scores.truth == truth[scores.index]).all()
    assert set(scores.index[scores.part == "test"]) == set(data.ids[data.split == 2].tolist())
    assert scores.groupby("part").size().to_dict() == {"test": 100, "dropped": 76}


def test_history_has_a_row_a_seed_and_round(scaled, tmp_path):
    train(Constant, task(seeds=[20, 40]), scaled, tmp_path / "dnn")
    with (tmp_path / "dnn" / "history.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["seed"], row["round"]) for row in rows] == [
        *(("20", "1"), ("20", "2"), ("40", "1"), ("40", "2"))
    ]
    assert {(row["loss"], row["val_loss"]) for row in rows} == {("1", "0.5")}


def test_the_card_names_features_threshold_parameters_and_scaling(scaled, tmp_path):
    train(boosting, task(), scaled, tmp_path / "xgb")
    card = read_card(tmp_path / "xgb")
    assert (card.features, card.threshold, card.label) == (FEATURES, 0.7, "RR Lyrae")
    assert card.params["balance"] == 1.5
    assert card.params["xgb"]["max_depth"] == 3
    assert card.scaling == file_digest(scaled / SCALING_FILE)


def test_two_trainings_give_the_same_bytes(scaled, tmp_path):
    for name in "ab":
        train(boosting, task(), scaled, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == [
        "card.json",
        "history.csv",
        "scores.parquet",
        "seed_1.json",
        "seed_1_importance.csv",
    ]
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_failed_training_leaves_the_earlier_model_alone(scaled, tmp_path):
    train(Constant, task(), scaled, tmp_path / "dnn")
    before = (tmp_path / "dnn" / "card.json").read_bytes()

    class Failing(Constant):
        @staticmethod
        def predict(*_):
            raise DataError("no scores")

    with pytest.raises(DataError):
        train(Failing, task(), scaled, tmp_path / "dnn")
    assert (tmp_path / "dnn" / "card.json").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"scaled", "dnn"}


def test_a_row_is_scored_by_the_states_alone_that_have_not_seen_it(scaled, tmp_path):
    seeds = [20, 40, 60]
    train(Constant, task(seeds=seeds), scaled, tmp_path / "dnn")
    scores = pd.read_parquet(tmp_path / "dnn" / "scores.parquet").set_index("_id")
    data = open_scaled(scaled)
    for row in (10, 100, 290):
        unseen = []
        for seed in seeds:
            examples = select_examples(data, "rrlyr", class_params(balance=1.5), FEATURES, seed)
            if row not in set(examples.train) | set(examples.val):
                unseen.append(seed / 100)
        found = scores.score.get(int(data.ids[row]))
        assert found == (pytest.approx(np.mean(unseen)) if unseen else None)


def test_every_state_is_tested_on_the_same_rows(scaled):
    data = open_scaled(scaled)
    drawn = [select_examples(data, "rrlyr", class_params(), FEATURES, seed) for seed in (1, 2)]
    assert np.array_equal(drawn[0].test, drawn[1].test)
    assert not np.array_equal(drawn[0].val, drawn[1].val)
    assert len(drawn[0].val) == len(drawn[1].val)


def test_states_side_by_side_are_those_trained_one_after_another(scaled, tmp_path):
    for threads in (1, 3):
        train(nn, task(seeds=[1, 2, 3], threads=threads, epochs=2), scaled, tmp_path / f"{threads}")
    for path in (tmp_path / "1").iterdir():
        assert path.read_bytes() == (tmp_path / "3" / path.name).read_bytes()


def test_calibrated_scores_are_the_mean_of_what_the_card_says_of_each_state(scaled, tmp_path):
    train(boosting, task(calibration="platt"), scaled, tmp_path / "xgb")
    scores = pd.read_parquet(tmp_path / "xgb" / "scores.parquet")
    (known,) = read_card(tmp_path / "xgb").calibrations
    odds = np.log(scores.raw / (1 - scores.raw)) * known["slope"] + known["offset"]
    assert known["kind"] == "platt"
    assert np.allclose(scores.score, 1 / (1 + np.exp(-odds)), atol=1e-5)


def test_the_task_of_a_class_is_read_from_the_parameters_and_the_data(root, scaled, monkeypatch):
    monkeypatch.chdir(root)
    task_read = read_task("rrlyr", scaled)
    assert task_read.params.label == "RR Lyrae"
    assert task_read.features == FEATURES
    assert json.dumps(boosting.settings_of(task_read.training))


@pytest.mark.parametrize(("all_rows", "balance"), [("true", None), ("false", 2.5)])
def test_a_class_is_balanced_unless_all_rows_are_learnt_from(
    all_rows, balance, root, scaled, tmp_path, monkeypatch
):
    compose([f"training.all_rows={all_rows}"], tmp_path / "params.yaml", root)
    monkeypatch.chdir(tmp_path)
    assert read_task("rrlyr", scaled).params.balance == balance


@pytest.mark.parametrize(
    ("n_states", "threads", "expected"),
    [(3, 2, 3), (3, 1, 1), (1, 8, 1), (3, 8, 3), (10, 4, 5), (4, 2, 2), (5, 4, 5), (6, 4, 6)],
)
def test_no_thread_waits_while_a_last_state_is_trained_alone(n_states, threads, expected):
    at_once = states_at_once(n_states, threads)
    assert at_once == expected
    last_round = n_states % at_once or at_once
    assert last_round >= min(n_states, threads)


class Ranking(Constant):
    """An algorithm whose score rises with the first feature, and is no probability."""

    predict = staticmethod(lambda model, f, d, n: expit(f[:, 0] - 1.5).astype(np.float32))


@pytest.mark.parametrize("calibration", ["platt", "isotonic"])
def test_scores_calibrated_on_balanced_rows_add_up_to_the_true_share(tmp_path, calibration):
    data = scaled_data(n_rows=3000, share=0.1)
    write_scaled(data, SCALING, tmp_path / "scaled")
    settings = training_params(calibration=calibration, seeds=[1, 2])
    balanced = Task("rrlyr", class_params(balance=1.0), FEATURES, settings)
    train(Ranking, balanced, tmp_path / "scaled", tmp_path / "dnn")
    tested = pd.read_parquet(tmp_path / "dnn/scores.parquet").query("part == 'test'")
    share = tested.truth.mean()
    assert share == pytest.approx(0.1)
    # Sampling error of the share among the validation rows, doubled for the fit.
    tolerance = 2 * np.sqrt(share * (1 - share) / 1000)
    assert tested.score.mean() == pytest.approx(share, abs=tolerance)
