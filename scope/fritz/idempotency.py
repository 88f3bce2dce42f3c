"""Writing a thing once, whatever becomes of the answers (idempotency on the client's side)."""

import itertools
from collections.abc import Callable, Sequence
from typing import TypeVar

from scope.base.errors import ConfigError
from scope.fritz.errors import FritzError
from scope.fritz.transport import Transport

T = TypeVar("T")


def write_once(transport: Transport, send: Callable[[], T], look: Callable[[], T | None]) -> T:
    """Return what `send` gives; where it may have been carried out all the same, `look` first.

    A server that is still at work on a call that it no longer answers is given the pauses of
    the repeats, no more: what it has not done by then is sent again.
    """
    for attempt in itertools.count(1):
        try:
            return send()
        except FritzError as error:
            if not error.outcome_unknown:
                raise
            # The pause comes before the look: the server may need it to finish what it was sent.
            again = error.transient and transport.pause(attempt, error)
            try:
                found = look()
            except FritzError as failed:
                # Not even looking worked, so what was sent first stays in doubt.
                failed.outcome_unknown = True
                raise
            if found is not None:
                return found
            if not again:
                raise
    raise AssertionError("unreachable")


def needed_groups(group_ids: Sequence[int]) -> list[int]:
    """Return the groups as a list; ConfigError if there is none, which Fritz takes for everyone."""
    if not group_ids:
        raise ConfigError("no group_ids: name the groups on Fritz that shall see what is sent")
    return [int(one) for one in group_ids]
