"""The HTTP client of Fritz: pace, time-outs, repeats, and errors without the token."""

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from scope.base.errors import DataError
from scope.fritz import answers
from scope.fritz.credentials import checked_url
from scope.fritz.errors import (
    FritzAuthenticationError,
    FritzError,
    FritzPermissionError,
    FritzRateLimitError,
)
from scope.fritz.limiter import RateLimiter

RATE = 4.8  # calls a second; Fritz takes 5
BURST = 10
POOL = 32  # connections kept open, for as many threads
PROXY_TIMEOUT = 60.0  # [s], when Fritz's proxy gives up on a slow answer
CHECK_PATH = "/api/groups"  # any known token may call it
HTTP_UNAUTHORIZED = 401
REDACTED = "<token>"
LOOPBACK = ("127.0.0.1", "localhost", "::1")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How long to wait and how often to try again.

    Attributes
    ----------
    timeout : for an answer [s], longer than the proxy's so that its 504 comes first
    connect_timeout : for a connection [s]
    attempts : of one call, the first included
    first_pause, longest_pause : [s]; the pause doubles from one to the other, within 50 percent
    longest_retry_after : [s]; a server that asks for more is not waited for
    """

    timeout: float = PROXY_TIMEOUT + 15.0
    connect_timeout: float = 10.0
    attempts: int = 6
    first_pause: float = 0.5
    longest_pause: float = 30.0
    longest_retry_after: float = 300.0


class TokenAuth(AuthBase):
    """Signs requests as SkyPortal wants it: `token`, in lower case; its repr shows nothing."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request."""
        request.headers["Authorization"] = f"token {self._token}"
        return request

    def redact(self, text: str) -> str:
        """Return the text without the token, which SkyPortal puts into some of its messages."""
        return text.replace(self._token, REDACTED)


class Transport:
    """Calls of one SkyPortal server with one token, from any thread."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        rate: float = RATE,
        burst: int = BURST,
        retry_policy: RetryPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = checked_url(url.rstrip("/"), "FRITZ_URL")
        self._host = self.url.split("://", 1)[1]
        self._retry_policy = retry_policy or RetryPolicy()
        self._sleep = sleep
        self._limiter = RateLimiter(rate, burst, sleep=sleep)
        self._lock = threading.Lock()
        self._n_calls = 0
        self._http = requests.Session()
        self._auth = TokenAuth(token)
        self._http.auth = self._auth
        if urlsplit(self.url).hostname in LOOPBACK:
            self._http.trust_env = False  # no proxy reaches this machine
        elif self.url.startswith("http://"):
            logger.warning("%s is no https address: the token can be read on its way", self.url)
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            # requests keeps ten connections by default; more threads would open and drop the
            # others.
            self._http.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=POOL))

    @property
    def n_calls(self) -> int:
        """Return how many requests have left, repeats included."""
        return self._n_calls

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        repeatable: bool | None = None,
        attempts: int | None = None,
    ) -> Any:
        """Return the data of an answer, after repeats where these cannot do harm.

        A call that surely was not carried out is repeated. One that may have been is repeated
        only if it is `repeatable`: doing it twice is as doing it once (default: if it is a GET).
        `attempts` ends the repeats earlier than the retry policy does, except for those that the
        rate limit makes necessary.

        Raises
        ------
        FritzError : as a subclass; `outcome_unknown` if it may have been carried out
        DataError : the body holds NaN or infinity
        """
        safe = method == "GET" if repeatable is None else repeatable
        # Once, before the first attempt: what cannot be encoded never leaves, and repeats are
        # equal.
        content = None if body is None else _encode(body, method, path)
        attempt = 1
        while True:
            try:
                return self._once(method, path, query, content)
            except FritzError as error:
                if error.status == HTTP_UNAUTHORIZED:
                    raise self._why_refused(error) from error
                if not error.transient or (error.outcome_unknown and not safe):
                    raise
                # A refusal for the rate is not a failure of this call.
                is_last = attempts is not None and attempt >= attempts
                if is_last and not isinstance(error, FritzRateLimitError):
                    raise
                if not self.pause(attempt, error):
                    raise
            attempt += 1

    def pause(self, attempt: int, error: FritzError) -> bool:
        """Wait before attempt number `attempt` + 1; False if there shall be none."""
        retry_policy = self._retry_policy
        if isinstance(error, FritzRateLimitError):
            self._limiter.back_off()
        wanted = error.retry_after
        if attempt >= retry_policy.attempts or (wanted or 0.0) > retry_policy.longest_retry_after:
            return False
        seconds = min(retry_policy.first_pause * 2.0 ** (attempt - 1), retry_policy.longest_pause)
        # Spread at random, so that threads refused together do not come back together.
        seconds = max(seconds * random.uniform(0.5, 1.5), wanted or 0.0)
        logger.info("%s; again in %.1f s", error, seconds)
        self._sleep(seconds)
        return True

    def _once(
        self, method: str, path: str, query: Mapping[str, Any] | None, content: bytes | None
    ) -> Any:
        # Repeats wait, too: the server counts them like any call.
        self._limiter.wait()
        with self._lock:
            self._n_calls += 1
        headers = {} if content is None else {"Content-Type": "application/json"}
        try:
            response = self._http.request(
                method,
                self.url + path,
                params=query,
                data=content,
                headers=headers,
                timeout=(self._retry_policy.connect_timeout, self._retry_policy.timeout),
                allow_redirects=False,  # a redirected POST would become a GET
            )
        except requests.RequestException as error:
            raise answers.lost(error, method, path, self._host) from error
        return answers.data_of(response, method, path, self._auth.redact)

    def _why_refused(self, error: FritzError) -> FritzError:
        """Return whether a 401 is about the token or what it may do: SkyPortal says the same."""
        where: dict[str, Any] = {"method": error.method, "path": error.path}
        where["status"] = error.status
        unknown = FritzAuthenticationError(
            f"{self._host} does not know the token; renew FRITZ_TOKEN", **where
        )
        if error.path == CHECK_PATH:
            return unknown
        try:
            self.call("GET", CHECK_PATH)
        except FritzAuthenticationError:
            return unknown
        except FritzError:
            return FritzAuthenticationError(
                f"the token is unknown or may not do this ({error.server_message})", **where
            )
        needed = answers.permission(error.method, error.path)
        return FritzPermissionError(
            f"the token lacks {needed}; ask an administrator of {self._host}",
            **where,
        )


def _encode(body: Mapping[str, Any], method: str, path: str) -> bytes:
    """Return the body as JSON; SkyPortal takes NaN magnitudes for upper limits, so none leaves."""
    try:
        return json.dumps(body, allow_nan=False).encode()
    except ValueError as error:
        raise DataError(f"{method} {path}: NaN or infinity cannot be sent ({error})") from error
