"""A server of files over TLS on this machine, with ranges, entity tags and faults."""

import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme


class WebServer:
    """Files by path, what was asked for, and what goes wrong."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[dict[str, str]] = []
        self.sent = 0
        self.cut_after: int | None = None
        self.n_cuts = 0
        self.status: int | None = None
        self.url = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        self.asked.append(dict(request.headers))
        content = self.files.get(request.path.split("?")[0])
        if content is None or self.status is not None:
            self._end(request, 404 if self.status is None else self.status, {}, b"")
            return
        tag = f'"{hashlib.md5(content).hexdigest()}"'
        if request.headers.get("If-None-Match") == tag:
            self._end(request, 304, {"ETag": tag}, b"")
            return
        wanted = request.headers.get("Range")
        if wanted and request.headers.get("If-Range") == tag:
            start = int(wanted.removeprefix("bytes=").split("-")[0])
            self._end(request, 206, {"ETag": tag}, content[start:])
            return
        self._end(request, 200, {"ETag": tag}, content)

    def _end(
        self, request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes
    ) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        if status != 304:
            request.send_header("Content-Length", str(len(body)))
        request.send_header("Connection", "close")
        request.end_headers()
        if self.cut_after is not None and self.n_cuts > 0 and body:
            self.n_cuts -= 1
            body = body[: self.cut_after]
        self.sent += len(body)  # before the client can have all and ask how much it was
        request.wfile.write(body)
        request.close_connection = True


@contextmanager
def running_web(folder: Path) -> Iterator[tuple[WebServer, Path]]:
    """Run a server for as long as the context lasts; yield it and the authority's file."""
    server = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    listener.socket = context.wrap_socket(listener.socket, server_side=True)
    bundle = folder / "authority.pem"
    authority.cert_pem.write_to_path(bundle)
    threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()
    server.url = f"https://127.0.0.1:{listener.server_address[1]}"
    try:
        yield server, bundle
    finally:
        listener.shutdown()
        listener.server_close()
