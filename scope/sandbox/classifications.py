"""Classifications: a second copy of each that is posted again, and lists that stop halfway."""

import json
from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from scope.sandbox.authorization import Call, requires
from scope.sandbox.envelope import ApiError, success
from scope.sandbox.store import timestamp
from scope.sandbox.users import USERS

router = APIRouter()
Any_ = Annotated[Call, requires()]
Classify = Annotated[Call, requires("Classify")]
MOST_PER_PAGE = 500
BOOLEANS = (True, False, "True", "False", "t", "f", "true", "false")


@router.post("/api/classification")
async def post_classification(call: Classify) -> JSONResponse:
    """Add one, or a list of them item by item until one is wrong."""
    try:
        if "classifications" in call.body:
            items = call.body["classifications"]
            # No transaction round the list: those before a bad item stay, and the answer does not
            # name them.
            return success({"classification_ids": [_add(call, one) for one in items]})
        return success({"classification_id": _add(call, call.body)})
    except ApiError as error:
        raise ApiError(400, f"Error posting classification: {error.message}") from None


@router.get("/api/classification")
async def list_classifications(call: Any_) -> JSONResponse:
    """Return a page of all that the token can see, in no order."""
    size = min(int(call.query.get("numPerPage", 100)), MOST_PER_PAGE)
    start = (int(call.query.get("pageNumber", 1)) - 1) * size
    # No ORDER BY, as in SkyPortal: pages of it may repeat or miss one.
    rows = call.store.rows("SELECT * FROM classifications")
    seen = [_described(row) for row in rows if _is_seen(call, row)]
    return success({"classifications": seen[start : start + size], "totalMatches": len(seen)})


@router.get("/api/classification/{number}")
async def get_classification(call: Any_, number: int) -> JSONResponse:
    """Return one."""
    row = call.store.one("SELECT * FROM classifications WHERE id = ?", number)
    if row is None or not _is_seen(call, row):
        raise ApiError(400, f"Cannot find classification with ID: {number}.")
    return success(_described(row))


@router.put("/api/classification/{number}")
async def put_classification(call: Classify, number: int) -> JSONResponse:
    """Change one of one's own; without `ml` it is said by a person from then on."""
    row = _own(call, number)
    new = {name: call.body.get(name, row[name]) for name in ("classification", "probability")}
    groups = call.group_ids(default=json.loads(row["groups"]))
    if not set(groups) <= call.user.accessible:
        raise ApiError(400, f"Cannot find one or more groups with IDs: {groups}.")
    call.store.run(
        "UPDATE classifications SET classification = ?, probability = ?, ml = ?, groups = ?,"
        " modified = ? WHERE id = ?",
        *(*new.values(), int(_boolean(call.body.get("ml", False))), json.dumps(groups)),
        *(timestamp(), number),
    )
    return success()


@router.delete("/api/classification/{number}")
async def delete_classification(call: Classify, number: int) -> JSONResponse:
    """Delete one of one's own."""
    _own(call, number)
    call.store.run("DELETE FROM classifications WHERE id = ?", number)
    return success()


@router.get("/api/sources/{obj_id}/classifications")
async def get_classifications(call: Any_, obj_id: str) -> JSONResponse:
    """Return those of a source, none if there is no such source."""
    rows = classifications_of(call, obj_id)
    return success([{**one, "votes": [], "edits": []} for one in rows])


@router.delete("/api/sources/{obj_id}/classifications")
async def delete_classifications(call: Classify, obj_id: str) -> JSONResponse:
    """Delete all of a source that are one's own."""
    call.store.run(
        "DELETE FROM classifications WHERE obj_id = ? AND author_id = ?",
        *(obj_id, call.user.user_id),
    )
    return success()


def classifications_of(call: Call, obj_id: str) -> list[dict[str, Any]]:
    """Return the classifications of a source that the user can see."""
    rows = call.store.rows("SELECT * FROM classifications WHERE obj_id = ? ORDER BY id", obj_id)
    return [_described(row) for row in rows if _is_seen(call, row)]


def _add(call: Call, item: dict[str, Any]) -> int:
    for name in ("obj_id", "classification", "taxonomy_id"):
        if name not in item:
            # The text of a KeyError is all that SkyPortal says of a missing field.
            raise ApiError(400, f"'{name}'")
    obj_id, name, taxonomy_id = item["obj_id"], item["classification"], item["taxonomy_id"]
    _check_class(call, name, taxonomy_id)
    probability = _checked_probability(item.get("probability"))
    if call.store.one("SELECT id FROM sources WHERE id = ?", obj_id) is None:
        raise ApiError(400, f"Cannot find object with ID {obj_id}.")
    ml = _boolean(item.get("ml", False))
    groups = Call(call.user, call.store, call.query, item).group_ids()
    if not set(groups) <= call.user.accessible:
        # SkyPortal says the token itself, as here.
        text = f"Token {call.user.token} create ClassificationVote {{6}}"
        raise ApiError(400, f'Insufficient permissions for operation "{text}".')
    now = timestamp()
    return call.store.run(
        "INSERT INTO classifications (obj_id, classification, taxonomy_id, probability, ml, origin,"
        " author_id, groups, vote, label, created_at, modified)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(obj_id, name, taxonomy_id, probability, int(ml), item.get("origin")),
        *(call.user.user_id, json.dumps(groups), int(item.get("vote", True))),
        *(int(item.get("label", True)), now, now),
    )


def _check_class(call: Call, name: str, taxonomy_id: Any) -> None:
    taxonomy = call.store.one("SELECT * FROM taxonomies WHERE id = ?", taxonomy_id)
    if taxonomy is None:
        raise ApiError(400, f"Cannot find a taxonomy with ID: {taxonomy_id}.")
    if name not in _names(json.loads(taxonomy["hierarchy"])):
        text = "is not in the allowed classes for the chosen taxonomy"
        raise ApiError(400, f"That classification ({name}) {text} (id={taxonomy_id}")


def _checked_probability(value: Any) -> Any:
    if isinstance(value, str):
        raise ApiError(400, "'<' not supported between instances of 'str' and 'int'")
    if value is not None and not 0 <= value <= 1:
        text = f"That probability ({value}) is outside the allowable range (0-1)."
        raise ApiError(400, text)
    return value


def _boolean(value: Any) -> bool:
    if value not in BOOLEANS:
        known = "True, False, 'True', 'False', 't', 'f', 'true', 'false'"
        raise ApiError(400, f"If provided, ml must be one of {known} (got {value})")
    return value in (True, "True", "t", "true")


def _names(node: dict[str, Any]) -> set[str]:
    below = [_names(one) for one in node.get("subclasses") or []]
    return {node["class"]}.union(*below)


def _is_seen(call: Call, row: dict[str, Any]) -> bool:
    return bool(set(json.loads(row["groups"])) & call.user.accessible)


def _own(call: Call, number: int) -> dict[str, Any]:
    """Return what one may change; SkyPortal says of what one may not that it is not there."""
    row = call.store.one("SELECT * FROM classifications WHERE id = ?", number)
    if row is None or (row["author_id"] != call.user.user_id and not call.user.is_admin):
        raise ApiError(400, f"Cannot find a classification with ID: {number}.")
    return row


def _described(row: dict[str, Any]) -> dict[str, Any]:
    authors = {one.user_id: one.name for one in USERS}
    return {
        **{name: row[name] for name in ("taxonomy_id", "author_id")},
        "author_name": authors.get(row["author_id"]),
        **{name: row[name] for name in ("obj_id", "modified", "classification", "origin")},
        "probability": row["probability"],
        "ml": bool(row["ml"]),
        **{name: row[name] for name in ("id", "created_at")},
    }
