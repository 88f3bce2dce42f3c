"""How fast calls leave: a burst at once, then so many a second, fewer where the server asks."""

import threading
import time
from collections.abc import Callable

# Down at once, up slowly: a limit that is lower than said, or shared, is found without being told.
SLOWER = 1.5  # times longer between two calls after the server said that it gets too much
FASTER = 0.98  # times shorter after each call, down to the pace asked for
SLOWEST = 5.0  # [s] between two calls


class RateLimiter:
    """Lets `burst` calls pass at once and then `rate` a second, whatever thread they come from.

    It keeps the moment at which the next call would be due at the steady rate; that moment may
    lag behind the present by a burst. A server may take fewer calls than it is said to, or share
    its limit among several programs with one token: then the pace falls, and slowly rises again.
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
        self._shortest = self._interval = 1.0 / rate
        # The generic cell rate algorithm: a burst is how far `_due` may lag behind.
        self._slack = (burst - 1) * self._interval
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._due = clock() - self._slack
        self._slowed_until = clock()

    def wait(self) -> None:
        """Wait until one more call may leave."""
        with self._lock:
            now = self._clock()
            self._due = max(self._due, now - self._slack)
            pause = self._due - now
            self._due += self._interval
            self._interval = max(self._interval * FASTER, self._shortest)
        # Outside the lock: the threads wait side by side, each for its own moment.
        if pause > 0:
            self._sleep(pause)

    def back_off(self) -> None:
        """Take the burst away and slow down: the server has just said that it gets too much.

        Several calls that are refused together, having left together, slow it down once.
        """
        with self._lock:
            now = self._clock()
            # Calls that left together are refused together; that counts once.
            if now >= self._slowed_until:
                self._interval = min(self._interval * SLOWER, max(SLOWEST, self._shortest))
                self._slowed_until = now + self._interval
            self._due = max(self._due, now + self._interval)
