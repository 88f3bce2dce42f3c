"""What a SkyPortal has once and for all: groups, instruments, taxonomies; and comments."""

import json
from importlib.resources import files
from typing import Annotated, Any

import yaml
from fastapi import APIRouter
from starlette.responses import JSONResponse

from scope.sandbox.authorization import Call, requires
from scope.sandbox.envelope import ApiError, success
from scope.sandbox.store import Store, timestamp
from scope.sandbox.users import GROUPS, SITEWIDE, USERS, described

router = APIRouter()
Any_ = Annotated[Call, requires()]
PostTaxonomy = Annotated[Call, requires("Post taxonomy")]
Comment = Annotated[Call, requires("Comment")]
START = "2026-11-22T11:22:02.408500"
INSTRUMENT = {
    "filters": ["ztfg", "ztfr", "ztfi"],
    "created_at": START,
    "modified": START,
    "name": "ZTF",
    "type": "imager",
    "band": "optical",
    "id": 1,
    "telescope_id": 1,
    "has_fields": False,
    "has_region": False,
    **dict.fromkeys(
        [
            *("treasuremap_id", "sensitivity_data", "tns_id", "configuration_data", "across_id"),
            *("region", "last_status_update", "api_classname", "api_classname_obsplan"),
            *("listener_classname", "status"),
        ]
    ),
}
TELESCOPE = {"id": 1, "name": "Palomar 1.2m Oschin", "nickname": "P48", "lat": 33.3633675}
TAXONOMY_FIELDS = {
    *("name", "version", "hierarchy", "hierarchy_file", "group_ids", "provenance", "isLatest")
}
NODE_FIELDS = {"class", "subclasses", "tags", "other names", "comments", "links"}


@router.get("/api/sysinfo")
async def sysinfo() -> JSONResponse:
    """Return what a server says without a token."""
    return success({"gitlog": [{"time": START, "sha": "sandbox", "description": "scope sandbox"}]})


@router.get("/api/groups")
async def get_groups(call: Any_) -> JSONResponse:
    """Return the groups: a dict of lists, but a list for a name."""
    everyone = [described(one, START) for one in GROUPS]
    name = call.query.get("name")
    if name is not None:
        return success([one for one in everyone if one["name"] == name])
    return success(
        {
            "user_groups": [{**described(one, START), "streams": []} for one in call.user.groups],
            "user_accessible_groups": [
                described(one, START)
                for one in sorted(call.user.accessible)
                # The single-user groups of others stay out of sight.
                if not GROUPS[one][1] or one == call.user.own_group
            ],
            "all_groups": everyone,
        }
    )


@router.get("/api/groups/{number}")
async def get_group(call: Any_, number: int) -> JSONResponse:
    """Return one group, one's own or not."""
    if number not in GROUPS:
        raise ApiError(400, f"Could not load group with ID {number}")
    empty: dict[str, Any] = {name: [] for name in ("group_users", "streams", "filters", "users")}
    return success({**described(number, START), **empty})


@router.get("/api/instrument")
async def get_instruments(call: Any_) -> JSONResponse:
    """Return the instruments, or those of a name."""
    # A list in either case, while /api/instrument/1 is an object.
    name = call.query.get("name", "ZTF")
    return success([{**INSTRUMENT, "telescope": TELESCOPE}] if name == "ZTF" else [])


@router.get("/api/instrument/{number}")
async def get_instrument(call: Any_, number: int) -> JSONResponse:
    """Return one instrument."""
    if number != INSTRUMENT["id"]:
        raise ApiError(400, f"No instrument with ID: {number}")
    return success(INSTRUMENT)


@router.get("/api/taxonomy")
async def get_taxonomies(call: Any_) -> JSONResponse:
    """Return the taxonomies shown to one's groups."""
    rows = call.store.rows("SELECT * FROM taxonomies ORDER BY id")
    return success([_taxonomy(row, listed=True) for row in rows if _is_shown(call, row)])


@router.get("/api/taxonomy/{number}")
async def get_taxonomy(call: Any_, number: int) -> JSONResponse:
    """Return one taxonomy."""
    row = call.store.one("SELECT * FROM taxonomies WHERE id = ?", number)
    if row is None or not _is_shown(call, row):
        raise ApiError(400, "Taxonomy does not exist or is not available to user.")
    return success(_taxonomy(row, listed=False))


@router.post("/api/taxonomy")
async def post_taxonomy(call: PostTaxonomy) -> JSONResponse:
    """Add a taxonomy; older ones of its name are no longer the latest."""
    body = call.body
    unknown = [name for name in body if name not in TAXONOMY_FIELDS]
    if unknown:
        text = f"{unknown[0]}: Extra inputs are not permitted"
        raise ApiError(400, f"Invalid/missing parameters: {text}")
    name, version = body.get("name"), body.get("version")
    hierarchy = body.get("hierarchy") or yaml.safe_load(body.get("hierarchy_file", "null"))
    if call.store.one("SELECT id FROM taxonomies WHERE name = ? AND version = ?", name, version):
        text = "If you really want to replace this then delete the appropriate entry."
        raise ApiError(400, f"That version/name combination is already present. {text}")
    if not _is_tree(hierarchy):
        raise ApiError(400, "Hierarchy does not validate against the schema.")
    groups = call.group_ids()
    return success({"taxonomy_id": _insert(call.store, str(name), str(version), hierarchy, groups)})


@router.post("/api/sources/{obj_id}/comments")
async def post_comment(call: Comment, obj_id: str) -> JSONResponse:
    """Add a comment, unless one has made the same before."""
    text, groups = call.body.get("text"), json.dumps(call.group_ids())
    start = f"Error posting comment for sources {obj_id}: "
    if text is None:
        raise ApiError(400, f"{start}'NoneType' object has no attribute 'replace'")
    if call.store.one("SELECT id FROM sources WHERE id = ?", obj_id) is None:
        key = f'insert or update on table "comments" ... Key (obj_id)=({obj_id}) is not present'
        raise ApiError(400, f"{start}(psycopg.errors.ForeignKeyViolation) {key}")
    author = call.user.user_id
    same = call.store.one(
        "SELECT id FROM comments WHERE obj_id = ? AND text = ? AND author_id = ? AND groups = ?",
        *(obj_id, text, author, groups),
    )
    if same is not None:
        return success({"comment_id": same["id"], "message": "Same comment already exists."})
    number = call.store.run(
        "INSERT INTO comments (obj_id, text, author_id, groups, created_at) VALUES (?, ?, ?, ?, ?)",
        *(obj_id, text, author, groups, timestamp()),
    )
    return success({"comment_id": number})


@router.get("/api/sources/{obj_id}/comments")
async def get_comments(call: Any_, obj_id: str) -> JSONResponse:
    """Return the comments of a source."""
    rows = call.store.rows("SELECT * FROM comments WHERE obj_id = ? ORDER BY id", obj_id)
    names = {one.user_id: one.name for one in USERS}
    return success(
        [
            {
                **{name: row[name] for name in ("text", "obj_id", "id", "created_at", "author_id")},
                "modified": row["created_at"],
                "bot": True,
                "author": {"username": names.get(row["author_id"])},
                **{"system": False, "origin": None, "channel": None, "attachment_name": None},
                "resourceType": "sources",
            }
            for row in rows
        ]
    )


def seed(store: Store) -> None:
    """Give a new sandbox the taxonomy that every SkyPortal has."""
    if store.one("SELECT id FROM taxonomies") is None:
        outline = yaml.safe_load(files("scope.sandbox").joinpath("sitewide.yaml").read_text())
        _insert(store, "Sitewide Taxonomy", "2026", _tree(outline[0]), [SITEWIDE])


def _tree(outline: Any) -> dict[str, Any]:
    if isinstance(outline, str):
        return {"class": outline}
    ((name, below),) = outline.items()
    return {"class": name, "subclasses": [_tree(one) for one in below]}


def _insert(
    store: Store, name: str, version: str, hierarchy: dict[str, Any], groups: list[int]
) -> int:
    with store.transaction():
        store.run("UPDATE taxonomies SET isLatest = 0 WHERE name = ?", name)
        return store.run(
            "INSERT INTO taxonomies (name, version, hierarchy, isLatest, groups, created_at)"
            " VALUES (?, ?, ?, 1, ?, ?)",
            *(name, version, json.dumps(hierarchy), json.dumps(groups), timestamp()),
        )


def _is_tree(node: Any) -> bool:
    if not isinstance(node, dict) or not isinstance(node.get("class"), str):
        return False
    return set(node) <= NODE_FIELDS and all(_is_tree(one) for one in node.get("subclasses") or [])


def _is_shown(call: Call, row: dict[str, Any]) -> bool:
    return bool(set(json.loads(row["groups"])) & call.user.accessible)


def _taxonomy(row: dict[str, Any], listed: bool) -> dict[str, Any]:
    groups = {"groups": [described(one, START) for one in json.loads(row["groups"])]}
    return {
        "hierarchy": json.loads(row["hierarchy"]),
        **{name: row[name] for name in ("provenance", "version", "id", "created_at", "name")},
        "isLatest": bool(row["isLatest"]),
        "modified": row["created_at"],
        **(groups if listed else {}),
    }
