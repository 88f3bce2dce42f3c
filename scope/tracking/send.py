"""Sending the entries that wait: a run a class, within it a run a random state."""

import logging
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from scope.base.errors import DataError
from scope.tracking.entry import Entry, State
from scope.tracking.errors import TrackingError
from scope.tracking.figure import draw
from scope.tracking.queue import remove, sole_sender, waiting
from scope.tracking.registry import register
from scope.tracking.store import Store, shown, store_uri

IDENTITY = "scope.identity"
EXPERIMENTS = "dvc.experiments"
OTHERS_TURN_S = 5.0  # to wait for another process that sends
AT_ONCE = 500  # metrics in a call; MLflow takes 1000
PARAMS_AT_ONCE = 100

logger = logging.getLogger(__name__)
T = TypeVar("T")


def sync(queue: Path, tree: Path) -> int:
    """Send what is on the queue to the store of `tree`; return how many entries are left.

    Never fails because of the store: what cannot be sent stays, and a warning says so.
    """
    if not waiting(queue):
        return 0
    uri = store_uri(tree)
    with sole_sender(queue, OTHERS_TURN_S) as alone:
        if not alone:
            logger.info("another process is sending to MLflow; it takes this run's entries, too")
            return len(waiting(queue))
        try:
            _send_all(queue, Store(uri, tree))
        except TrackingError as error:
            logger.warning(
                "MLflow: %s; %d entries are kept in %s, and sent by the next run or by "
                "`scope track sync`",
                *(error, len(waiting(queue)), queue),
            )
    return len(waiting(queue))


def _send_all(queue: Path, store: Store) -> None:
    refused: set[str] = set()
    sent = 0
    # Others may put entries on the queue meanwhile.
    while left := [one for one in waiting(queue) if one.name not in refused]:
        for folder in left:
            try:
                entry = Entry.from_folder(folder)
                sent += send(store, entry, folder)
                remove(folder)
            except DataError as error:
                logger.warning("MLflow: %s", error)
                refused.add(folder.name)
            except TrackingError as error:
                store.experiment("Default")  # raises where it is the store and not the entry
                logger.warning("MLflow: %s; %s is kept in %s", error, folder.name, queue)
                refused.add(folder.name)
    logger.info("MLflow: %d classes recorded in %s", sent, shown(store.uri))


def send(store: Store, entry: Entry, folder: Path) -> bool:
    """Send an entry; False where the store has it. What an attempt cut off has left is replaced."""
    experiment = store.experiment(entry.experiment)
    wanted = f"tags.`{IDENTITY}` = '{entry.identity}'"
    found = store.call(store.client.search_runs, [experiment], wanted)
    parents = [run for run in found if "mlflow.parentRunId" not in run.data.tags]
    complete = [run for run in parents if run.info.status == "FINISHED"]
    if complete:
        _name_experiment(store, complete[0].info.run_id, complete[0].data.tags, entry)
        return False
    # Not finished, so an attempt that was cut off: it is made anew, as MLflow appends only.
    for run in found:
        store.call(store.client.delete_run, run.info.run_id)
    run_id = _start(store, experiment, entry)
    _log_figures(store, run_id, entry)
    for state in entry.states:
        _send_state(store, experiment, run_id, state, entry)
    for table in sorted((folder / "plots").iterdir()):
        store.upload(run_id, table, "plots")
    with tempfile.TemporaryDirectory() as temporary:
        picture = Path(temporary) / f"{entry.tag}.png"
        draw(folder / "plots", entry, picture)
        store.upload(run_id, picture, "plots")
    # Before the run ends: one that is FINISHED counts as complete in the next attempt.
    register(store, run_id, entry, folder)
    store.call(store.client.set_terminated, run_id)
    return True


def _start(store: Store, experiment: str, entry: Entry) -> str:
    started = min((one.record["started"] for one in entry.states if one.record), default=None)
    tags = _tags(entry) | {IDENTITY: entry.identity, "class": entry.tag, "label": entry.label}
    tags |= {"split": entry.split}
    if "dvc.experiment" in entry.tags:
        tags[EXPERIMENTS] = entry.tags["dvc.experiment"]
    run = store.call(
        store.client.create_run,
        experiment,
        start_time=int(1000 * (started or time.time())),
        tags=tags,
        run_name=_run_name(entry),
    )
    return str(run.info.run_id)


def _run_name(entry: Entry) -> str:
    name = entry.tags.get("dvc.experiment")
    return f"{entry.tag} ({name})" if name else entry.tag


def _tags(entry: Entry) -> dict[str, str]:
    return {**entry.tags, "mlflow.source.git.commit": entry.tags.get("git.commit", "unknown")}


def _log_figures(store: Store, run_id: str, entry: Entry) -> None:
    # mlflow takes seconds to load; here it is loaded already, by Store.
    from mlflow.entities import Metric, Param

    # MLflow counts time in milliseconds.
    now = int(1000 * time.time())
    metrics = [Metric(name, value, now, 0) for name, value in entry.metrics.items()]
    # MLflow refuses longer values; lists of features can be that long.
    params = [Param(name, value[:6000]) for name, value in entry.params.items()]
    for part in _batched(params, PARAMS_AT_ONCE):
        store.call(store.client.log_batch, run_id, params=part)
    for some in _batched(metrics, AT_ONCE):
        store.call(store.client.log_batch, run_id, metrics=some)


def _send_state(store: Store, experiment: str, parent: str, state: State, entry: Entry) -> None:
    from mlflow.entities import Metric, Param

    started = state.record.get("started", time.time())
    tags = _tags(entry) | {"mlflow.parentRunId": parent, IDENTITY: entry.identity}
    tags |= {"dvc.stage": state.stage, "class": entry.tag, "model": entry.digests[state.algorithm]}
    run = store.call(
        store.client.create_run,
        experiment,
        start_time=int(1000 * started),
        tags=tags,
        run_name=f"{entry.tag} {state.algorithm} {state.seed}",
    )
    run_id = run.info.run_id
    params = [Param("algorithm", state.algorithm), Param("seed", state.seed)]
    spent = {
        f"{name}_stage": state.record[name] for name in ("seconds", "peak_mib") if state.record
    }
    store.call(
        store.client.log_batch,
        run_id,
        params=params,
        metrics=[Metric(name, value, int(1000 * started), 0) for name, value in spent.items()],
    )
    rounds = list(_rounds(state.figures))
    for some in _batched(rounds, AT_ONCE):
        metrics = [Metric(name, value, int(1000 * started), step) for name, value, step in some]
        store.call(store.client.log_batch, run_id, metrics=metrics)
    ended = int(1000 * (started + state.record["seconds"])) if state.record else None
    store.call(store.client.set_terminated, run_id, end_time=ended)


def _rounds(figures: Mapping[str, Iterable[float]]) -> Iterator[tuple[str, float, int]]:
    for name, values in figures.items():
        for step, value in enumerate(values, start=1):
            yield name, value, step


def _batched(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def _name_experiment(store: Store, run_id: str, tags: Mapping[str, str], entry: Entry) -> None:
    """Add DVC's name of an experiment that found the same to the run that has it."""
    name = entry.tags.get("dvc.experiment")
    known = [one for one in tags.get(EXPERIMENTS, "").split(", ") if one]
    if name and name not in known:
        store.call(store.client.set_tag, run_id, EXPERIMENTS, ", ".join([*known, name]))
