"""One operation at a time: look at what is there, send what is missing, write it down."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from threading import Lock

import pandas as pd

from scope.base.errors import ScopeError
from scope.fritz import Classification, FritzClient, Source, Written
from scope.fritz.errors import (
    FritzError,
    FritzInvalidError,
    FritzNotFoundError,
    FritzPermissionError,
)
from scope.fritz.uploads.curves import CurveSource
from scope.fritz.uploads.ledger import Entry, Ledger
from scope.fritz.uploads.operations import Place, content_of
from scope.fritz.uploads.photometry import INSTRUMENT, POINTS_AT_ONCE, columns_of, points_of

ORIGIN = "SCoPe"  # of the sources that are created
COUNTED = {"created": "created", "saved": "saved"}
COUNTED |= dict.fromkeys(("there", "none", "duplicate"), "skipped")

REFUSALS = (FritzInvalidError, FritzNotFoundError, FritzPermissionError)
HTTP_UNAUTHORIZED = 401

Pair = tuple[Entry, Source]
Packet = list[tuple[Entry, pd.DataFrame]]


class Tally:
    """How many operations came out how: found, created, saved, posted, skipped, failed."""

    def __init__(self, watch: Callable[["Tally"], None] | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self._watch = watch
        self._lock = Lock()

    def add(self, what: str) -> None:
        """Count one and tell whoever watches; from any thread."""
        with self._lock:
            self.counts[what] += 1
            if self._watch is not None:
                self._watch(self)


class Sender:
    """Brings single operations about and writes them into the ledger."""

    def __init__(
        self,
        client: FritzClient,
        ledger: Ledger,
        tally: Tally,
        curve_source: CurveSource | None = None,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._tally = tally
        self._curve_source = curve_source
        self._created: set[str] = set()
        self._unread: set[str] = set()  # of whose classifications nothing is known

    def source(self, entry: Entry, place: Place, found: Source | None) -> Source:
        """Return the source: created, or the one found, saved to the groups it is missing from.

        A source is created under the place's name, which holds its position to 0.1 arcsec: one of
        that name which the token does not see can only lie there, so that it is not moved.
        """
        groups: list[int] = list(entry.operation.payload["group_ids"])
        if found is None:
            self._ledger.sent([entry.key])
            self._client.create_source(place.name, place.ra, place.dec, groups, origin=ORIGIN)
            self._created.add(place.name)
            self._unread.add(place.name)
            self._record(entry, "created", place.name)
            return Source(place.name, place.ra, place.dec, 0.0, frozenset(groups), (), (), {})
        self._tally.add("found")
        # Tried before and called as we call it: the answer to its creation was lost.
        is_ours = entry.attempts > 0 and found.obj_id == place.name  # from an earlier run
        if is_ours:
            self._created.add(found.obj_id)
        if found.group_ids.issuperset(groups):
            self._record(entry, "created" if is_ours else "there", found.obj_id)
        else:
            self._ledger.sent([entry.key])
            self._client.save_to_groups(found.obj_id, groups)
            self._record(entry, "saved", found.obj_id)
        return found

    def packed(self, wanted: Sequence[Pair]) -> Iterator[Packet]:
        """Yield the points of the sources that this upload created, as many as go into a call.

        Other sources have photometry of their own on the server.
        """
        packet: Packet = []
        n_points = 0
        for entry, found in wanted:
            points = self._points(entry, found)
            if points is None:
                continue
            if packet and n_points + len(points) > POINTS_AT_ONCE:
                yield packet
                packet, n_points = [], 0
            packet.append((entry, points))
            n_points += len(points)
        if packet:
            yield packet

    def photometry(self, packet: Packet) -> None:
        """Put the points of some sources; the server keeps a repeated point once."""
        entries = [entry for entry, _ in packet]
        points = pd.concat([frame for _, frame in packet], ignore_index=True)
        self._ledger.sent([one.key for one in entries])
        try:
            groups: list[int] = list(entries[0].operation.payload["group_ids"])
            instrument = self._client.instrument_id(INSTRUMENT)
            self._client.put_photometry(columns_of(points), instrument, groups)
        except FritzError as error:
            if not _is_refusal(error):
                raise
            if len(packet) == 1:
                self.fail(entries[0], str(error))
                return
            # One bad point refuses the whole call; alone, each source answers for itself.
            for one in packet:
                self.photometry([one])
            return
        for entry in entries:
            self._record(entry, "posted", None)

    def annotation(self, entry: Entry, found: Source) -> None:
        """Post the annotation, or bring the one of its origin up to date."""
        payload = entry.operation.payload
        origin, data = payload["origin"], payload["data"]
        groups: list[int] = list(payload["group_ids"])
        known = next((one for one in found.annotations if one.origin == origin), None)
        if known is not None and content_of(known.data) == content_of(data):
            if known.is_shown_to(groups):
                self._record(entry, "there", known.annotation_id)
                return
            # Only the groups are new: what is written there stays, its commit included.
            data = known.data
        self._ledger.sent([entry.key])
        written = self._client.annotate(found.obj_id, origin, data, groups, found.annotations)
        if written.outcome == "created":
            self._unread.discard(found.obj_id)
        self._record_written(entry, written)

    def classifications(self, wanted: Sequence[Pair]) -> None:
        """Post what no classification of the sources says yet, in one call.

        A source that was created here may have been on the server, saved to no group that the
        token sees. Then its annotation was there, too: that of a new source comes before this.
        """
        sources = {found.obj_id: found for _, found in wanted}
        known = [one for found in sources.values() for one in self._known_classifications(found)]
        items = [classification_of(*pair) for pair in wanted]
        regroup = {
            item.key
            for item, (entry, _) in zip(items, wanted, strict=True)
            if entry.shown_to and not entry.shown_to.issuperset(item.group_ids)
        }
        self._ledger.sent([entry.key for entry, _ in wanted])
        try:
            done = self._client.classify(items, known, regroup)
        except FritzError as error:
            if not _is_refusal(error):
                raise
            if len(wanted) == 1:
                self.fail(wanted[0][0], str(error))
                return
            for entry, found in wanted:
                # Read again: those before the bad one have been stored.
                there = tuple(self._client.classifications(found.obj_id))
                self.classifications([(entry, replace(found, classifications=there))])
            return
        for (entry, _), written in zip(wanted, done, strict=True):
            self._record_written(entry, written)

    def _known_classifications(self, found: Source) -> Sequence[Classification]:
        if found.obj_id in self._unread:
            return self._client.classifications(found.obj_id)
        return found.classifications

    def duplicate(self, entry: Entry, obj_id: str, other_place: str) -> None:
        """Settle a place whose source on the server was found for another place already."""
        message = f"falls on {obj_id}, as {other_place} does; not uploaded twice"
        self._ledger.done(entry.key, "duplicate", obj_id, message)
        self._tally.add("skipped")

    def skip(self, entry: Entry, source: Entry) -> None:
        """Settle what is said of a source that could not be saved or is another place's, too."""
        if source.outcome == "duplicate":
            self._record(entry, "duplicate", None)
        else:
            self.fail(entry, "its source could not be saved")

    def mark_unread(self, found: Source) -> None:
        """Ask what is said of a source before it is classified."""
        self._unread.add(found.obj_id)

    def mark_created(self, entry: Entry) -> None:
        """Take up that an earlier run created a source, so that its photometry is sent."""
        if entry.outcome in ("created", "saved") and entry.server_id == entry.operation.subject:
            self._created.add(entry.operation.subject)

    def fail(self, entry: Entry, message: str) -> None:
        """Write down that an operation failed, and count it."""
        if self._ledger.failed(entry.key, message):
            self._tally.add("failed")

    def _points(self, entry: Entry, found: Source) -> pd.DataFrame | None:
        """Return the points to be sent for a source; None where there are none to send."""
        if found.obj_id not in self._created or self._curve_source is None:
            self._record(entry, "there", None)
            return None
        curves = tuple(entry.operation.payload["light_curves"])
        groups: list[int] = list(entry.operation.payload["group_ids"])
        place = Place(found.obj_id, found.ra, found.dec, curves)
        try:
            if self._curve_source.is_sent_by_archive(self._client, place, groups):
                self._record(entry, "posted", None)
                return None
            points = points_of(found.obj_id, self._curve_source.curves(place))
        except ScopeError as error:
            self.fail(entry, str(error))
            return None
        if points.empty:
            self._record(entry, "none", None)
            return None
        return points

    def _record(self, entry: Entry, outcome: str, server_id: str | int | None) -> None:
        shown_to = entry.shown_to.union(entry.operation.payload["group_ids"])
        self._ledger.done(entry.key, outcome, server_id, shown_to=shown_to)
        self._tally.add(COUNTED.get(outcome, "posted"))

    def _record_written(self, entry: Entry, written: Written) -> None:
        outcome = "posted" if written.outcome == "created" else written.outcome
        self._record(entry, outcome, written.server_id)


def classification_of(entry: Entry, found: Source) -> Classification:
    """Return the classification that an operation asks for."""
    payload = entry.operation.payload
    groups = entry.shown_to.union(payload["group_ids"])
    return Classification(
        obj_id=found.obj_id,
        name=payload["classification"],
        taxonomy_id=payload["taxonomy_id"],
        probability=payload["probability"],
        ml=payload["ml"],
        origin=payload["origin"],
        group_ids=tuple(sorted(groups)),
    )


def _is_refusal(error: FritzError) -> bool:
    """Say whether something of what was sent is refused, not the token or everything."""
    return isinstance(error, REFUSALS) and error.status != HTTP_UNAUTHORIZED
