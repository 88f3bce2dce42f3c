"""Classifications on Fritz, which keeps a second copy of each that is posted again."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from scope.fritz.errors import FritzError, FritzNotFoundError, FritzPermissionError
from scope.fritz.idempotency import needed_groups, write_once
from scope.fritz.reading import Reader
from scope.fritz.records import Classification, Written

AT_ONCE = 50  # each takes the server 0.1 s, and its proxy waits for 60 s
HTTP_BAD_REQUEST, HTTP_UNAUTHORIZED = 400, 401
Key = tuple[str, str, int, str | None]


class Classifier(Reader):
    """The calls that post classifications."""

    def classify(
        self,
        items: Sequence[Classification],
        known: Iterable[Classification] | None = None,
        regroup: Container[Key] = (),
    ) -> list[Written]:
        """Make the server hold these classifications; return what became of each, in order.

        One of the same class, taxonomy and origin is brought to the new probability where that
        differs and otherwise left. The others are posted together.

        Parameters
        ----------
        items : of any sources, all with `group_ids`
        known : what is there for these sources; without it, it is asked for, source by source
        regroup : keys of those that shall be shown to their `group_ids`, and no others, even
            where they are there; Fritz does not tell whom it shows a classification to

        Raises
        ------
        FritzError : one is refused; those before it may be there
        """
        there = _by_key(self._classifications_of(items) if known is None else known)
        # By key: a statement that stands twice among the items is posted once.
        new = list({one.key: one for one in items if one.key not in there}.values())
        posted: dict[Key, int] = {}
        for start in range(0, len(new), AT_ONCE):
            posted |= self._post_missing(new[start : start + AT_ONCE])
        return [
            Written(posted[one.key], "created")
            if one.key in posted
            else self._update(there[one.key], one, regroup=one.key in regroup)
            for one in items
        ]

    def post_classifications(self, items: Sequence[Classification]) -> list[int]:
        """Post classifications in one call, without looking, votes or labels; return their ids.

        `classify` is the safe way. Here a call that failed is left to the caller.

        Raises
        ------
        FritzError : `outcome_unknown` if some may be there: SkyPortal keeps those before a bad
            one and does not say which
        """
        body = {"classifications": [_body_of(one) for one in items]}
        try:
            answer = self._transport.call("POST", "/api/classification", body=body)
        except FritzError as error:
            if error.status == HTTP_BAD_REQUEST and len(items) > 1:
                # The list is not one transaction: items before the bad one are stored, their ids
                # lost.
                error.outcome_unknown = True
            raise
        return [int(one) for one in answer["classification_ids"]]

    def _update(
        self, there: Sequence[Classification], wanted: Classification, *, regroup: bool
    ) -> Written:
        """Bring one of those that are `there`, which say the same class, to what is wanted.

        Where they are all somebody else's, which one may not change, one's own is posted.
        """
        same = next((one for one in there if one.says_the_same(wanted)), None)
        found = same or there[-1]
        number = found.classification_id or 0
        if same is not None and not regroup:
            return Written(number, "there")
        # Without `ml` the server would say that a person classified.
        body: dict[str, Any] = {"probability": wanted.probability, "ml": wanted.ml}
        if regroup:
            body["group_ids"] = needed_groups(wanted.group_ids)
        path = f"/api/classification/{number}"
        try:
            self._transport.call("PUT", path, body=body, repeatable=True)
        except (FritzNotFoundError, FritzPermissionError) as error:
            # SkyPortal says of somebody else's classification that there is none.
            if error.status == HTTP_UNAUTHORIZED:
                raise
            return Written(self._post_missing([wanted])[wanted.key], "created")
        return Written(number, "updated")

    def _classifications_of(self, items: Iterable[Classification]) -> Iterator[Classification]:
        for obj_id in dict.fromkeys(one.obj_id for one in items):
            yield from self.classifications(obj_id)

    def _post_missing(self, items: Sequence[Classification]) -> Mapping[Key, int]:
        posted: dict[Key, int] = {}

        def look() -> Mapping[Key, int] | None:
            there = _by_key(self._classifications_of(items))
            for one in items:
                for found in there.get(one.key, []):
                    if found.says_the_same(one):
                        posted[one.key] = found.classification_id or 0
            return posted if len(posted) == len(items) else None

        def send() -> Mapping[Key, int]:
            # `look` may have found a part of an earlier attempt.
            left = [one for one in items if one.key not in posted]
            ids = self.post_classifications(left)
            posted.update(zip((one.key for one in left), ids, strict=True))
            return posted

        return write_once(self._transport, send, look)


def _body_of(one: Classification) -> dict[str, Any]:
    """Return a classification as SkyPortal takes it; an upload is no vote and no label."""
    body = asdict(one)
    body["classification"] = body.pop("name")
    unwanted = ["classification_id", "author_id", *(["origin"] if one.origin is None else [])]
    for name in unwanted:
        del body[name]
    return body | {"group_ids": needed_groups(one.group_ids), "vote": False, "label": False}


def _by_key(items: Iterable[Classification]) -> dict[Key, list[Classification]]:
    by_key: dict[Key, list[Classification]] = {}
    for one in items:
        by_key.setdefault(one.key, []).append(one)
    return by_key
