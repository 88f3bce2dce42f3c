"""Stage evaluate: judge both models of one class on the test split; metrics and plots."""

from pathlib import Path

from scope.base.constants import ALGORITHMS
from scope.base.files import atomic_dir, write_json
from scope.base.params import read_section
from scope.base.stage import run
from scope.config.evaluate import EvaluateParams
from scope.evaluation.documents import document, importance
from scope.evaluation.judging import (
    evaluate,
    plot_tables,
    read_card_of,
    read_history,
    read_scores,
    write_csv,
)


def main(tag: str, models: str, reports: str, judged: str) -> None:
    """Judge the models of class `tag` below the folder `models`.

    Writes metrics.json and plots/ to `reports`/`tag`, all that is known of it below `judged`.
    """
    params = read_section("evaluate", EvaluateParams)
    seed = read_section("seed", int)
    folders = {algorithm: Path(models) / tag / algorithm for algorithm in ALGORITHMS}
    cards = {algorithm: read_card_of(folder, tag) for algorithm, folder in folders.items()}
    scores = {algorithm: read_scores(folder) for algorithm, folder in folders.items()}
    histories = {algorithm: read_history(folder) for algorithm, folder in folders.items()}
    metrics = evaluate(scores, params, seed)
    tables = plot_tables(scores, histories, params)
    tables["importance"] = importance(folders["xgb"], cards["xgb"])
    write_json(metrics, Path(reports) / tag / "metrics.json")
    with atomic_dir(Path(reports) / tag / "plots") as temporary:
        for name, rows in tables.items():
            write_csv(rows, temporary / f"{name}.csv")
    write_json(document(cards, scores, metrics, tables), Path(judged) / f"{tag}.json")


if __name__ == "__main__":
    run(main)
