"""Training of one classifier: choose the rows, train a model a seed, score what it did not see."""

import csv
import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from scope.base.cores import cores
from scope.base.files import atomic_dir
from scope.models.shared.algorithm import Algorithm, History
from scope.models.shared.calibration import Calibration, learn, natural_weights
from scope.models.shared.cards import (
    HISTORY_FILE,
    SCORES_FILE,
    Card,
    file_digest,
    model_digest,
    write_card,
)
from scope.models.shared.examples import select_examples, take, training_set_of
from scope.models.shared.measures import area_under_roc
from scope.models.shared.scaled import SCALING_FILE, ScaledData, open_scaled
from scope.models.shared.tasks import Task

logger = logging.getLogger(__name__)


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


def train(algorithm: Algorithm, task: Task, scaled: Path, folder: Path) -> None:
    """Train a model a seed; write models, history, scores of unseen rows and card to `folder`.

    A seed is a random state: each redraws the validation split and what balancing keeps, never the
    test split. States are trained side by side where there are threads for several.

    Parameters
    ----------
    algorithm : the module scope.models.networks.training or scope.models.trees.boosting
    scaled : the folder that scope.models.shared.scaled.write_scaled wrote
    folder : replaced as a whole, once all seeds have been trained

    Raises
    ------
    DataError : the data cannot be read, or a split lacks positives or negatives
    ModelError : training fails
    """
    data = open_scaled(scaled)
    seeds = algorithm.seeds_of(task.training)
    threads = cores(task.training.threads)
    at_once = states_at_once(len(seeds), threads)
    each = replace(task, training=replace(task.training, threads=max(1, threads // at_once)))
    with atomic_dir(folder) as temporary, ThreadPoolExecutor(at_once) as executor:
        work = partial(_train_state, algorithm, each, data, temporary)
        states = list(executor.map(work, seeds))
        _write_history(states, temporary / HISTORY_FILE)
        _write_scores(data, states, temporary / SCORES_FILE)
        card = _card(algorithm, task, states, file_digest(scaled / SCALING_FILE), temporary)
        write_card(card, temporary)


def states_at_once(n_states: int, threads: int) -> int:
    """Return how many states are trained side by side: all threads busy until the end.

    Two threads that train three states two at a time leave one of them idle during the third,
    which takes a third longer than all three at once; so the states of each round share it out.
    """
    rounds = max(1, n_states // threads)
    return -(-n_states // rounds)


def _train_state(
    algorithm: Algorithm, task: Task, data: ScaledData, folder: Path, seed: int
) -> State:
    started = time.monotonic()
    examples = select_examples(data, task.tag, task.params, task.features, seed)
    training_set, threads = training_set_of(data, examples), task.training.threads
    model, history = algorithm.fit(training_set, task.training, seed)
    algorithm.save(model, folder / algorithm.file_name(seed))
    val = algorithm.predict(model, training_set.val.features, training_set.val.dmdt, threads)
    weight = natural_weights(training_set.val.truth > 0, *examples.val_mix)
    calibration = learn(task.training.calibration, val, training_set.val.truth > 0, weight)
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
