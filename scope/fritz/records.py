"""What Fritz knows of groups and sources, as far as the tools need it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["created", "updated", "there"]
SAME_PROBABILITY = 1e-6  # a server may keep fewer digits than it was sent


@dataclass(frozen=True)
class Group:
    """A group that the token can see; `is_member`: its user is in it."""

    group_id: int
    name: str
    is_member: bool = True
    is_single_user: bool = False


@dataclass(frozen=True)
class Annotation:
    """One annotation of a source; there is at most one of each origin.

    Attributes
    ----------
    group_ids : who can see it; empty where the server does not tell
    """

    annotation_id: int
    origin: str
    data: Mapping[str, Any]
    author_id: int | None = None
    group_ids: frozenset[int] = frozenset()

    def is_shown_to(self, group_ids: Iterable[int]) -> bool:
        """Return whether all these groups can see it, as far as the server tells."""
        return not self.group_ids or self.group_ids.issuperset(group_ids)


@dataclass(frozen=True)
class Classification:
    """One classification, to be posted or as the server has it.

    Attributes
    ----------
    name : class in the taxonomy, case and all
    probability : 0 to 1, or None
    ml : a machine said so
    group_ids : who shall see it; empty for those read from the server, which does not tell
    classification_id, author_id : None until it is on the server
    """

    obj_id: str
    name: str
    taxonomy_id: int
    probability: float | None = None
    ml: bool = True
    origin: str | None = None
    group_ids: tuple[int, ...] = ()
    classification_id: int | None = None
    author_id: int | None = None

    @property
    def key(self) -> tuple[str, str, int, str | None]:
        """Return what makes two classifications the same statement, whatever its probability."""
        return (self.obj_id, self.name, self.taxonomy_id, self.origin)

    def says_the_same(self, other: "Classification") -> bool:
        """Return whether two classifications of one key agree in all that Fritz shows of them."""
        mine, theirs = self.probability, other.probability
        if mine is None or theirs is None or self.ml != other.ml:
            return mine is theirs and self.ml == other.ml
        return math.isclose(mine, theirs, abs_tol=SAME_PROBABILITY)


@dataclass(frozen=True)
class Source:
    """A source as a search gives it.

    Attributes
    ----------
    ra, dec : [deg]
    distance_arcsec : from the place of the cone search, NaN for other searches
    group_ids : groups that it is saved to
    raw : all that the server says, as it came
    """

    obj_id: str
    ra: float
    dec: float
    distance_arcsec: float
    group_ids: frozenset[int]
    annotations: tuple[Annotation, ...]
    classifications: tuple[Classification, ...]
    raw: Mapping[str, Any] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Written:
    """What became of something to be written: its id on the server and how it came there."""

    server_id: int
    outcome: Outcome


def group_of(answer: Mapping[str, Any], is_member: bool = True) -> Group:
    """Return a group from the server's description of it."""
    single = bool(answer.get("single_user_group"))
    return Group(int(answer["id"]), str(answer["name"]), is_member, single)


def annotation_of(answer: Mapping[str, Any]) -> Annotation:
    """Return an annotation from the server's description of it."""
    return Annotation(
        int(answer["id"]),
        str(answer["origin"]),
        answer.get("data") or {},
        answer.get("author_id"),
        frozenset(int(one["id"]) for one in answer.get("groups") or []),
    )


def classification_of(answer: Mapping[str, Any]) -> Classification:
    """Return a classification from the server's description of it."""
    return Classification(
        obj_id=str(answer["obj_id"]),
        name=str(answer["classification"]),
        taxonomy_id=int(answer["taxonomy_id"]),
        probability=answer.get("probability"),
        ml=bool(answer.get("ml")),
        origin=answer.get("origin"),
        classification_id=int(answer["id"]),
        author_id=answer.get("author_id"),
    )


def source_of(answer: Mapping[str, Any], distance_arcsec: float = float("nan")) -> Source:
    """Return a source from the server's description of it."""
    groups = answer.get("groups") or []
    return Source(
        obj_id=str(answer["id"]),
        ra=float(answer["ra"]),
        dec=float(answer["dec"]),
        distance_arcsec=distance_arcsec,
        # Not active: somebody asked for it to be saved there, and nobody has agreed yet.
        group_ids=frozenset(int(one["id"]) for one in groups if one.get("active", True)),
        annotations=tuple(annotation_of(one) for one in answer.get("annotations") or []),
        classifications=tuple(
            # Nested in a source they need not repeat whose they are.
            classification_of({"obj_id": answer["id"], **one})
            for one in answer.get("classifications") or []
        ),
        raw=answer,
    )
