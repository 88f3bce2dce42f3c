"""The client of Fritz: what the tools write there, each thing once."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from scope.base.errors import DataError
from scope.fritz.classifying import Classifier
from scope.fritz.errors import FritzInvalidError, FritzNotFoundError, FritzPermissionError
from scope.fritz.idempotency import needed_groups, write_once
from scope.fritz.reading import check_place
from scope.fritz.records import Annotation, Outcome, Written

POINTS_AT_ONCE = 5000
SQL_PARAMETERS = 65_535  # in one statement of SkyPortal's database; a point takes 4 a group
HTTP_FORBIDDEN = 403
# What SkyPortal takes; a slash would end up in the path of later calls.
SOURCE_NAME = re.compile(r"[a-zA-Z0-9_\-;:+.]+")


class FritzClient(Classifier):
    """One authenticated session with Fritz (SkyPortal). Use as a context manager, in any thread.

    Nothing is written twice: what is the same when done twice is repeated after a lost answer,
    and before anything else is repeated the client looks whether it is there. `group_ids` must
    always be given, since Fritz shows to everyone what comes without.
    """

    def create_source(
        self, obj_id: str, ra_deg: float, dec_deg: float, group_ids: Sequence[int], **details: Any
    ) -> None:
        """Create a source and save it to groups.

        For a name that is there already its position must be the same: SkyPortal keeps the old
        one but searches at the new one. Names made of the position take care of that; otherwise
        use `save_to_groups`. `details` are `origin`, `alias`, `altdata`, `redshift`.

        Raises
        ------
        DataError : the name or the place is none
        FritzPermissionError : a group is not joined, or the token may not upload
        """
        if not SOURCE_NAME.fullmatch(obj_id):
            raise DataError(f"source name {obj_id!r}: letters, numbers and _-;:+. only")
        check_place(f"source {obj_id}", ra_deg, dec_deg)
        self._save({"id": obj_id, "ra": ra_deg, "dec": dec_deg, **details}, group_ids)

    def save_to_groups(self, obj_id: str, group_ids: Sequence[int]) -> None:
        """Save a source that is there to groups; those it is saved to already do no harm.

        Raises
        ------
        FritzNotFoundError : there is no such source
        """
        try:
            # Without ra and dec: with others SkyPortal would move the source out of its cone
            # searches.
            self._save({"id": obj_id}, group_ids)
        except FritzInvalidError as error:
            if "must not be null for a new Obj" in error.server_message:
                raise FritzNotFoundError(f"there is no source {obj_id}") from error
            raise

    def put_photometry(
        self, points: Mapping[str, Any], instrument_id: int, group_ids: Sequence[int]
    ) -> list[int]:
        """Make the server hold points, in as many calls as it needs; return their ids in order.

        Points that are there are not added again. But SkyPortal tells points apart by obj_id,
        instrument, origin, mjd and flux, not by filter: give each light curve an `origin` of its
        own.

        Parameters
        ----------
        points : `obj_id`, `mjd` [d], `mag`, `magerr`, `limiting_mag` [mag], `magsys`, `filter`
            (ztfg, ztfr, ztfi), `origin` and others of SkyPortal's: lists of one length, or one
            value for all
        """
        group_ids = needed_groups(group_ids)
        fixed = {"magsys": "ab", "instrument_id": instrument_id, "group_ids": group_ids}
        ids: list[int] = []
        for chunk in _chunks(points, group_ids):
            body = {**fixed, **chunk}
            # PUT, not POST: points that are there already are taken for done instead of refused.
            answer = self._transport.call("PUT", "/api/photometry", body=body, repeatable=True)
            ids += [int(one) for one in answer["ids"]]
        return ids

    def annotate(
        self,
        obj_id: str,
        origin: str,
        data: Mapping[str, Any],
        group_ids: Sequence[int],
        known: Iterable[Annotation] | None = None,
    ) -> Written:
        """Make the annotation of this origin hold `data` and nothing else, for these groups, too.

        `known` are the source's annotations where they have been read; without them they are
        asked for.

        Raises
        ------
        FritzPermissionError : the annotation of this origin is somebody else's
        """
        outcome: Outcome = "there"
        found = _of_origin(self.annotations(obj_id) if known is None else known, origin)
        if found is None:
            found, outcome = self._post_annotation(obj_id, origin, data, group_ids)
        body: dict[str, Any] = {}
        if dict(found.data) != dict(data):
            # PUT replaces all data: the server merges nothing.
            body["data"] = dict(data)
        # Groups are added only: others may have been shown it on purpose.
        if not found.is_shown_to(group_ids):
            body["group_ids"] = sorted(found.group_ids.union(group_ids))
        if not body:
            return Written(found.annotation_id, outcome)
        path = self._path(obj_id, f"annotations/{found.annotation_id}")
        try:
            self._transport.call("PUT", path, body=body, repeatable=True)
        except FritzPermissionError as error:
            # 401 is about the token, 403 about an annotation whose author is another.
            if error.status != HTTP_FORBIDDEN:
                raise
            raise _taken(obj_id, origin, "is somebody else's") from error
        return Written(found.annotation_id, "updated")

    def delete_annotation(self, obj_id: str, annotation_id: int) -> None:
        """Delete an annotation of one's own."""

        def gone() -> bool | None:
            there = any(one.annotation_id == annotation_id for one in self.annotations(obj_id))
            return None if there else True

        path = self._path(obj_id, f"annotations/{annotation_id}")
        write_once(self._transport, lambda: self._transport.call("DELETE", path), gone)

    def comment(self, obj_id: str, text: str, group_ids: Sequence[int]) -> Written:
        """Make a comment; the same one by the same author is not made again."""
        body = {"text": text, "group_ids": needed_groups(group_ids)}
        path = self._path(obj_id, "comments")
        # The one POST of content that may be repeated: SkyPortal knows the same comment again.
        answer = self._transport.call("POST", path, body=body, repeatable=True)
        return Written(int(answer["comment_id"]), "there" if "message" in answer else "created")

    def post_taxonomy(
        self, name: str, version: str, hierarchy: Mapping[str, Any], group_ids: Sequence[int]
    ) -> Written:
        """Make the server have this version of a taxonomy.

        Raises
        ------
        FritzInvalidError : it has the version with another tree, or refuses the tree
        FritzPermissionError : the token may not post taxonomies, which few tokens may
        """

        def look() -> Written | None:
            self._cache.clear()
            for one in self.taxonomies():
                if (one["name"], str(one["version"])) == (name, version):
                    if one["hierarchy"] != hierarchy:
                        raise FritzInvalidError(
                            f"{self.url} has {name} {version} with another tree; raise the version"
                        )
                    return Written(int(one["id"]), "there")
            return None

        def send() -> Written:
            body = {"name": name, "version": version, "hierarchy": hierarchy}
            groups = {"group_ids": needed_groups(group_ids)}
            answer = self._transport.call("POST", "/api/taxonomy", body=body | groups)
            self._cache.clear()
            return Written(int(answer["taxonomy_id"]), "created")

        # Looked for first: a version that is there is refused, even with the same tree.
        return look() or write_once(self._transport, send, look)

    def archive_source(
        self,
        light_curve_ids: Sequence[int],
        catalogue: str,
        group_ids: Sequence[int],
        obj_id: str | None = None,
    ) -> str:
        """Let Fritz's former archive make a source of light curves; return the source's name.

        Without `obj_id` Fritz makes the name from the mean position. A source that was there gets
        the photometry, but is saved to no group: see `save_to_groups`.

        Raises
        ------
        FritzNotFoundError : this server has no archive
        """
        body = {
            "obj_id": obj_id,
            "catalog": catalogue,
            "light_curve_ids": [int(one) for one in light_curve_ids],
            "group_ids": needed_groups(group_ids),
        }
        try:
            answer = self._transport.call("POST", "/api/archive", body=body, repeatable=True)
        except FritzNotFoundError as error:
            raise self._no_archive() from error
        return str(answer["obj_id"])

    def _save(self, body: dict[str, Any], group_ids: Sequence[int]) -> None:
        wanted = needed_groups(group_ids)
        body["group_ids"] = wanted
        answer = self._transport.call("POST", "/api/sources", body=body, repeatable=True)
        # The answer, not its status, says which groups have it.
        left = set(wanted) - set(answer.get("saved_to_groups", wanted))
        if left:
            groups = ", ".join(map(str, sorted(left)))
            raise FritzPermissionError(f"{body['id']} was not saved to group {groups}")

    def _post_annotation(
        self, obj_id: str, origin: str, data: Mapping[str, Any], group_ids: Sequence[int]
    ) -> tuple[Annotation, Outcome]:
        """Return the annotation posted, or the one of the origin that was there unseen."""
        path = self._path(obj_id, "annotations")
        body = {"origin": origin, "data": dict(data), "group_ids": needed_groups(group_ids)}

        def look(outcome: Outcome = "created") -> tuple[Annotation, Outcome] | None:
            found = _of_origin(self.annotations(obj_id), origin)
            return None if found is None else (found, outcome)

        def send() -> tuple[Annotation, Outcome]:
            try:
                answer = self._transport.call("POST", path, body=body)
            except FritzInvalidError as error:
                # Unique for a source and an origin, whoever made it: it may be there unseen.
                if "already exists" not in error.server_message:
                    raise
                found = look("there")
                if found is None:
                    raise _taken(obj_id, origin, "is there that you cannot see") from error
                return found
            return Annotation(int(answer["annotation_id"]), origin, data), "created"

        return write_once(self._transport, send, look)


def _of_origin(annotations: Iterable[Annotation], origin: str) -> Annotation | None:
    return next((one for one in annotations if one.origin == origin), None)


def _taken(obj_id: str, origin: str, what: str) -> FritzPermissionError:
    return FritzPermissionError(
        f"{obj_id}: an annotation of origin {origin!r} {what}; ask its author or choose another "
        "origin"
    )


def _chunks(points: Mapping[str, Any], group_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    lists = {name: list(value) for name, value in points.items() if _is_list(value)}
    lengths = {len(value) for value in lists.values()}
    if len(lengths) > 1:
        raise DataError(f"photometry columns of different lengths {sorted(lengths)}")
    single = {name: value for name, value in points.items() if name not in lists}
    # Each point is stored for the groups and for the uploader's own.
    size = min(POINTS_AT_ONCE, SQL_PARAMETERS // (4 * (len(group_ids) + 1)))
    for start in range(0, lengths.pop() if lengths else 1, size):
        part = slice(start, start + size)
        yield single | {name: value[part] for name, value in lists.items()}


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
