"""How every stage starts and how it fails."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from scope.base.errors import ScopeError


def quiet_environment() -> None:
    """Turn off usage data, chatter and spinning of libraries, unless the user set otherwise."""
    for name, value in {
        "DVC_NO_ANALYTICS": "true",
        "GX_ANALYTICS_ENABLED": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "WANDB_ERROR_REPORTING": "false",
        "DO_NOT_TRACK": "true",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait spinning slow a busy machine many times
    }.items():
        os.environ.setdefault(name, value)


def log_progress(
    level: int = logging.INFO, form: str = "%(levelname)s %(name)s: %(message)s"
) -> None:
    """Show what the project logs from `level` on, and the warnings of the libraries."""
    logging.basicConfig(level=logging.WARNING, format=form)
    logging.getLogger("scope").setLevel(level)


@contextmanager
def log_level(name: str, level: int) -> Iterator[None]:
    """Log what `name` has to say from `level` on, for as long as the context lasts."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.setLevel(before)


def run(main: Callable[..., None]) -> None:
    """Call `main` with the command line's arguments; end with status 1 on a ScopeError."""
    quiet_environment()
    log_progress()
    try:
        main(*sys.argv[1:])
    except ScopeError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(1)
