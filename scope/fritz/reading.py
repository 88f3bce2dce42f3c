"""What can be asked of Fritz: groups, taxonomies, sources and what is said of them."""

import math
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from scope.base.errors import ConfigError, DataError
from scope.data.sky import separation_arcsec
from scope.fritz.errors import FritzError, FritzNotFoundError
from scope.fritz.paging import Listing
from scope.fritz.records import (
    Annotation,
    Classification,
    Group,
    Source,
    annotation_of,
    classification_of,
    group_of,
    source_of,
)
from scope.fritz.transport import BURST, RATE, RetryPolicy, Transport

UNESCAPED = "+-._:;"  # of a source's name in a path; the IAU style has + and -


class Reader:
    """The calls that change nothing. Groups, taxonomies and instruments are asked for once."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        rate: float = RATE,
        burst: int = BURST,
        retry_policy: RetryPolicy | None = None,
    ) -> None:
        """Prepare a session; no call is made.

        Parameters
        ----------
        url : of the server, https://fritz.science or another SkyPortal
        token : kept out of every message
        rate, burst : calls a second, and how many may leave at once after a rest
        retry_policy : time-outs and repeats
        """
        self._transport = Transport(url, token, rate=rate, burst=burst, retry_policy=retry_policy)
        self._cache: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def pause(self, attempt: int, error: FritzError) -> bool:
        """Wait before a call is tried for the `attempt` + 1st time; False if it shall not be."""
        return self._transport.pause(attempt, error)

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return self._transport.url

    @property
    def n_calls(self) -> int:
        """Return how many requests have left, repeats included."""
        return self._transport.n_calls

    def page(self, obj_id: str) -> str:
        """Return the address of a source's page for people."""
        return f"{self.url}/source/{_quoted(obj_id)}"

    def groups(self) -> list[Group]:
        """Return the groups that the token can use, its own and, for administrators, all.

        This is also the check of a token.

        Raises
        ------
        FritzAuthenticationError : the server does not know the token
        """
        answer = self._cached("/api/groups")
        own = {one["id"] for one in answer["user_groups"]}
        # Either list may lack what the other has; together they are what the token can use.
        usable = {one["id"]: one for one in answer["user_groups"]}
        usable |= {one["id"]: one for one in answer["user_accessible_groups"]}
        return [group_of(one, number in own) for number, one in usable.items()]

    def group_names(self) -> dict[int, str]:
        """Return the names of the groups that the token can use, by their ids."""
        return {one.group_id: one.name for one in self.groups()}

    def check_groups(self, group_ids: Sequence[int]) -> None:
        """Make sure that there are groups and the token's user is in all of them.

        Raises
        ------
        ConfigError : there is none, which Fritz takes for everyone, or one is not joined
        """
        names = self.group_names()
        known = ", ".join(f"{number} ({name})" for number, name in sorted(names.items()))
        if not group_ids:
            raise ConfigError(f"name the groups that shall see the sources; yours are {known}")
        foreign = [number for number in group_ids if number not in names]
        if foreign:
            raise ConfigError(
                f"group {', '.join(map(str, foreign))} is not yours on {self.url}, which has "
                f"{known or 'none'} for you; join it there first"
            )

    def taxonomies(self) -> list[dict[str, Any]]:
        """Return the taxonomies shown to the token's groups: id, name, isLatest, hierarchy, ..."""
        return list(self._cached("/api/taxonomy"))

    def instruments(self, name: str | None = None) -> list[dict[str, Any]]:
        """Return the instruments, or those of a name: id, name, filters, ..."""
        query = None if name is None else {"name": name}
        return list(self._cached("/api/instrument", query))

    def instrument_id(self, name: str) -> int:
        """Return the id of an instrument.

        Raises
        ------
        FritzNotFoundError : the server has none of this name
        """
        found = [one for one in self.instruments(name) if one["name"] == name]
        if not found:
            raise FritzNotFoundError(f"{self.url} has no instrument {name!r} for light curves")
        return int(found[0]["id"])

    def sources(
        self, group_ids: Sequence[int] = (), *, attempts: int | None = None, **filters: Any
    ) -> Listing:
        """Return the list of sources saved to any of the groups (default: of the token's).

        Parameters
        ----------
        attempts : at each page, where fewer than the client's retry policy has are enough
        filters : SkyPortal's own, such as `savedAfter` or `annotationsFilterOrigin` (in lower case)
        """
        query = dict(filters)
        if group_ids:
            query["group_ids"] = ",".join(map(str, group_ids))
        return Listing(self._transport, query, attempts)

    def cone_search(self, ra_deg: float, dec_deg: float, radius_arcsec: float) -> list[Source]:
        """Return the sources within the radius, the nearest first.

        Only those saved to one of the token's groups are found: a source of others may be there
        unseen, see `exists`.

        Raises
        ------
        DataError : the place is not on the sky
        """
        check_place("cone search", ra_deg, dec_deg)
        # SkyPortal takes the radius in degrees, like the place.
        query = {"ra": ra_deg % 360.0, "dec": dec_deg, "radius": radius_arcsec / 3600.0}
        found = [
            source_of(one, separation_arcsec(ra_deg, dec_deg, float(one["ra"]), float(one["dec"])))
            # It sorts by when a source was saved and gives no distance.
            for one in Listing(self._transport, query).items()
        ]
        return sorted(found, key=lambda source: (source.distance_arcsec, source.obj_id))

    def source(self, obj_id: str) -> Source:
        """Return one source, whatever its groups.

        Raises
        ------
        FritzNotFoundError : there is none
        """
        return source_of(self._transport.call("GET", f"/api/sources/{_quoted(obj_id)}"))

    def exists(self, obj_id: str) -> bool:
        """Return whether there is a source of this name, in whatever group."""
        answer = self._transport.call("GET", f"/api/source_exists/{_quoted(obj_id)}")
        return bool(answer["source_exists"])

    def annotations(self, obj_id: str) -> list[Annotation]:
        """Return the annotations of a source that the token can see; none if there is no source."""
        answer = self._transport.call("GET", self._path(obj_id, "annotations"))
        return [annotation_of(one) for one in answer]

    def classifications(self, obj_id: str) -> list[Classification]:
        """Return the classifications of a source; none if there is no such source."""
        answer = self._transport.call("GET", self._path(obj_id, "classifications"))
        return [classification_of(one) for one in answer]

    def photometry(self, obj_id: str) -> list[dict[str, Any]]:
        """Return the points of a source: mjd [d], mag, magerr (or None), filter and more."""
        # Stored as fluxes; magnitudes are what was sent.
        query = {"format": "mag", "magsys": "ab"}
        return list(self._transport.call("GET", self._path(obj_id, "photometry"), query=query))

    def archive_catalogues(self) -> list[str]:
        """Return the catalogues of Fritz's former archive.

        Raises
        ------
        FritzNotFoundError : this server has no archive
        """
        try:
            return list(self._transport.call("GET", "/api/archive/catalogs"))
        except FritzNotFoundError as error:
            raise self._no_archive() from error

    def _no_archive(self) -> FritzNotFoundError:
        return FritzNotFoundError(
            f"{self.url} has no archive of light curves (Fritz removed it in August 2026); give "
            "the light curves as a file with --light-curves"
        )

    def _path(self, obj_id: str, what: str) -> str:
        return f"/api/sources/{_quoted(obj_id)}/{what}"

    def _cached(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        key = f"{path}?{query}"
        if key not in self._cache:
            self._cache[key] = self._transport.call("GET", path, query=query)
        return self._cache[key]


def check_place(what: str, ra_deg: float, dec_deg: float) -> None:
    """Refuse with DataError a position that SkyPortal would take although it is none."""
    if not (math.isfinite(ra_deg) and 0.0 <= ra_deg <= 360.0 and -90.0 <= dec_deg <= 90.0):
        raise DataError(
            f"{what}: ra {ra_deg}, dec {dec_deg} is no place on the sky; "
            "ra is 0 to 360 and dec -90 to 90 deg"
        )


def _quoted(obj_id: str) -> str:
    return quote(str(obj_id), safe=UNESCAPED)
