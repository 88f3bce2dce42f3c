"""How much faster the pipeline trains and scores than the plain way (benchmarks/plain_training.py).

Both run in turns in one process, on the same rows, batch size, layers and machine; every figure is
a ratio, plain over ours, as the median of the rounds with their range. What is compared:

reading   the d15-form CSV into training arrays
opening   `build/scaled` and taking the rows of a class, against reading that CSV
epoch     one pass over the training rows at batch 64, with the look at the validation rows after it
machine   epochs a minute: states side by side against one model.fit after another
scoring   all light curves by 22 networks, against model.predict
memory    peak of one training process that reads its data and trains for two epochs

With --precision, alone: wall time to the plain way's test average precision after 100 epochs; ours
is the pipeline's training as it is configured, scaling of the features included.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import plain_training as plain
from training_data import Case, Data, case_of, parser_of, prepare
from training_precision import race

from scope.base.params import read_section
from scope.config.dataset import DatasetParams
from scope.config.taxonomy import label_names
from scope.config.training import read_class
from scope.data.feature_table import read_feature_table
from scope.data.fetch import wanted_columns
from scope.models.networks import training as nn
from scope.models.shared.examples import take
from scope.tables.histograms import dmdt_of

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
CORES = len(os.sched_getaffinity(0))
NETWORKS = 22
EPOCHS = 3
Pair = tuple[float, float]


def timed(work: Callable[[], object]) -> float:
    """Return how long something takes [s]."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def read_ours(data: Data, label: str) -> None:
    """Read the CSV as `scope train` does, into float32 arrays."""
    dataset = replace(read_section("dataset", DatasetParams), columns={})
    wanted = wanted_columns(dataset, label_names(dataset), dmdt=True)
    frame = read_feature_table(data.table, dataset, wanted)
    frame[data.names].to_numpy(np.float32)
    frame[label].to_numpy(np.float32)
    dmdt_of(frame)


def reading(data: Data, case: Case) -> Pair:
    """Time both ways of reading the table."""
    label = read_class(case.tag).label
    theirs = timed(lambda: plain.read(data.table, data.names, label))
    return theirs, timed(lambda: read_ours(data, label))


def opening(data: Data, case: Case) -> Pair:
    """Time the start of a training: the CSV, against the scaled arrays."""
    theirs = timed(lambda: plain.read(data.table, data.names, read_class(case.tag).label))
    return theirs, timed(lambda: case_of(data, case.tag, 1))


def epoch(data: Data, case: Case) -> Pair:
    """Time an epoch of one model, compilation left out."""
    table = plain.read(data.table, data.names, read_class(case.tag).label)
    return _plain_epoch(table, case), _our_epochs(case, threads=CORES, states=1)


def machine(data: Data, case: Case) -> Pair:
    """Time an epoch of a model when as many states as cores train side by side."""
    table = plain.read(data.table, data.names, read_class(case.tag).label)
    return _plain_epoch(table, case), _our_epochs(case, threads=1, states=CORES) / CORES


def _plain_epoch(table: plain.Table, case: Case) -> float:
    train, val = table.rows(case.examples.train), table.rows(case.examples.val)
    ends: list[float] = []
    model = plain.network(table.features.shape[1])
    plain.fit(model, train, val, EPOCHS, lambda: ends.append(time.perf_counter()))
    return float(np.mean(np.diff(ends)))


def _our_epochs(case: Case, threads: int, states: int) -> float:
    """Return the time of an epoch [s], the first left out, of the last of several states."""
    training = replace(
        case.training, threads=threads, epochs=EPOCHS, epoch_rows=1, batch_size=plain.BATCH_SIZE
    )
    ends: list[list[float]] = [[] for _ in range(states)]

    def work(state: int) -> None:
        watch = lambda known: ends[state].append(time.perf_counter())  # noqa: E731
        nn.fit(case.training_set, training, state, watch=watch)

    with ThreadPoolExecutor(states) as executor:
        list(executor.map(work, range(states)))
    return max(float(np.mean(np.diff(one))) for one in ends)


def scoring(data: Data, case: Case) -> Pair:
    """Time the scores of all light curves by 22 networks."""
    table = plain.read(data.table, data.names, read_class(case.tag).label)
    models = [plain.network(len(data.names)) for _ in range(NETWORKS)]
    few = replace(case.training, epochs=1, threads=CORES, epoch_rows=1)
    network, _ = nn.fit(case.training_set, few, 1)
    scaled = data.open()
    everything = take(scaled, case.examples, np.arange(len(scaled.ids)))

    def ours() -> None:
        for _ in range(NETWORKS):
            nn.predict(network, everything.features, everything.dmdt, CORES)

    return timed(lambda: [plain.predict(model, table) for model in models]), timed(ours)


def memory(data: Data, case: Case) -> Pair:
    """Return the peak memory [MB] of a process that reads its data and trains for two epochs."""
    plan = {
        "names": data.names,
        "label": read_class(case.tag).label,
        "train": case.examples.train.tolist(),
        "val": case.examples.val.tolist(),
    }
    plan_file = data.folder / "rows.json"
    plan_file.write_text(json.dumps(plan))
    here = Path(__file__).parent
    theirs = [here / "plain_training.py", data.table, plan_file]
    ours = [here / "peak_memory.py", data.folder, case.tag]
    pair = []
    for command in (theirs, ours):
        done = subprocess.run(
            [sys.executable, *map(str, command)], capture_output=True, text=True, check=True
        )
        pair.append(float(done.stdout.split()[-1]))
    return pair[0], pair[1]


PARTS: dict[str, Callable[[Data, Case], Pair]] = {
    one.__name__: one for one in (reading, opening, epoch, machine, scoring, memory)
}


def show(name: str, pairs: list[Pair]) -> None:
    """Print a line of the table: ratio and its range, both sides as they were."""
    ratios = sorted(theirs / ours for theirs, ours in pairs)
    theirs, ours = np.median(pairs, axis=0)
    unit = "MB" if name == "memory" else "s"
    print(
        f"| {name} | {np.median(ratios):.1f} | {ratios[0]:.1f}-{ratios[-1]:.1f} "
        f"| {theirs:.3f} {unit} | {ours:.3f} {unit} |",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--tag", default="e", help="the class, but for --precision")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=PARTS, action="append", help="a part of the table")
    parser.add_argument("--precision", action="store_true", help="the race to the precision, alone")
    parser.add_argument("--states", type=int, default=5, help="of --precision")
    parser.add_argument("--tags", default="i,rrlyr,ea,ceph", help="of --precision")
    arguments = parser.parse_args()
    data = prepare(arguments.folder, arguments.rows, arguments.features)
    if arguments.precision:
        race(data, arguments.tags.split(","), range(1, arguments.states + 1), CORES)
        return
    case = case_of(data, arguments.tag, 1)
    print(f"{len(case.training_set.train.truth)} rows train class {case.tag}; {CORES} cores\n")
    print("| what | plain / ours | range | plain | ours |\n|---|---|---|---|---|")
    for name in arguments.only or PARTS:
        show(name, [PARTS[name](data, case) for _ in range(arguments.rounds)])


if __name__ == "__main__":
    main()
