"""Running a sandbox: in the foreground, or in a thread of its own."""

import asyncio
import socket
import threading
from types import TracebackType
from typing import Any

import uvicorn
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from scope.sandbox.app import Sandbox

LOOPBACK = "127.0.0.1"


class Connections:
    """The open connections by the address of the client, so that one can be cut."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[H11Protocol]:
        """Return the protocol that notes the connections here."""
        connections = self._open

        # h11 comes with uvicorn; httptools is an extra that may not be there.
        class Noted(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                if self.client is not None:
                    connections[self.client] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                if self.client is not None:
                    connections.pop(self.client, None)
                super().connection_lost(exc)

        return Noted

    def cut(self, scope: Scope) -> None:
        """Close the connection of a request without an answer."""
        transport = self._open.pop(tuple(scope["client"]), None)
        if transport is not None:
            # abort, not close: what is buffered shall be lost, too.
            transport.abort()


class SandboxServer:
    """A sandbox on a free port of this machine, in a thread. Use as a context manager."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        # Named as TCP so that asyncio sends small answers at once (TCP_NODELAY), not 40 ms later.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind((LOOPBACK, 0))
        self._socket.listen(128)
        self.url = f"http://{LOOPBACK}:{self._socket.getsockname()[1]}"
        self._server = _server(sandbox)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "SandboxServer":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join()
        self.sandbox.store.close()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])


def serve(sandbox: Sandbox, port: int) -> None:
    """Serve until interrupted."""
    _server(sandbox, port=port).run()
    sandbox.store.close()


def _server(sandbox: Sandbox, **where: Any) -> uvicorn.Server:
    connections = Connections()
    sandbox.proxy.cut = connections.cut
    config = uvicorn.Config(
        sandbox.proxy,
        host=LOOPBACK,
        http=connections.protocol(),
        # The store is opened and closed by whoever runs the server.
        lifespan="off",
        ws="none",
        log_level="critical",
        access_log=False,
        **where,
    )
    return uvicorn.Server(config)
