"""The client of MLflow: where the store is, whether it answers, how long it is waited for.

A store that is down or slow is given up soon: what was to be sent is on the queue all the same.
"""

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

import requests

from scope.tracking.errors import TrackingError
from scope.tracking.workspace import without_credentials

TIMEOUT_S = 3  # of one request
FREE_S = 0.3  # that a call may take, and one more for each
BYTES_A_SECOND = 200_000.0  # of a file
LATE_S = 3.0  # that all calls together may be late
# A path without a scheme is a folder, too.
LOCAL = ("sqlite", "file", "")
P = ParamSpec("P")
T = TypeVar("T")


def store_uri(tree: Path) -> str:
    """Return MLFLOW_TRACKING_URI, or else that of mlflow.db in the main working tree."""
    uri = os.environ.get("MLFLOW_TRACKING_URI") or "sqlite:///mlflow.db"
    path = uri.removeprefix("sqlite:///")
    if uri.startswith("sqlite:///") and not path.startswith("/"):
        return f"sqlite:///{tree / path}"  # wherever DVC runs the stage
    return uri


def is_local(uri: str) -> bool:
    """Say whether a store is on this machine's disk."""
    return urlsplit(uri).scheme in LOCAL


def answers(uri: str) -> None:
    """Raise TrackingError unless a server answers; a store that is none is taken to be there.

    Asked before mlflow is imported, which takes seconds.
    """
    if not uri.startswith(("http://", "https://")):
        return
    try:
        requests.get(f"{uri.rstrip('/')}/health", timeout=TIMEOUT_S)
    except requests.RequestException as error:
        raise TrackingError(f"{shown(uri)} does not answer ({type(error).__name__})") from error


def shown(uri: str) -> str:
    """Return the address of a store as it may be shown."""
    return without_credentials(uri)


class Store:
    """An MLflow store and registry whose calls are timed."""

    def __init__(self, uri: str, tree: Path) -> None:
        """Connect; the file store's artifacts are kept in `tree`/mlruns.

        Raises
        ------
        TrackingError : the store cannot be used
        """
        answers(uri)
        for name, value in {
            "MLFLOW_HTTP_REQUEST_TIMEOUT": TIMEOUT_S,
            # MLflow's own defaults wait for minutes before they give up.
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": 0,
            "MLFLOW_ARTIFACT_UPLOAD_DOWNLOAD_TIMEOUT": 30,
        }.items():
            os.environ.setdefault(name, str(value))
        # Only now: mlflow reads these variables and takes seconds to load.
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        # The migrations of a new database would fill the log.
        logging.getLogger("alembic").setLevel(logging.WARNING)
        self.uri, self._tree = uri, tree
        self._failures = (MlflowException, SQLAlchemyError, OSError)
        self._late_s = 0.0
        try:
            self.client = MlflowClient(uri, uri)
        except self._failures as error:
            raise self._failed(error) from error

    def call(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a method of the client.

        Raises
        ------
        TrackingError : it failed, or all calls together have been too slow
        """
        return self._timed(FREE_S, method, *args, **kwargs)

    def upload(self, run_id: str, path: Path, folder: str) -> None:
        """Send a file to a folder among a run's artifacts; raises as `call` does."""
        free_s = FREE_S + path.stat().st_size / BYTES_A_SECOND
        self._timed(free_s, self.client.log_artifact, run_id, str(path), folder)

    def experiment(self, name: str) -> str:
        """Return the id of an experiment, made where it is missing."""
        found = self.call(self.client.get_experiment_by_name, name)
        if found is not None:
            # Its name stays taken, so that it cannot be made again.
            if found.lifecycle_stage == "deleted":
                self.call(self.client.restore_experiment, found.experiment_id)
            return str(found.experiment_id)
        # MLflow would put artifacts below the current folder, which for DVC's experiments is
        # temporary.
        place = (self._tree / "mlruns" / name).as_uri() if is_local(self.uri) else None
        return str(self.call(self.client.create_experiment, name, place))

    def _timed(self, free_s: float, method: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        started = time.monotonic()
        try:
            answer = method(*args, **kwargs)
        except self._failures as error:
            raise self._failed(error) from error
        if not is_local(self.uri):
            # One budget for all calls: many that are each a little slow add up to a pipeline that
            # hangs.
            self._late_s += max(0.0, time.monotonic() - started - free_s)
            if self._late_s > LATE_S:
                raise TrackingError(f"{shown(self.uri)} is too slow")
        return answer

    def _failed(self, error: Exception) -> TrackingError:
        lines = without_credentials(str(error)).strip().splitlines()
        # Errors of SQLAlchemy go on with the statement and its values.
        reason = lines[0][:300] if lines else type(error).__name__
        return TrackingError(f"{shown(self.uri)} cannot be used: {reason}")
