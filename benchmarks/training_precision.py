"""The race to the plain way's precision, a part of benchmarks/training.py.

The plain way trains for 100 epochs, as the older tool, on rows balanced as it does. Ours has the
same rows, the pipeline's scaling and its default training; it is run for 1, 2, 3, ... epochs, each
time from the start, until what it keeps (the weights best for the validation rows) is as precise on
the test rows. The time of that last run counts, and beside it that of a whole training.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import plain_training as plain
from sklearn.metrics import average_precision_score
from training_data import Case, Data, case_of

from scope.config.training import read_class
from scope.models.networks import training as nn
from scope.models.shared.examples import Part, take

EPOCHS = 100
TRIED = (1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40)  # epochs of ours


def race(data: Data, tags: Sequence[str], states: Iterable[int], threads: int) -> None:
    """Print, state by state and class by class, the time of both ways to the same precision."""
    print("\n| class | state | plain AP | plain | ours to it | epochs | ratio | ours AP, whole | |")
    print("|---|---|---|---|---|---|---|---|---|")
    ratios = []
    for state in states:
        for tag in tags:
            case = case_of(data, tag, state)
            test = take(data.open(), case.examples, case.examples.test)
            wanted, plain_seconds = _plain(data, case, state)
            epochs, seconds = _until(case, test, wanted, state, threads)
            kept, whole = _ours(case, test, state, case.training.epochs, threads)
            ratios.append(plain_seconds / seconds)
            print(
                f"| {tag} | {state} | {wanted:.3f} | {plain_seconds:.1f} s | {seconds:.2f} s "
                f"| {epochs} | {ratios[-1]:.0f} | {kept:.3f} | {whole:.1f} s |",
                flush=True,
            )
    print(f"\nmedian ratio {np.median(ratios):.0f}, {min(ratios):.0f}-{max(ratios):.0f}")


def _plain(data: Data, case: Case, state: int) -> tuple[float, float]:
    """Return the test average precision after 100 epochs and the time to it [s]."""
    plain.keras.utils.set_random_seed(state)
    table = plain.read(data.table, data.names, read_class(case.tag).label)
    truth = case.examples.truth[case.examples.test]
    table = plain.Table(table.features, table.dmdt, case.examples.truth.astype(np.float32))
    rows = case.examples
    train, val, test = (table.rows(part) for part in (rows.train, rows.val, rows.test))
    started = time.perf_counter()
    model = plain.network(len(data.names))
    plain.fit(model, train, val, EPOCHS)
    taken = time.perf_counter() - started
    return float(average_precision_score(truth, plain.predict(model, test))), taken


def _until(case: Case, test: Part, wanted: float, state: int, threads: int) -> tuple[int, float]:
    """Return epochs and time [s] until the precision is reached; infinite where it is not."""
    for epochs in TRIED:
        precision, taken = _ours(case, test, state, epochs, threads)
        if precision >= wanted:
            return epochs, taken
    return TRIED[-1], np.inf


def _ours(case: Case, test: Part, state: int, epochs: int, threads: int) -> tuple[float, float]:
    started = time.perf_counter()
    training = replace(case.training, epochs=epochs, threads=threads)
    network, _ = nn.fit(case.training_set, training, state)
    taken = time.perf_counter() - started
    scores = nn.predict(network, test.features, test.dmdt, threads)
    return float(average_precision_score(test.truth, scores)), taken
