"""What several test files share."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scope.base.stage import quiet_environment

if TYPE_CHECKING:
    from bucket_server import BucketServer, Proxy
    from sandbox_server import Server

quiet_environment()  # before a test loads OpenMP: threads that wait spinning slow busy machines

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real light curves and tables; the test is skipped where it is absent."""
    folder = Path(os.environ.get("SCOPE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no folder of real data at SCOPE_DATA ({folder.name})")
    return folder


@pytest.fixture(scope="session")
def running_server() -> "Iterator[Server]":
    """A stand-in for Fritz and Kowalski on a free port of this machine."""
    from sandbox_server import running

    with running() as server:
        yield server


@pytest.fixture
def server(running_server: "Server") -> "Iterator[Server]":
    """The stand-in, as new."""
    running_server.reset()
    yield running_server
    running_server.reset()


@pytest.fixture(scope="session")
def running_bucket_server() -> "Iterator[BucketServer]":
    """fake-gcs-server on a free port of this machine."""
    from bucket_server import running_buckets

    with running_buckets() as server:
        yield server


@pytest.fixture
def buckets(running_bucket_server: "BucketServer") -> "BucketServer":
    """The server with an empty bucket ztf-scope."""
    running_bucket_server.make("ztf-scope")
    return running_bucket_server


@pytest.fixture
def proxy(buckets: "BucketServer", monkeypatch: pytest.MonkeyPatch) -> "Iterator[Proxy]":
    """A proxy before the server, which Google's libraries ask in its place."""
    from bucket_server import proxy_before

    with proxy_before(buckets) as before:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", before.url)
        yield before
