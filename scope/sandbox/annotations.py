"""Annotations: one of each origin a source, whoever made it."""

import json
import math
import re
from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from scope.sandbox.authorization import Call, requires
from scope.sandbox.envelope import ApiError, success
from scope.sandbox.store import timestamp
from scope.sandbox.users import described

router = APIRouter()
Any_ = Annotated[Call, requires()]
Annotate = Annotated[Call, requires("Annotate")]
PATH = "/api/sources/{obj_id}/annotations"
UNSEEN = "Could not find any accessible annotations."


@router.get(PATH)
async def list_annotations(call: Any_, obj_id: str) -> JSONResponse:
    """Return those that the token's groups can see, none if there is no such source."""
    return success(annotations_of(call, obj_id))


@router.get(PATH + "/{number}")
async def get_annotation(call: Any_, obj_id: str, number: int) -> JSONResponse:
    """Return one."""
    return success(_described(call, _seen(call, obj_id, number)))


@router.post(PATH)
async def post_annotation(call: Annotate, obj_id: str) -> JSONResponse:
    """Add one; 400 if there is one of its origin, seen or unseen."""
    origin, data = call.body.get("origin", ""), call.body.get("data")
    # The origin is unique for a source across all authors, whoever may see it.
    if not isinstance(origin, str) or not re.match(r"^\w+", origin):
        raise _invalid("origin: String should match pattern '^\\w+'")
    text = _checked(data)
    if call.store.one("SELECT id FROM sources WHERE id = ?", obj_id) is None:
        raise ApiError(404, f"Obj {obj_id} not found")
    if call.store.one("SELECT id FROM annotations WHERE obj_id = ? AND origin = ?", obj_id, origin):
        key = (
            # SkyPortal hands the message of its database on; clients look for `already exists`.
            "(psycopg.errors.UniqueViolation) duplicate key value violates unique constraint "
            f'"annotations_obj_id_origin_key"\nDETAIL:  Key (obj_id, origin)=({obj_id}, {origin}) '
            "already exists.\n[SQL: INSERT INTO annotations ...]"
        )
        raise ApiError(400, f"Annotation already exists: {key}")
    groups = call.group_ids(default=sorted(call.user.accessible))
    now = timestamp()
    number = call.store.run(
        "INSERT INTO annotations (obj_id, origin, data, author_id, groups, created_at, modified)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(obj_id, origin, text, call.user.user_id, json.dumps(groups), now, now),
    )
    return success({"annotation_id": number})


@router.put(PATH)
async def put_without_number(call: Annotate, obj_id: str) -> JSONResponse:
    """Fail as SkyPortal does where a client forgot the number."""
    missing = "AnnotationHandler.put() missing 1 required positional argument: 'annotation_id'"
    raise ApiError(500, missing)


@router.put(PATH + "/{number}")
async def put_annotation(call: Annotate, obj_id: str, number: int) -> JSONResponse:
    """Replace all data of one's own."""
    _own(call, obj_id, number)
    if "data" in call.body:
        text = _checked(call.body["data"])
        call.store.run("UPDATE annotations SET data = ? WHERE id = ?", text, number)
    if "origin" in call.body:
        origin = call.body["origin"]
        call.store.run("UPDATE annotations SET origin = ? WHERE id = ?", origin, number)
    if "group_ids" in call.body:
        # Not checked: an annotation can be given to groups that its author is not in.
        groups = json.dumps(call.group_ids())
        call.store.run("UPDATE annotations SET groups = ? WHERE id = ?", groups, number)
    call.store.run("UPDATE annotations SET modified = ? WHERE id = ?", timestamp(), number)
    return success()


@router.delete(PATH + "/{number}")
async def delete_annotation(call: Annotate, obj_id: str, number: int) -> JSONResponse:
    """Delete one of one's own."""
    _own(call, obj_id, number)
    call.store.run("DELETE FROM annotations WHERE id = ?", number)
    return success()


def annotations_of(call: Call, obj_id: str) -> list[dict[str, Any]]:
    """Return the annotations of a source that the user can see."""
    rows = call.store.rows("SELECT * FROM annotations WHERE obj_id = ? ORDER BY id", obj_id)
    return [_described(call, row) for row in rows if _is_seen(call, row)]


def _is_seen(call: Call, row: dict[str, Any]) -> bool:
    return bool(set(json.loads(row["groups"])) & call.user.accessible)


def _seen(call: Call, obj_id: str, number: int) -> dict[str, Any]:
    row = call.store.one("SELECT * FROM annotations WHERE id = ?", number)
    if row is None or not _is_seen(call, row):
        raise ApiError(403, UNSEEN)
    if row["obj_id"] != obj_id:
        text = "Annotation resource ID does not match resource ID given in path"
        raise ApiError(400, f"{text} ({obj_id})")
    return row


def _own(call: Call, obj_id: str, number: int) -> None:
    """Refuse what is not one's own; one may change one's own even where one cannot see it."""
    row = call.store.one("SELECT * FROM annotations WHERE id = ?", number)
    if row is None or (row["author_id"] != call.user.user_id and not call.user.is_admin):
        raise ApiError(403, UNSEEN)
    if row["obj_id"] != obj_id:
        text = "Annotation resource ID does not match resource ID given in path"
        raise ApiError(400, f"{text} ({obj_id})")


def _checked(data: Any) -> str:
    if not isinstance(data, dict):
        raise _invalid("data: Input should be a valid dictionary")
    for value in data.values():
        if isinstance(value, float) and not math.isfinite(value):
            # NaN passes Python's JSON parser and fails in the database only: 500, not 400.
            text = "(psycopg.errors.InvalidTextRepresentation) invalid input syntax for type json"
            raise ApiError(500, f'{text}\nDETAIL:  Token "NaN" is invalid.')
    return json.dumps(data)


def _invalid(what: str) -> ApiError:
    return ApiError(400, f"Invalid/missing parameters: {what}")


def _described(call: Call, row: dict[str, Any]) -> dict[str, Any]:
    groups = sorted(set(json.loads(row["groups"])) & call.user.accessible)
    return {
        **{name: row[name] for name in ("id", "created_at", "author_id", "modified")},
        "data": json.loads(row["data"]),
        **{name: row[name] for name in ("origin", "obj_id")},
        "groups": [described(one, row["created_at"]) for one in groups],
    }
