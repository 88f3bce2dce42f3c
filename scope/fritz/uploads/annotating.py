"""One annotation of one source, by hand."""

import json
import math
from collections.abc import Sequence
from typing import Any

from scope.base.errors import ConfigError
from scope.fritz import FritzClient
from scope.fritz.errors import FritzNotFoundError


def parse(given: Sequence[str]) -> dict[str, Any]:
    """Return KEY=VALUE pairs; a value is read as JSON where it is JSON, None where it is empty.

    Raises
    ------
    ConfigError : there is no pair, or one has no key
    """
    if not given:
        raise ConfigError("nothing to annotate: give --data KEY=VALUE, or --delete")
    pairs = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not key or not equals:
            raise ConfigError(f"--data {one}: write KEY=VALUE")
        pairs[key] = _value(value)
    return pairs


def change(
    client: FritzClient, obj_id: str, origin: str, changes: dict[str, Any], group_ids: list[int]
) -> str:
    """Post or update an annotation, keeping its other keys; return what became of it.

    Raises
    ------
    FritzNotFoundError : there is no such source
    """
    client.source(obj_id)  # SkyPortal lists no annotations for a source that it does not have
    known = client.annotations(obj_id)
    # An update replaces all data on the server: what shall stay is sent again.
    data = next((dict(one.data) for one in known if one.origin == origin), {}) | changes
    data = {key: value for key, value in data.items() if value is not None}
    return client.annotate(obj_id, origin, data, group_ids, known).outcome


def delete(client: FritzClient, obj_id: str, origin: str) -> str:
    """Delete the annotation of an origin.

    Raises
    ------
    FritzNotFoundError : the source has none that the token can see
    """
    for one in client.annotations(obj_id):
        if one.origin == origin:
            client.delete_annotation(obj_id, one.annotation_id)
            return "deleted"
    raise FritzNotFoundError(f"{obj_id} has no annotation of origin {origin!r} that you can see")


def _value(text: str) -> Any:
    if not text:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return text  # Fritz stores neither null nor NaN
    return value
