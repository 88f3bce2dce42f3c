"""The sandbox as tests use it: in a thread, on a free port of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scope.fritz import FritzClient, RetryPolicy
from scope.sandbox.app import Sandbox, SandboxSettings
from scope.sandbox.documents import Documents
from scope.sandbox.faults import Fault, Kind
from scope.sandbox.server import SandboxServer
from scope.sandbox.users import ADMIN_TOKEN, OWN_GROUP, READER_TOKEN, USER_TOKEN

QUICK = RetryPolicy(timeout=5.0, connect_timeout=1.0, attempts=5, first_pause=0.002)
FAST = 1e6  # calls a second


class Server:
    """A running sandbox with what tests ask of it."""

    token = USER_TOKEN
    admin_token = ADMIN_TOKEN
    reader_token = READER_TOKEN
    group = OWN_GROUP

    def __init__(self, running: SandboxServer) -> None:
        self.sandbox = running.sandbox
        self.url = running.url

    def client(self, token: str | None = None, **options: Any) -> FritzClient:
        """A client that does not wait."""
        options = {"rate": FAST, "retry_policy": QUICK, **options}
        return FritzClient(self.url, token or self.token, **options)

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """The rows of a table of the store with these values."""
        condition = " AND ".join(f"{name} IS ?" for name in where) or "1"
        query = f"SELECT * FROM {table} WHERE {condition} ORDER BY rowid"
        return self.sandbox.store.rows(query.replace(" ORDER BY rowid", ""), *where.values())

    def count(self, table: str, **where: Any) -> int:
        """How many rows of a table have these values."""
        return len(self.rows(table, **where))

    def calls(self, method: str | None = None, path: str = "") -> list[tuple[str, str]]:
        """The requests that came, those with `path` in theirs."""
        return [
            (one.method, one.path)
            for one in self.sandbox.traffic.requests
            if method in (None, one.method) and path in one.path
        ]

    def fault(self, kind: Kind, method: str | None = None, path: str = "", **more: Any) -> None:
        """Let the next call of this method and path go wrong."""
        self.sandbox.faults.add(Fault(kind, method, path, **more))

    def faults_every(self, every: int, kinds: list[Kind]) -> None:
        """Let each n-th call go wrong, one kind after the other."""
        self.sandbox.faults.cycle(every, [Fault(kind, times=None) for kind in kinds])

    def limit(self, rate: float, burst: int = 10) -> None:
        """Answer 429 beyond so many calls a second."""
        self.sandbox.proxy.bucket.rate, self.sandbox.proxy.bucket.burst = rate, burst

    def latency(self, seconds: float) -> None:
        """Answer so much later."""
        self.sandbox.proxy.latency = seconds

    def revoke(self, token: str | None = None) -> None:
        """Know a token no longer."""
        self.sandbox.revoked.add(token or self.token)

    def reset(self) -> None:
        """Be as new."""
        self.sandbox.reset()


@contextmanager
def running(documents: Documents | None = None, **settings: Any) -> Iterator[Server]:
    """Run a sandbox, without a limit of calls a second unless `rate` says so."""
    sandbox = Sandbox(SandboxSettings(**{"rate": 0.0, **settings}), documents)
    with SandboxServer(sandbox) as server:
        yield Server(server)
