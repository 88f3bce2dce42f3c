"""The way in: what SkyPortal's proxy does, latency, faults, and a count of what came."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scope.sandbox.envelope import application_down, page
from scope.sandbox.faults import Fault, Faults

# nginx before Fritz takes 100 MB.
BODY_LIMIT = 100 * 1024 * 1024
# The default of aiohttp, which Kowalski runs on.
KOWALSKI_BODY_LIMIT = 1024 * 1024
KOWALSKI_PATHS = ("/api/queries", "/api/auth")
OWN_PATHS = ("/sandbox", "/source/")


@dataclass(frozen=True)
class Request:
    """A request that came; `fault` is what went wrong with it, `done` whether it was let in."""

    method: str
    path: str
    at: float
    fault: str = ""
    done: bool = True


class Traffic:
    """What came in, from the start or the last `clear`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.requests: list[Request] = []

    def note(self, request: Request) -> None:
        """Write a request down."""
        with self._lock:
            self.requests.append(request)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self.requests = []

    def faults(self) -> Counter[str]:
        """Return how often each kind of fault struck."""
        with self._lock:
            return Counter(one.fault for one in self.requests if one.fault)


class LeakyBucket:
    """The leaky bucket of nginx (limit_req with `nodelay`), one for each token."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic):
        self.rate = rate
        self.burst = burst
        self._clock = clock
        self._levels: dict[str, tuple[float, float]] = {}

    def takes(self, key: str) -> bool:
        """Return whether one more call is let through; with a rate of 0 every one is."""
        if not self.rate:
            return True
        now = self._clock()
        # Starts one below empty: nginx lets one call pass besides those of the burst.
        level, last = self._levels.get(key, (-1.0, now))
        level = max(level - (now - last) * self.rate, -1.0) + 1.0
        if level > self.burst:
            return False
        # A refused call does not raise the level, so that hammering is not punished beyond the
        # rate.
        self._levels[key] = (level, now)
        return True


class ProxyMiddleware:
    """Stands before the application."""

    def __init__(self, app: ASGIApp, faults: Faults, traffic: Traffic, bucket: LeakyBucket) -> None:
        self.app = app
        self.faults = faults
        self.traffic = traffic
        self.bucket = bucket
        self.latency = 0.0  # [s]
        self.cut: Callable[[Scope], None] = lambda scope: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or not."""
        if scope["type"] != "http" or _is_own(scope["path"]):
            await self.app(scope, receive, send)
            return
        method, path = scope["method"], scope["path"]
        refused = self._refused(scope)
        if refused is not None:
            self.traffic.note(Request(method, path, time.time(), str(refused.status_code), False))
            await refused(scope, receive, send)
            return
        fault = self.faults.next(method, path)
        kind = "" if fault is None else fault.kind
        done = kind in ("", "slow", "truncate") or kind.endswith("after")
        self.traffic.note(Request(method, path, time.time(), kind, done))
        await asyncio.sleep(self.latency)
        if fault is None:
            await self.app(scope, receive, send)
        else:
            await self._go_wrong(fault, scope, receive, send)

    def _refused(self, scope: Scope) -> Response | None:
        headers = dict(scope["headers"])
        path = scope["path"]
        size = int(headers.get(b"content-length", b"0"))
        # Of Kowalski no limit of calls is known, only one of size.
        if path in KOWALSKI_PATHS:
            if size <= KOWALSKI_BODY_LIMIT:
                return None
            text = f"Maximum request body size {KOWALSKI_BODY_LIMIT} exceeded, actual body size "
            return Response(f"{text}{size}", 413, media_type="text/plain")
        if size > BODY_LIMIT:
            return page(413, "413 Request Entity Too Large")
        # nginx counts by the value of the header, before it is known whose token it is.
        if not self.bucket.takes(headers.get(b"authorization", b"").decode("latin-1")):
            return page(429, "429 Too Many Requests")
        return None

    async def _go_wrong(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            await self.app(scope, receive, send)
            return
        answer = _instead(fault, scope["method"])
        if answer is None and fault.kind != "drop_before":
            messages = await self._kept(scope, receive)
            if fault.kind == "truncate":
                answer = _half(messages)
            elif fault.kind == "error_after":
                answer = page(fault.status, f"{fault.status} Bad Gateway")
        if answer is None:
            # ASGI knows no way to break a connection; the server has to do it.
            self.cut(scope)
        else:
            await answer(scope, receive, send)

    async def _kept(self, scope: Scope, receive: Receive) -> list[Message]:
        """Let the application do it, but keep its answer."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        return messages


def _is_own(path: str) -> bool:
    return path == "/" or path.startswith(OWN_PATHS)


def _instead(fault: Fault, method: str) -> Response | None:
    if fault.kind == "rate_limit":
        answer = page(429, "429 Too Many Requests")
        if fault.retry_after is not None:
            answer.headers["Retry-After"] = f"{fault.retry_after:g}"
        return answer
    if fault.kind == "error_before":
        return page(fault.status, f"{fault.status} Bad Gateway")
    return application_down(method) if fault.kind == "down" else None


def _half(messages: list[Message]) -> Response:
    start = messages[0]
    body = b"".join(one.get("body", b"") for one in messages[1:])
    headers = dict(start["headers"])
    media = headers.get(b"content-type", b"application/json").decode("latin-1")
    return Response(body[: len(body) // 2], start["status"], media_type=media)
