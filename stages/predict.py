"""Stage predict: score the catalogue by the models of all classes."""

from pathlib import Path

from scope.base.params import read_section
from scope.base.stage import run
from scope.config.predict import PredictParams
from scope.data.scaling import Scaling
from scope.models.prediction import Work, load_classifiers, predict_catalogue
from scope.models.shared.scaled import SCALING_FILE


def main(catalogue: str, scaled: str, models: str, out: str) -> None:
    """Write the scores of the rows of `catalogue` by the models in `models` to `out`."""
    params = read_section("predict", PredictParams)
    tags = read_section("classes", list[str])
    threads = read_section("training.threads", int)
    scaling = Path(scaled) / SCALING_FILE
    classifiers = load_classifiers(Path(models), tags, scaling)
    learnt = Scaling.from_json(scaling)
    work = Work(params.rows_at_once, threads)
    predict_catalogue(Path(catalogue), classifiers, learnt, Path(out), work)


if __name__ == "__main__":
    run(main)
