"""The mirror of MLflow's records in Weights & Biases, where `tracking.wandb` asks for it."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scope.base.errors import ConfigError, DataError
from scope.config.tracking import TrackingParams
from scope.tracking.entry import Entry, State

MIRRORED = Path("wandb/mirrored")  # below the main working tree; a file an entry
INIT_TIMEOUT_S = 5

logger = logging.getLogger(__name__)


def mirror(folders: Sequence[Path], params: TrackingParams, tree: Path) -> None:
    """Record the entries in `folders` that are not recorded yet, a run a class.

    Without a key (WANDB_API_KEY), without a network or with WANDB_MODE=offline the runs are kept
    in `tree`/wandb, for `wandb sync` to send.

    Raises
    ------
    ConfigError : the package is not installed
    """
    try:
        # Optional: the extra [wandb].
        import wandb
    except ImportError as error:
        raise ConfigError(
            f"{error}; install it with: pip install -e .[wandb], or set tracking.wandb to false"
        ) from error
    mode = os.environ.get("WANDB_MODE") or (
        "online" if os.environ.get("WANDB_API_KEY") else "offline"
    )
    for folder in folders:
        # W&B cannot be asked offline what it has: a file a run remembers it.
        mark = tree / MIRRORED / folder.name
        if mark.exists():
            continue
        try:
            entry = Entry.from_folder(folder)
        except DataError as error:  # another process has sent it to MLflow meanwhile
            logger.warning("Weights & Biases: %s", error)
            continue
        mode = _record(wandb, entry, folder, params, (tree, mode))
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    logger.info("Weights & Biases: recorded %s in %s", mode, tree / "wandb")


def _record(
    wandb: Any, entry: Entry, folder: Path, params: TrackingParams, place: tuple[Path, str]
) -> str:
    """Record one class; return the mode that worked, for the next one to start with."""
    tree, mode = place
    # W&B would otherwise record the repository and the terminal, too.
    settings = wandb.Settings(
        init_timeout=INIT_TIMEOUT_S, console="off", disable_git=True, disable_code=True, silent=True
    )
    how = {
        "project": params.wandb_project,
        "entity": params.wandb_entity,
        "id": entry.identity,
        "name": entry.tag,
        "group": entry.experiment,
        "config": {**entry.params, **entry.tags},
        "dir": str(tree),
        "settings": settings,
    }
    try:
        run = wandb.init(mode=mode, **how)
    except wandb.errors.Error as error:
        logger.warning("Weights & Biases cannot be reached (%s); kept for `wandb sync`", error)
        mode = "offline"
        run = wandb.init(mode=mode, **how)
    for state in entry.states:
        _log_state(run, state)
    for name, value in entry.metrics.items():
        run.summary[name] = value
    run.finish()
    return mode


def _log_state(run: Any, state: State) -> None:
    name = f"{state.algorithm}_{state.seed}"
    # W&B's own step only rises, over all states of a run: each gets an axis of its own.
    run.define_metric(f"{name}/round")
    run.define_metric(f"{name}/*", step_metric=f"{name}/round")
    for number, values in enumerate(zip(*state.figures.values(), strict=True), start=1):
        figures = dict(zip(state.figures, values, strict=True))
        run.log({f"{name}/round": number} | {f"{name}/{key}": one for key, one in figures.items()})
