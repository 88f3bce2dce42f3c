"""Stage evaluate: judge both models of one class on the test split; metrics, plots, manifest."""

from pathlib import Path

from scope.evaluation import (
    evaluate,
    plot_tables,
    read_digest,
    read_history,
    read_scores,
    write_csv,
)
from scope.files import write_json
from scope.params import EvaluateParams, read_section
from scope.stage import run


def main(tag: str, dnn_dir: str, xgb_dir: str, out_dir: str, manifest: str) -> None:
    """Write metrics.json and plots/ below `out_dir`, the digests of both models to `manifest`."""
    params = read_section("evaluate", EvaluateParams)
    seed = read_section("seed", int)
    folders = {"dnn": Path(dnn_dir), "xgb": Path(xgb_dir)}
    digests = {algorithm: read_digest(folder, tag) for algorithm, folder in folders.items()}
    scores = {algorithm: read_scores(folder) for algorithm, folder in folders.items()}
    histories = {algorithm: read_history(folder) for algorithm, folder in folders.items()}
    write_json(evaluate(scores, params, seed), Path(out_dir) / "metrics.json")
    for name, rows in plot_tables(scores, histories, params).items():
        write_csv(rows, Path(out_dir) / "plots" / f"{name}.csv")
    write_json({"tag": tag, **digests}, Path(manifest))


if __name__ == "__main__":
    run(main)
