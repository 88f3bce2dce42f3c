"""Faults on demand: what goes wrong with which call."""

import itertools
import re
import threading
from dataclasses import dataclass, field
from typing import Literal, get_args

Kind = Literal[
    "rate_limit",  # 429, a page; with `retry_after` if given
    "error_before",  # `status` instead of doing it
    "error_after",  # `status` after having done it
    "drop_before",  # the connection is lost instead of doing it
    "drop_after",  # the connection is lost after having done it
    "truncate",  # done, but the answer is cut in two
    "down",  # the application is down behind its proxy
    "slow",  # done `seconds` later
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass
class Fault:
    """One way to go wrong.

    Attributes
    ----------
    kind : see `Kind`
    method, path : which calls; `path` is a regular expression found anywhere in it
    times : how many of these calls, None for all
    every : only each n-th of these calls
    status : HTTP status of error_before and error_after
    retry_after : [s] of rate_limit
    seconds : of slow
    """

    kind: Kind
    method: str | None = None
    path: str = ""
    times: int | None = 1
    every: int = 1
    status: int = 502
    retry_after: float | None = None
    seconds: float = 0.5
    _seen: int = field(default=0, init=False, repr=False)

    def strikes(self, method: str, path: str) -> bool:
        """Return whether this call goes wrong, and count it."""
        if self.times == 0 or (self.method or method) != method or not re.search(self.path, path):
            return False
        self._seen += 1
        if self._seen % self.every:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """All that is to go wrong."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._single: list[Fault] = []
        self._every = 0
        self._cycle: itertools.cycle[Fault] = itertools.cycle([])
        self._n_calls = 0

    def add(self, fault: Fault) -> None:
        """Let a fault strike from now on."""
        with self._lock:
            self._single.append(fault)

    def cycle(self, every: int, faults: list[Fault]) -> None:
        """Let each `every`-th call go wrong, with one fault after the other; 0 ends it."""
        with self._lock:
            self._every, self._cycle, self._n_calls = every, itertools.cycle(faults), 0

    def clear(self) -> None:
        """Let all go well again."""
        with self._lock:
            self._single, self._every = [], 0

    def next(self, method: str, path: str) -> Fault | None:
        """Return what goes wrong with a call, if anything does."""
        with self._lock:
            for fault in self._single:
                if fault.strikes(method, path):
                    return fault
            if self._every:
                self._n_calls += 1
                if self._n_calls % self._every == 0:
                    return next(self._cycle)
            return None


def kinds_of(text: str) -> tuple[int, list[Fault]]:
    """Return what `KIND,KIND:EVERY` means, such as `drop_after,truncate:10` or `all:10`.

    Raises
    ------
    ValueError : it means nothing
    """
    names, _, every = text.partition(":")
    wanted = list(KINDS) if names == "all" else names.split(",")
    unknown = sorted(set(wanted) - set(KINDS))
    if unknown or not every.isdigit() or not int(every):
        raise ValueError(f"{text!r}: write KIND,KIND:EVERY with kinds of {', '.join(KINDS)} or all")
    # In the order of KINDS, however they were named, so that runs can be compared.
    return int(every), [Fault(kind, times=None) for kind in KINDS if kind in wanted]
