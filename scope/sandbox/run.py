"""Preparing a sandbox for the command line."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scope.base.errors import ConfigError
from scope.base.params import read_section
from scope.config.fritz import LabelMapParams
from scope.sandbox.app import Sandbox, SandboxSettings
from scope.sandbox.faults import kinds_of
from scope.sandbox.sample import Files, fill, read_documents
from scope.sandbox.server import LOOPBACK
from scope.sandbox.server import serve as serve_there
from scope.sandbox.users import ADMIN_TOKEN, KOWALSKI_TOKEN, OWN_GROUP

SITEWIDE = "sitewide"  # key of the taxonomy that the sandbox has, in the map of the labels


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line says, see `scope sandbox --help`."""

    data: Path
    features: Path
    scores: Path
    sources: int
    database: Path | None
    latency_ms: float
    rate: float
    archive: bool


def prepare(options: Options) -> Sandbox:
    """Return a sandbox with the project's data."""
    settings = SandboxSettings(
        database=options.database,
        rate=options.rate,
        latency_ms=options.latency_ms,
        with_archive=options.archive,
    )
    files = Files(options.data, options.features, options.scores)
    sandbox = Sandbox(settings, read_documents(files))
    # A database that was kept has what earlier runs received: it is not filled again.
    if sandbox.store.one("SELECT id FROM sources") is None:
        fill(sandbox.store, files, options.sources, _classes())
    return sandbox


def inject(sandbox: Sandbox, text: str) -> None:
    """Let calls go wrong as `text` says; ConfigError if it says nothing."""
    try:
        sandbox.faults.cycle(*kinds_of(text))
    except ValueError as error:
        raise ConfigError(f"--faults {error}") from error


def greeting(sandbox: Sandbox, port: int) -> Iterator[str]:
    """Yield what to type in order to use the sandbox."""
    url = f"http://{LOOPBACK}:{port}"
    yield f"A stand-in for Fritz and Kowalski, to look at: {url}"
    yield f"Group {OWN_GROUP} is yours. In another terminal:"
    yield f"  export FRITZ_URL={url} FRITZ_TOKEN={sandbox.settings.user_token}"
    yield f"  export KOWALSKI_URL={url} KOWALSKI_TOKEN={KOWALSKI_TOKEN}"
    yield f"The administrator's token, which may post taxonomies: {ADMIN_TOKEN}"


def serve(sandbox: Sandbox, port: int) -> None:
    """Serve until interrupted; ConfigError if the port is taken."""
    with socket.socket() as probe:
        # As the server will bind it: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise ConfigError(f"port {port} is taken ({error}); choose one with --port") from error
    serve_there(sandbox, port)


def _classes() -> dict[str, str]:
    """Return which labels of the sample are classes of the Sitewide Taxonomy."""
    try:
        known = read_section("fritz_labels", LabelMapParams)
    except ConfigError:
        return {}
    return {
        label: one.class_name for label, one in known.labels.items() if one.taxonomy == SITEWIDE
    }
