"""Reading the scores of two models and judging them side by side."""

import csv
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from scope.base.errors import DataError, ModelError
from scope.config.evaluate import EvaluateParams
from scope.evaluation.judging import (
    evaluate,
    plot_tables,
    read_card_of,
    read_history,
    read_scores,
    write_csv,
)
from scope.models.shared.cards import Card, model_digest, write_card

PARAMS = EvaluateParams(
    score_threshold=0.5, bootstrap=20, confidence=0.9, reliability_bins=10, histogram_bins=20
)


def table(n_test=60, n_dropped=30, seed=0):
    rng = np.random.default_rng(seed)
    n = n_test + n_dropped
    truth = (np.arange(n) % 4 == 0) & (np.arange(n) < n_test)
    odds = rng.normal(np.where(truth, 1.5, -1.5), 1.0)
    score, raw = 1 / (1 + np.exp(-odds)), 1 / (1 + np.exp(-3 * odds))
    return {
        "_id": np.arange(n, dtype=np.int64) + 10_487_800_000_001,
        "part": ["test"] * n_test + ["dropped"] * n_dropped,
        "truth": truth.astype(np.int8),
        "score": score.astype(np.float32),
        "raw": raw.astype(np.float32),
        "spread": np.full(n, 0.125, dtype=np.float32),
    }


def stored(folder, columns):
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), folder / "scores.parquet")
    return folder


@pytest.fixture
def scores(tmp_path):
    folders = {
        name: stored(tmp_path / name, table(seed=i)) for i, name in enumerate(["dnn", "xgb"])
    }
    return {name: read_scores(folder) for name, folder in folders.items()}


def test_the_scores_of_each_part_are_read_apart_in_order(tmp_path):
    columns = table()
    parts = read_scores(stored(tmp_path, columns))
    assert parts["test"].ids.tolist() == columns["_id"][:60].tolist()
    assert parts["dropped"].score == pytest.approx(columns["score"][60:])
    assert parts["dropped"].raw == pytest.approx(columns["raw"][60:])
    assert parts["test"].truth.sum() == 15


def test_the_scores_are_read_whatever_their_float_and_text_types(tmp_path):
    columns = table()
    columns["part"] = pa.array(columns["part"]).dictionary_encode()
    columns["score"] = columns["score"].astype(np.float64)
    assert len(read_scores(stored(tmp_path, columns))["test"].ids) == 60


def test_reading_scores_imports_neither_pandas_nor_scikit_learn(root, tmp_path):
    stored(tmp_path, table())
    program = (
        "import sys; from pathlib import Path; from scope.evaluation.judging import read_scores;"
        f"read_scores(Path({str(tmp_path)!r}));"
        "print(sorted({'pandas', 'sklearn', 'tensorflow'} & set(sys.modules)))"
    )
    found = subprocess.check_output([sys.executable, "-c", program], cwd=root, text=True)
    assert found == "[]\n"


def test_a_missing_or_broken_file_of_scores_is_a_data_error(tmp_path):
    with pytest.raises(DataError, match=r"scores.parquet cannot be read .* train the class again"):
        read_scores(tmp_path)
    (tmp_path / "scores.parquet").write_bytes(b"PAR1 half a file")
    with pytest.raises(DataError, match="cannot be read"):
        read_scores(tmp_path)


@pytest.mark.parametrize("name", ["raw", "spread"])
def test_a_missing_column_is_named(tmp_path, name):
    columns = table()
    del columns[name]
    with pytest.raises(DataError, match=name):
        read_scores(stored(tmp_path, columns))


@pytest.mark.parametrize("name", ["score", "raw"])
@pytest.mark.parametrize("value", [float("nan"), 1.5, -0.1, float("inf")])
def test_a_score_outside_zero_to_one_is_refused_with_its_row(tmp_path, name, value):
    columns = table()
    columns[name][7] = value
    refused = rf"{name} has 1 values? outside \[0, 1\].*_id 10487800000008"
    with pytest.raises(DataError, match=refused):
        read_scores(stored(tmp_path, columns))


def test_a_missing_score_is_refused(tmp_path):
    columns = table()
    columns["score"] = pa.array([None, *columns["score"][1:]], type=pa.float32())
    with pytest.raises(DataError, match="cannot be read"):
        read_scores(stored(tmp_path, columns))


def test_the_metrics_of_each_algorithm_are_those_of_its_test_rows_alone(scores):
    metrics = evaluate(scores, PARAMS, seed=1)
    assert (metrics["positives"], metrics["negatives"]) == (15, 45)
    for name in ("dnn", "xgb"):
        test = scores[name]["test"]
        area = roc_auc_score(test.truth, test.score)
        precision = average_precision_score(test.truth, test.score)
        assert metrics[name]["roc_auc"] == pytest.approx(area, abs=1e-6)
        assert metrics[name]["average_precision"] == pytest.approx(precision, abs=1e-6)
        low, high = metrics[name]["roc_auc_low"], metrics[name]["roc_auc_high"]
        assert low <= metrics[name]["roc_auc"] <= high
        assert metrics[name]["mean_spread"] == 0.125


def test_dropped_rows_are_judged_apart_and_have_no_measure_that_needs_both_sides(scores):
    dropped = evaluate(scores, PARAMS, seed=1)["dnn"]["dropped"]
    called = np.count_nonzero(scores["dnn"]["dropped"].score > 0.5)
    assert dropped["fp"] == called
    assert dropped["false_positive_rate"] == pytest.approx(called / 30, abs=1e-6)
    assert dropped["accuracy"] == pytest.approx(1 - called / 30, abs=1e-6)
    needs_both = {"roc_auc", "average_precision", "precision", "recall", "calibration_error"}
    assert not needs_both & set(dropped)


def test_the_brier_score_is_given_before_and_after_calibration_with_intervals(scores):
    metrics = evaluate(scores, PARAMS, seed=1)["dnn"]
    for part, found in (("test", metrics), ("dropped", metrics["dropped"])):
        rows = scores["dnn"][part]
        for name, values in (("brier", rows.score), ("brier_uncalibrated", rows.raw)):
            assert found[name] == pytest.approx(np.mean((values - rows.truth) ** 2), abs=1e-6)
            assert found[f"{name}_low"] < found[name] < found[f"{name}_high"]


def test_without_calibration_both_brier_scores_and_their_intervals_are_the_same(tmp_path):
    columns = table()
    columns["raw"] = columns["score"]
    found = evaluate({"dnn": read_scores(stored(tmp_path, columns))}, PARAMS, seed=1)["dnn"]
    for name in ("brier", "brier_low", "brier_high"):
        assert found[name] == found[name.replace("brier", "brier_uncalibrated")]
    assert found["calibration_error"] == found["calibration_error_uncalibrated"]


def test_the_calibration_error_is_given_before_and_after_calibration(scores):
    found, test = evaluate(scores, PARAMS, seed=1)["dnn"], scores["dnn"]["test"]
    for name, values in (
        ("calibration_error", test.score),
        ("calibration_error_uncalibrated", test.raw),
    ):
        order = np.argsort(values)
        tenths = np.split(order, 10)
        gaps = [abs(values[rows].mean() - test.truth[rows].mean()) for rows in tenths]
        assert found[name] == pytest.approx(np.mean(gaps), abs=1e-6)


def test_the_spread_of_rows_called_rightly_and_wrongly_is_told_apart(tmp_path):
    columns = table()
    wrong = (columns["score"] > 0.5) != (columns["truth"] == 1)
    columns["spread"] = np.where(wrong, 0.25, 0.0625).astype(np.float32)
    found = evaluate({"dnn": read_scores(stored(tmp_path, columns))}, PARAMS, seed=1)["dnn"]
    assert (found["spread_right"], found["spread_wrong"]) == (0.0625, 0.25)
    assert found["mean_spread"] == pytest.approx(0.0625 + 0.1875 * wrong[:60].mean(), abs=1e-6)


def test_where_no_row_is_called_wrongly_there_is_no_spread_of_such_rows(tmp_path):
    columns = table()
    columns["score"] = np.where(columns["truth"] == 1, 0.9, 0.1).astype(np.float32)
    metrics = evaluate({"dnn": read_scores(stored(tmp_path, columns))}, PARAMS, seed=1)
    assert metrics["dnn"]["spread_wrong"] is None


def test_without_dropped_rows_there_is_no_such_entry(tmp_path):
    parts = read_scores(stored(tmp_path, table(n_dropped=0)))
    assert "dropped" not in evaluate({"dnn": parts}, PARAMS, seed=1)["dnn"]


def test_metrics_are_json_without_nan_even_where_nothing_is_called_positive(tmp_path):
    columns = table()
    columns["score"] *= np.float32(0.1)
    metrics = evaluate({"dnn": read_scores(stored(tmp_path, columns))}, PARAMS, seed=1)
    assert json.loads(json.dumps(metrics, allow_nan=False))["dnn"]["precision"] is None


def test_algorithms_tested_on_different_rows_are_refused(scores):
    test = scores["xgb"]["test"]
    scores["xgb"]["test"] = replace(test, ids=test.ids[::-1])
    with pytest.raises(DataError, match="dnn and xgb were tested on different rows"):
        evaluate(scores, PARAMS, seed=1)


@pytest.mark.parametrize(("side", "found"), [(0, "0 positives among 60"), (1, "60 positives")])
def test_a_test_split_of_one_side_is_refused(tmp_path, side, found):
    columns = table()
    columns["truth"][:] = side
    parts = read_scores(stored(tmp_path, columns))
    with pytest.raises(DataError, match=found):
        evaluate({"dnn": parts}, PARAMS, seed=1)


def test_every_plot_shows_both_algorithms_in_few_rows(scores):
    losses = [{"seed": "1", "part": "training", "pass": 1, "loss": 0.5}]
    tables = plot_tables(scores, {"dnn": losses, "xgb": losses}, PARAMS)
    drawn = {"precision_recall", "roc", "confusion", "histogram", "reliability", "spread"}
    assert set(tables) == {*drawn, "training"}
    for rows in tables.values():
        assert {row["algorithm"] for row in rows} == {"dnn", "xgb"}
        assert len({tuple(row) for row in rows}) == 1
        assert len(rows) <= 400


def test_the_reliability_plot_shows_the_scores_before_and_after_calibration(scores):
    losses = [{"seed": "1", "part": "training", "pass": 1, "loss": 0.5}]
    tables = plot_tables(scores, {"dnn": losses, "xgb": losses}, PARAMS)
    means = {"calibrated": scores["xgb"]["test"].score, "uncalibrated": scores["xgb"]["test"].raw}
    for name, values in means.items():
        rows = [
            row
            for row in tables["reliability"]
            if row["algorithm"] == "xgb" and row["scores"] == name
        ]
        total = sum(row["mean_score"] * row["count"] for row in rows)
        assert total == pytest.approx(values.sum(), abs=1e-3)


def test_a_written_table_reads_back(tmp_path):
    write_csv([{"algorithm": "dnn", "count": 3, "share": 0.25}], tmp_path / "new" / "a.csv")
    with (tmp_path / "new" / "a.csv").open(newline="") as file:
        assert list(csv.DictReader(file)) == [{"algorithm": "dnn", "count": "3", "share": "0.25"}]


@pytest.fixture
def model(tmp_path):
    """The folder of a model of class ea."""
    (tmp_path / "model.json").write_text("trees")
    digest = model_digest([tmp_path / "model.json"], ["period"], "s1", [])
    card = Card("ea", "EA", 0.7, ["period"], ["model.json"], [], "s1", {}, digest)
    write_card(card, tmp_path)
    return tmp_path


def test_the_digest_is_that_of_the_card_and_of_the_model_it_describes(model):
    digest = json.loads((model / "card.json").read_text())["digest"]
    assert read_card_of(model, "ea").digest == digest
    (model / "model.json").write_text("other trees")
    with pytest.raises(ModelError, match="differs"):
        read_card_of(model, "ea")


def test_the_model_of_another_class_is_refused(model):
    with pytest.raises(ModelError, match="holds a model of ea, not vnv"):
        read_card_of(model, "vnv")


def test_a_folder_without_a_card_is_a_model_error(tmp_path):
    with pytest.raises(ModelError, match=r"card.json"):
        read_card_of(tmp_path, "vnv")


def test_the_losses_of_each_seed_are_counted_from_one_by_part(tmp_path):
    lines = ["seed,round,loss,val_loss", "1,0,0.5,0.6", "1,1,0.25,0.5", "7,0,0.75,0.125"]
    (tmp_path / "history.csv").write_text("\n".join(lines) + "\n")
    found = [tuple(row.values()) for row in read_history(tmp_path)]
    assert found == [
        ("1", "training", 1, 0.5),
        ("1", "validation", 1, 0.6),
        ("1", "training", 2, 0.25),
        ("1", "validation", 2, 0.5),
        ("7", "training", 1, 0.75),
        ("7", "validation", 1, 0.125),
    ]


def test_a_long_history_is_thinned_and_keeps_its_first_and_last_pass(tmp_path):
    lines = ["seed,round,loss,val_loss", *(f"1,{i},0.5,0.6" for i in range(1000))]
    (tmp_path / "history.csv").write_text("\n".join(lines))
    passes = [row["pass"] for row in read_history(tmp_path) if row["part"] == "training"]
    assert (len(passes), passes[0], passes[-1]) == (200, 1, 1000)


@pytest.mark.parametrize("text", [None, "seed,loss\n1,0.5\n", "seed,loss,val_loss\n1,x,0.5\n"])
def test_a_history_without_losses_is_a_data_error(tmp_path, text):
    if text is not None:
        (tmp_path / "history.csv").write_text(text)
    with pytest.raises(DataError, match=r"history.csv holds no losses.*train"):
        read_history(tmp_path)
