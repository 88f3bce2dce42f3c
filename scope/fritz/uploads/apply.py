"""Applying a plan: block by block, several calls at a time, everything through the ledger."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

from scope.base.errors import ScopeError
from scope.fritz import FritzClient, Source
from scope.fritz.errors import (
    FritzAuthenticationError,
    FritzError,
    FritzNetworkError,
    FritzNotFoundError,
    FritzPermissionError,
    FritzRateLimitError,
    FritzServerError,
)
from scope.fritz.uploads.curves import CurveSource
from scope.fritz.uploads.ledger import Entry, Ledger, State
from scope.fritz.uploads.lookup import SETTLE, SourceLookup, choose, wait_until_settled
from scope.fritz.uploads.operations import Kind, Place, place_of
from scope.fritz.uploads.send import Pair, Sender, Tally

BLOCK = 100  # sources at a time: what is held in memory
BLOCKS_AT_ONCE = 2  # so that the end of one block does not leave the line idle
WORKERS = 8
CLASSES_AT_ONCE = 25  # of a call; the server takes some 70 ms for each, and 60 s for a call
TOLERATED = 10  # failures of the server one after the other before the upload stops

FINAL = (FritzAuthenticationError, FritzNetworkError, FritzRateLimitError)
HTTP_UNAUTHORIZED = 401
SAMPLE = 2  # sources of earlier runs that are looked for

T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What came of an upload.

    Attributes
    ----------
    counts : found, created, saved, posted, skipped, failed -> how many
    states : planned, sent, done, failed -> how many operations of the plan
    stopped : why the upload ended before its end, None where it did not
    """

    counts: dict[str, int]
    states: dict[State, int]
    stopped: ScopeError | None

    @property
    def is_complete(self) -> bool:
        """Say whether the server has all that was planned."""
        return self.stopped is None and self.states["done"] == sum(self.states.values())


class Upload:
    """An upload that is finished by running it again, however it ended."""

    def __init__(
        self,
        client: FritzClient,
        ledger: Ledger,
        radius_arcsec: float,
        *,
        curve_source: CurveSource | None = None,
        watch: Callable[[Tally], None] | None = None,
    ) -> None:
        """Prepare an upload; nothing is sent before `run`.

        Parameters
        ----------
        curve_source : the light curves of sources that are created
        watch : called with the tally whenever an operation has ended, from several threads
        """
        self.tally = Tally(watch)
        self._client = client
        self._ledger = ledger
        self._radius = radius_arcsec
        self._sender = Sender(client, ledger, self.tally, curve_source)
        self._stopped: ScopeError | None = None
        self._failures = 0  # of the server, one after the other
        self._taken: dict[str, str] = {}  # source on the server -> the place it was found for
        self._lock = Lock()

    def run(
        self, known: Mapping[str, list[Source]] | None = None, *, settle: float = SETTLE
    ) -> Outcome:
        """Bring about what the ledger has as planned; no error of Fritz is raised.

        Parameters
        ----------
        known : name of a place -> the sources there, where they have just been looked at
        settle : seconds to leave the server after the last request of a run that was killed
        """
        # A killed run may have left a request that the server is still at work on.
        wait_until_settled(self._ledger.last_sent(), settle)
        try:
            self._check_ledger()
            self._taken = self._ledger.taken()
            with ThreadPoolExecutor(WORKERS) as pool:
                self._apply(SourceLookup(self._client, self._radius, pool, known), pool)
        except FritzError as error:
            self._stopped = self._stopped or error
        return Outcome(dict(self.tally.counts), self._ledger.counts(), self._stopped)

    def _check_ledger(self) -> None:
        """Make sure that the ledger is not about a server that has been emptied since."""
        for one in self._ledger.done_sources(SAMPLE):
            if one.server_id is not None and self._known(one.server_id) is None:
                logger.warning(
                    "%s is no longer on the server: all is looked up anew", one.server_id
                )
                self._ledger.reopen()
                return

    def _apply(self, lookup: SourceLookup, pool: Executor) -> None:
        lookup.list_if_cheaper(self._unfinished_places())
        running: set[Future[None]] = set()
        with ThreadPoolExecutor(BLOCKS_AT_ONCE) as blocks:
            try:
                for subjects in self._ledger.blocks(BLOCK):
                    running.add(blocks.submit(self._block, subjects, lookup, pool))
                    # Not all blocks at once: each holds its entries and sources in memory.
                    if len(running) > BLOCKS_AT_ONCE:
                        done, running = wait(running, return_when="FIRST_COMPLETED")
                        _raise_from(done)
                    if self._stopped:
                        break
                _raise_from(running)
            except BaseException as error:  # the blocks that still run shall see that it is over
                why = error if isinstance(error, FritzError) else ScopeError("interrupted")
                self._stopped = self._stopped or why
                raise

    def _unfinished_places(self) -> list[Place]:
        return [
            place_of(one.operation)
            for subjects in self._ledger.blocks(BLOCK)
            for one in self._ledger.entries(subjects)
            if one.operation.kind == "source"
        ]

    def _block(self, subjects: Sequence[str], lookup: SourceLookup, pool: Executor) -> None:
        """Save the sources of a block, then send what is said of them."""
        if self._stopped:
            return
        entries = list(self._ledger.entries(subjects))
        sources = {one.operation.subject: one for one in entries if one.operation.kind == "source"}
        near = lookup.at([place_of(one.operation) for one in sources.values()])
        saving = {
            name: pool.submit(self._safely, [one], self._save, one, near[name])
            for name, one in sources.items()
        }
        saved = {name: future.result() for name, future in saving.items()}
        ready: list[Pair] = []
        for one in entries:
            if one.operation.kind == "source" or one.state == "done":
                continue
            source = saved[one.operation.subject]
            if source is not None:
                ready.append((one, source))
            elif not self._stopped:
                self._sender.skip(one, self._ledger.entry(sources[one.operation.subject].key))
        self._send_content(ready, pool)

    def _send_content(self, ready: Sequence[Pair], pool: Executor) -> None:
        """Send the annotations, then the photometry and the classifications of saved sources."""

        def of_kind(kind: Kind) -> list[Pair]:
            return [pair for pair in ready if pair[0].operation.kind == kind]

        calls = [
            # All annotations first: that of a new source shows whether it was there unseen.
            pool.submit(self._safely, [entry], self._sender.annotation, entry, found)
            for entry, found in of_kind("annotation")
        ]
        _raise_from(calls)
        calls = []
        for group in self._sender.packed(of_kind("photometry")):
            entries = [entry for entry, _ in group]
            calls.append(pool.submit(self._safely, entries, self._sender.photometry, group))
        classes = of_kind("classification")
        for start in range(0, len(classes), CLASSES_AT_ONCE):
            chosen = classes[start : start + CLASSES_AT_ONCE]
            entries = [entry for entry, _ in chosen]
            calls.append(pool.submit(self._safely, entries, self._sender.classifications, chosen))
        _raise_from(calls)

    def _save(self, entry: Entry, near: Sequence[Source]) -> Source | None:
        """Return the source on the server; None where it was taken for another place's."""
        place = place_of(entry.operation)
        found = choose(near, entry.server_id, place.name)
        if found is None and entry.server_id is not None:
            found = self._known(entry.server_id)
            if found is not None:
                # SkyPortal need not list what is said of a single source.
                self._sender.mark_unread(found)
        if found is not None:
            with self._lock:
                other_place = self._taken.setdefault(found.obj_id, place.name)
            if other_place != place.name:
                self._sender.duplicate(entry, found.obj_id, other_place)
                return None
            if entry.state == "done":
                self._sender.mark_created(entry)
                return found
        return self._sender.source(entry, place, found)

    def _known(self, obj_id: str) -> Source | None:
        """Return a source of an earlier run that no search finds; None where it is gone."""
        try:
            return self._client.source(obj_id)
        except FritzNotFoundError:
            return None

    def _safely(
        self, entries: Sequence[Entry], send: Callable[..., T], *arguments: object
    ) -> T | None:
        """Call `send`; write an error of it into the ledger, and stop the upload on some."""
        if self._stopped:
            return None
        try:
            result = send(*arguments)
        except ScopeError as error:
            for one in entries:
                self._sender.fail(one, str(error))
            with self._lock:
                self._failures += isinstance(error, FritzServerError)
                if _is_final(error) or self._failures > TOLERATED:
                    self._stopped = self._stopped or error
            return None
        self._failures = 0
        return result


def _is_final(error: ScopeError) -> bool:
    """Say whether what follows would fail as well: no network, no token, no permission."""
    if isinstance(error, FritzPermissionError):
        return error.status == HTTP_UNAUTHORIZED
    return isinstance(error, FINAL)


def _raise_from(futures: Iterable[Future[T]]) -> None:
    for one in futures:
        one.result()
