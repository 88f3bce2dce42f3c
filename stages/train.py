"""Stage train: train ScopeNet for one class, score the rows it did not see."""

from pathlib import Path

from scope import nn
from scope.records import recorded
from scope.stage import run
from scope.training import read_task, train


def main(tag: str, scaled: str, folder: str) -> None:
    """Train class `tag` on the arrays in `scaled`; write models and scores to `folder`."""
    with recorded("train@" + tag, Path(folder)):
        train(nn, read_task(tag, Path(scaled)), Path(scaled), Path(folder))


if __name__ == "__main__":
    run(main)
