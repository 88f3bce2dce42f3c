"""Stage train_xgb: train XGBoost for one class, score the rows it did not see."""

from pathlib import Path

from scope.records import recorded
from scope.stage import run
from scope.training import read_task, train


def main(tag: str, scaled: str, folder: str) -> None:
    """Train class `tag` on the arrays in `scaled`; write models and scores to `folder`."""
    from scope import boosting  # loads OpenMP, which heeds what scope.stage has set by now

    with recorded("train_xgb@" + tag, Path(folder)):
        train(boosting, read_task(tag, Path(scaled)), Path(scaled), Path(folder))


if __name__ == "__main__":
    run(main)
