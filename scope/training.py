"""Training of one classifier: choose the rows, train a model a seed, score what it did not see."""

import csv
import logging
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scope.cards import Card, file_digest, model_digest, write_card
from scope.errors import ConfigError
from scope.examples import Examples, Lesson, lesson_of, select_examples, take
from scope.files import atomic_dir
from scope.params import ClassParams, TrainingParams, read_class, read_section
from scope.scaled import SCALING_FILE, ScaledData, open_scaled

HISTORY_FILE = "history.csv"
SCORES_FILE = "scores.parquet"
SCORED_AT_ONCE = 1024  # rows; bounds the memory

logger = logging.getLogger(__name__)

History = list[dict[str, float]]


class Algorithm(Protocol):
    """What scope.nn and scope.boosting have in common; a model is passed back unseen."""

    def seeds_of(self, params: TrainingParams) -> list[int]:
        """Return the seeds to train, a model each."""

    def settings_of(self, params: TrainingParams) -> dict[str, Any]:
        """Return the parameters that the models depend on."""

    def file_name(self, seed: int) -> str:
        """Return the name of the file of one model."""

    def fit(self, lesson: Lesson, params: TrainingParams, seed: int) -> tuple[Any, History]:
        """Return a trained model and its losses, round by round."""

    def predict(
        self,
        model: Any,
        features: NDArray[np.float32],
        dmdt: NDArray[np.float32],
        batch_size: int,
    ) -> NDArray[np.float32]:
        """Return the score of each row."""

    def save(self, model: Any, path: Path) -> None:
        """Write a model."""

    def load(self, path: Path, threads: int) -> Any:
        """Read a model."""


@dataclass(frozen=True)
class Task:
    """One classifier to train: its class, its features in order, how, and the seed of its rows."""

    tag: str
    params: ClassParams
    features: list[str]
    training: TrainingParams
    seed: int


def read_task(tag: str, scaled: Path) -> Task:
    """Return the task of one class from params.yaml and the scaled data it is to learn from.

    Raises
    ------
    ConfigError : the parameters are wrong, or name a feature set that the scaled data lack
    """
    params = read_class(tag)
    sets = open_scaled(scaled).feature_sets
    if params.features not in sets:
        raise ConfigError(
            f"training.classes.{tag}.features: {params.features!r} is no feature set; choose "
            f"among {', '.join(sets)}"
        )
    training = read_section("training", TrainingParams)
    if not training.seeds:
        raise ConfigError("training.seeds is empty; give at least one seed")
    return Task(tag, params, sets[params.features], training, read_section("seed", int))


def train(algorithm: Algorithm, task: Task, scaled: Path, folder: Path) -> None:
    """Train a model a seed; write models, history, scores of unseen rows and card to `folder`.

    Parameters
    ----------
    algorithm : the module scope.nn or scope.boosting
    scaled : the folder that scope.scaled.write_scaled wrote
    folder : replaced as a whole, once all seeds have been trained

    Raises
    ------
    DataError : the data cannot be read, or a split lacks positives or negatives
    ModelError : training fails
    """
    data = open_scaled(scaled)
    examples = select_examples(data, task.tag, task.params, task.features, task.seed)
    lesson = lesson_of(data, examples)
    unseen = take(data, examples, np.concatenate([examples.test, examples.dropped]))
    histories: dict[int, History] = {}
    scores = []
    with atomic_dir(folder) as temporary:
        for seed in algorithm.seeds_of(task.training):
            started = time.monotonic()
            model, histories[seed] = algorithm.fit(lesson, task.training, seed)
            algorithm.save(model, temporary / algorithm.file_name(seed))
            scores.append(algorithm.predict(model, unseen.features, unseen.dmdt, SCORED_AT_ONCE))
            n_test = len(examples.test)
            area = _area(scores[-1][:n_test], unseen.truth[:n_test])
            _log(task.tag, seed, histories[seed], area, time.monotonic() - started)
        _write_history(histories, temporary / HISTORY_FILE)
        _write_scores(data, examples, np.array(scores), temporary / SCORES_FILE)
        write_card(_card(algorithm, task, file_digest(scaled / SCALING_FILE), temporary), temporary)


def _area(scores: NDArray[np.float32], truth: NDArray[np.float32]) -> float:
    """Return the area under the ROC curve: how often a positive outscores a negative."""
    negatives = np.sort(scores[truth == 0])
    below = [np.searchsorted(negatives, scores[truth > 0], side) for side in ("left", "right")]
    return float(np.mean(below) / len(negatives))


def _log(tag: str, seed: int, history: History, area: float, seconds: float) -> None:
    best = min(one["val_loss"] for one in history)
    logger.info(
        "%s, seed %d: %d rounds, validation loss %.4f, test ROC AUC %.4f, %.1f s",
        *(tag, seed, len(history), best, area, seconds),
    )


def _write_history(histories: dict[int, History], path: Path) -> None:
    """Write one row a seed and round: losses in training and validation."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number, (seed, history) in enumerate(histories.items()):
            if number == 0:
                writer.writerow(["seed", "round", *history[0]])
            for round_number, one in enumerate(history, start=1):
                writer.writerow([seed, round_number, *(f"{value:.7g}" for value in one.values())])


def _write_scores(
    data: ScaledData, examples: Examples, scores: NDArray[np.float32], path: Path
) -> None:
    """Write the mean score, and its spread over the seeds (rows of `scores`), of unseen rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = np.concatenate([examples.test, examples.dropped])
    parts = ["test"] * len(examples.test) + ["dropped"] * len(examples.dropped)
    table = pa.table(
        {
            "_id": np.asarray(data.ids[rows]),
            "part": pa.array(parts, pa.string()),
            "truth": examples.truth[rows].astype(np.int8),
            "score": scores.mean(axis=0, dtype=np.float32),
            "spread": scores.std(axis=0, dtype=np.float32),
        }
    )
    pq.write_table(table, path, compression="zstd")


def _card(algorithm: Algorithm, task: Task, scaling: str, folder: Path) -> Card:
    files = [algorithm.file_name(seed) for seed in algorithm.seeds_of(task.training)]
    return Card(
        tag=task.tag,
        label=task.params.label,
        threshold=task.params.threshold,
        features=task.features,
        files=files,
        scaling=scaling,
        params={**asdict(task.params), **algorithm.settings_of(task.training)},
        digest=model_digest([folder / name for name in files], task.features, scaling),
    )
