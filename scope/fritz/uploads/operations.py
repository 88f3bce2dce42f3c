"""What an upload consists of: operations that may be repeated, each with a stable key."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from scope.base.hashing import md5_of

Kind = Literal["source", "photometry", "annotation", "classification"]
KINDS: tuple[Kind, ...] = ("source", "photometry", "annotation", "classification")
# data_md5 is not among them: other data are another annotation.
PROVENANCE = ("params_md5", "commit", "pipeline_version")
ORIGIN_LENGTH = 60  # of an annotation's origin; SkyPortal wants it to start with a letter


@dataclass(frozen=True)
class Place:
    """Where a planned source lies and which light curves it has.

    Attributes
    ----------
    name : ZTFJHHMMSS.ss+DDMMSS.s, the id it gets where Fritz has no source there
    ra, dec : [deg]
    light_curves : ids, rising
    """

    name: str
    ra: float
    dec: float
    light_curves: tuple[int, ...] = ()


@dataclass(frozen=True)
class Operation:
    """One thing that shall be so on the server, whether it must be sent for that or not.

    Attributes
    ----------
    subject : name of the `Place` it is about
    kind : source (exists and is saved to the groups), photometry (is there), annotation (the one
        of this origin holds these data), classification (this class is said of the source)
    what : tells operations of one kind apart, such as the origin or the class
    payload : JSON-ready content; a changed one is sent again
    """

    subject: str
    kind: Kind
    what: str
    payload: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Return the name of the operation, the same in each run."""
        return "/".join(part for part in (self.subject, self.kind, self.what) if part)

    @property
    def digest(self) -> str:
        """Return what tells two payloads apart; where they come from does not count.

        The same annotation from another commit is not sent again: the one on Fritz names the
        commit that it was first made by.
        """
        content: dict[str, Any] = dict(self.payload)
        if self.kind == "annotation":
            content["data"] = content_of(content["data"])
        # allow_nan: NaN is not JSON, and is never equal to itself.
        text = json.dumps(content, sort_keys=True, allow_nan=False)
        return md5_of(text)


def content_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an annotation's data without the keys that say which run made it."""
    return {name: value for name, value in data.items() if name not in PROVENANCE}


def origin_of(data_set: str) -> str:
    """Return the origin of a data set's annotations and classifications."""
    return f"scope-{data_set}"[:ORIGIN_LENGTH]


def save_source(place: Place, group_ids: list[int]) -> Operation:
    """Return: there is a source at the place, and it is saved to the groups."""
    payload = {
        "ra": round(place.ra, 7),
        "dec": round(place.dec, 7),
        "group_ids": sorted(group_ids),
        "light_curves": list(place.light_curves),
    }
    return Operation(place.name, "source", "", payload)


def place_of(operation: Operation) -> Place:
    """Return the place that a `save_source` operation is about."""
    payload = operation.payload
    curves = tuple(payload["light_curves"])
    return Place(operation.subject, payload["ra"], payload["dec"], curves)


def put_photometry(place: Place, group_ids: list[int]) -> Operation:
    """Return: the light curves of a source that the upload creates are there."""
    payload = {"light_curves": list(place.light_curves), "group_ids": sorted(group_ids)}
    return Operation(place.name, "photometry", "", payload)


def annotate(place: Place, origin: str, data: Mapping[str, Any], group_ids: list[int]) -> Operation:
    """Return: the source's annotation of this origin holds `data`, and nothing else."""
    payload = {"origin": origin, "data": dict(data), "group_ids": sorted(group_ids)}
    return Operation(place.name, "annotation", origin, payload)


def classify(
    place: Place, taxonomy_id: int, name: str, probability: float | None, **details: Any
) -> Operation:
    """Return: the source has the class `name` of a taxonomy, with this probability (0 to 1).

    `details` are `origin`, `group_ids` and `ml` of the classification.
    """
    payload = {
        "taxonomy_id": taxonomy_id,
        "classification": name,
        "probability": probability,
        **details,
    }
    return Operation(place.name, "classification", f"{taxonomy_id}/{name}", payload)
