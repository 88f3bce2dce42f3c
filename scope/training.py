"""Training of one classifier: choose the rows, train a model a seed, score what it did not see."""

import csv
import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scope.calibration import Calibration, learn, natural_weights
from scope.cards import Card, file_digest, model_digest, write_card
from scope.cores import cores
from scope.errors import ConfigError
from scope.examples import Lesson, lesson_of, select_examples, take
from scope.files import atomic_dir
from scope.metrics import area_under_roc
from scope.params import ClassParams, TrainingParams, read_class, read_section
from scope.scaled import SCALING_FILE, ScaledData, open_scaled

HISTORY_FILE = "history.csv"
SCORES_FILE = "scores.parquet"

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
        threads: int,
    ) -> NDArray[np.float32]:
        """Return the score of each row."""

    def save(self, model: Any, path: Path) -> None:
        """Write a model."""

    def load(self, path: Path) -> Any:
        """Read a model."""


@dataclass(frozen=True)
class Task:
    """One classifier to train: its class, its features in order, and how."""

    tag: str
    params: ClassParams
    features: list[str]
    training: TrainingParams


@dataclass(frozen=True)
class State:
    """What came of one random state.

    Attributes
    ----------
    history : losses, round by round
    calibration : of the scores, learnt on this state's validation rows
    unseen : rows that this state neither learnt from nor stopped by, those of the test split first
    n_test : how many of `unseen` are of the test split
    truth, scores : of `unseen`; the scores as the model gives them
    """

    seed: int
    history: History
    calibration: Calibration
    unseen: NDArray[np.int64]
    n_test: int
    truth: NDArray[np.bool_]
    scores: NDArray[np.float32]


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
    if training.all_rows:
        params = replace(params, balance=None)
    return Task(tag, params, sets[params.features], training)


def train(algorithm: Algorithm, task: Task, scaled: Path, folder: Path) -> None:
    """Train a model a seed; write models, history, scores of unseen rows and card to `folder`.

    A seed is a random state: each redraws the validation split and what balancing keeps, never the
    test split. States are trained side by side where there are threads for several.

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
    seeds = algorithm.seeds_of(task.training)
    threads = cores(task.training.threads)
    abreast = max(1, min(threads, len(seeds)))
    alone = replace(task, training=replace(task.training, threads=threads // abreast))
    with atomic_dir(folder) as temporary, ThreadPoolExecutor(abreast) as executor:
        work = partial(_train_state, algorithm, alone, data, temporary)
        states = list(executor.map(work, seeds))
        _write_history(states, temporary / HISTORY_FILE)
        _write_scores(data, states, temporary / SCORES_FILE)
        card = _card(algorithm, task, states, file_digest(scaled / SCALING_FILE), temporary)
        write_card(card, temporary)


def _train_state(
    algorithm: Algorithm, task: Task, data: ScaledData, folder: Path, seed: int
) -> State:
    started = time.monotonic()
    examples = select_examples(data, task.tag, task.params, task.features, seed)
    lesson, threads = lesson_of(data, examples), task.training.threads
    model, history = algorithm.fit(lesson, task.training, seed)
    algorithm.save(model, folder / algorithm.file_name(seed))
    val = algorithm.predict(model, lesson.val.features, lesson.val.dmdt, threads)
    weight = natural_weights(lesson.val.truth > 0, *examples.val_mix)
    calibration = learn(task.training.calibration, val, lesson.val.truth > 0, weight)
    unseen = np.concatenate([examples.test, examples.dropped])
    part = take(data, examples, unseen)
    scores = algorithm.predict(model, part.features, part.dmdt, threads)
    truth, n_test = part.truth > 0, len(examples.test)
    area = area_under_roc(truth[:n_test], scores[:n_test])
    logger.info(
        "%s, seed %d: %d rounds, validation loss %.4f, test ROC AUC %.4f, %.1f s",
        *(task.tag, seed, len(history), min(one["val_loss"] for one in history)),
        *(area, time.monotonic() - started),
    )
    return State(seed, history, calibration, unseen, n_test, truth, scores)


def _write_history(states: Sequence[State], path: Path) -> None:
    """Write one row a seed and round: what the algorithm says of it."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["seed", "round", *states[0].history[0]])
        for state in states:
            for number, one in enumerate(state.history, start=1):
                writer.writerow([state.seed, number, *(f"{value:.7g}" for value in one.values())])


def _write_scores(data: ScaledData, states: Sequence[State], path: Path) -> None:
    """Write the scores of the rows that at least one state has not seen, the tested rows first.

    A score is the mean over the states that have not seen the row (all, in the test split), the
    spread their standard deviation.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    n_test = states[0].n_test
    dropped = np.unique(np.concatenate([state.unseen[n_test:] for state in states]))
    rows = np.concatenate([states[0].unseen[:n_test], dropped])
    truth = np.zeros(len(data.ids), np.int8)
    table = np.full((2, len(states), len(data.ids)), np.nan, np.float32)
    for number, state in enumerate(states):
        truth[state.unseen] = state.truth
        table[0, number, state.unseen] = state.calibration.apply(state.scores)
        table[1, number, state.unseen] = state.scores
    score, raw = table[:, :, rows]
    parts = ["test"] * n_test + ["dropped"] * (len(rows) - n_test)
    columns = {
        "_id": np.asarray(data.ids[rows]),
        "part": pa.array(parts, pa.string()),
        "truth": truth[rows],
        "score": np.nanmean(score, axis=0, dtype=np.float32),
        "raw": np.nanmean(raw, axis=0, dtype=np.float32),
        "spread": np.nanstd(score, axis=0, dtype=np.float32),
    }
    pq.write_table(pa.table(columns), path, compression="zstd")


def _card(
    algorithm: Algorithm, task: Task, states: Sequence[State], scaling: str, folder: Path
) -> Card:
    files = [algorithm.file_name(state.seed) for state in states]
    calibrations = [state.calibration.to_dict() for state in states]
    return Card(
        tag=task.tag,
        label=task.params.label,
        threshold=task.params.threshold,
        features=task.features,
        files=files,
        calibrations=calibrations,
        scaling=scaling,
        params={**asdict(task.params), **algorithm.settings_of(task.training)},
        digest=model_digest(
            [folder / name for name in files], task.features, scaling, calibrations
        ),
    )
