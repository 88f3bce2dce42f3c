"""Stage train_xgb: train XGBoost for one class, score the rows it did not see."""

from pathlib import Path

from scope.base.stage import run
from scope.models.shared.records import recorded
from scope.models.shared.tasks import read_task
from scope.models.shared.training import train


def main(tag: str, scaled: str, folder: str) -> None:
    """Train class `tag` on the arrays in `scaled`; write models and scores to `folder`."""
    from scope.models.trees import (
        boosting,  # loads OpenMP, which heeds what scope.base.stage has set by now
    )

    with recorded("train_xgb@" + tag, Path(folder)):
        train(boosting, read_task(tag, Path(scaled)), Path(scaled), Path(folder))


if __name__ == "__main__":
    run(main)
