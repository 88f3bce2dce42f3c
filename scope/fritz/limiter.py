"""How fast calls leave: a burst at once, then so many a second."""

import threading
import time
from collections.abc import Callable


class RateLimiter:
    """Lets `burst` calls pass at once and then `rate` a second, whatever thread they come from.

    It keeps the moment at which the next call would be due at the steady rate; that moment may
    lag behind the present by a burst.
    """

    def __init__(
        self,
        rate: float,
        burst: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not rate > 0 or burst < 1:
            raise ValueError(f"rate {rate} and burst {burst} must be positive")
        self._interval = 1.0 / rate
        self._slack = (burst - 1) * self._interval
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._due = clock() - self._slack

    def wait(self) -> None:
        """Wait until one more call may leave."""
        with self._lock:
            now = self._clock()
            self._due = max(self._due, now - self._slack)
            pause = self._due - now
            self._due += self._interval
        if pause > 0:
            self._sleep(pause)

    def exhaust(self) -> None:
        """Take the burst away: the server has just said that it gets too much."""
        with self._lock:
            self._due = max(self._due, self._clock() + self._interval)
