"""What the server has at the places of an upload, in as few calls as it takes."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor

import numpy as np
from scipy.spatial import cKDTree

from scope.data.sky import separation_arcsec, unit_vectors
from scope.fritz import FritzClient, Source
from scope.fritz.errors import FritzServerError
from scope.fritz.uploads.operations import Place

PAGE_COST = 4  # cone searches that take as long as a page of 500 sources
LIST_ATTEMPTS = 2
SETTLE = 10.0  # [s] within which a server finishes a request whose sender was killed

logger = logging.getLogger(__name__)


class SourceLookup:
    """The sources of a server near the places of an upload."""

    def __init__(
        self,
        client: FritzClient,
        radius_arcsec: float,
        pool: Executor,
        known: Mapping[str, list[Source]] | None = None,
    ) -> None:
        self._client = client
        self._radius = radius_arcsec
        self._pool = pool
        self._known = dict(known or {})

    def list_if_cheaper(self, places: Sequence[Place]) -> None:
        """Read the list of all sources that the token sees, where that takes fewer calls.

        A page of the list holds 500 sources, a cone search the few of one place. A server that
        is too busy for the list, which it may have to sort whole, is searched place by place.
        """
        places = [one for one in places if one.name not in self._known]
        if len(places) <= PAGE_COST:
            return
        try:
            self._known |= self._listed(places)
        except FritzServerError as error:
            logger.warning("%s; one search a place instead of the list of sources", error)

    def _listed(self, places: Sequence[Place]) -> dict[str, list[Source]]:
        listing = self._client.sources(attempts=LIST_ATTEMPTS)
        # The first page tells how many there are; only then is it known which way is cheaper.
        if listing.n_pages * PAGE_COST > len(places):
            logger.info("%d sources on the server: one search a place", listing.total)
            return {}
        listed = near_places(places, listing.sources(), self._radius)
        if listing.has_changed:
            # Somebody saved or removed one, so that another may have slipped between two pages.
            listed = {name: found for name, found in listed.items() if found}
        return listed

    def at(self, places: Sequence[Place]) -> dict[str, list[Source]]:
        """Return the sources within the radius of each place, the nearest first."""
        known = {one.name: self._known[one.name] for one in places if one.name in self._known}
        rest = [one for one in places if one.name not in known]
        searched = self._pool.map(self._search, rest)
        return known | {one.name: found for one, found in zip(rest, searched, strict=True)}

    def _search(self, place: Place) -> list[Source]:
        return self._client.cone_search(place.ra, place.dec, self._radius)


def near_places(
    places: Sequence[Place], sources: Iterable[Source], radius_arcsec: float
) -> dict[str, list[Source]]:
    """Return, for each place, those of the sources within the radius, the nearest first."""
    ra, dec = (np.array([getattr(one, name) for one in places]) for name in ("ra", "dec"))
    tree = cKDTree(unit_vectors(ra, dec))
    # Chords of the unit sphere: a tree of angles would have seams at 0 h and at the poles.
    chord = 2.0 * np.sin(np.radians(radius_arcsec / 3600.0) / 2.0)
    near: dict[str, list[Source]] = {one.name: [] for one in places}
    for source in sources:
        where = unit_vectors(np.array([source.ra]), np.array([source.dec]))[0]
        for number in tree.query_ball_point(where, chord):
            near[places[number].name].append(source)
    for place in places:
        # Pages may overlap where sources were saved meanwhile.
        unique = {one.obj_id: one for one in near[place.name]}
        near[place.name] = sorted(
            unique.values(), key=lambda one: separation_arcsec(place.ra, place.dec, one.ra, one.dec)
        )
    return near


def wait_until_settled(
    last_sent: float, seconds: float = SETTLE, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Wait until requests of a killed run, the last one sent at `last_sent` [s], are through.

    Looking sooner could miss what the server is about to store, and send it twice.
    """
    left = last_sent + seconds - time.time()
    # More than `seconds` is a clock that was set back.
    if 0.0 < left <= seconds:
        logger.info("waiting %.0f s for the requests of an interrupted run", left)
        sleep(left)


def choose(found: Sequence[Source], known_id: str | None, name: str) -> Source | None:
    """Return the source that a place stands for: the one known, or named so, or the nearest."""
    by_id: Mapping[str, Source] = {one.obj_id: one for one in found}
    for wanted in (known_id, name):
        if wanted is not None and wanted in by_id:
            return by_id[wanted]
    return found[0] if found else None
