"""Sources: posting, searching and saving them, with SkyPortal's surprises."""

import json
import math
import re
from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from scope.sandbox.authorization import Call, requires
from scope.sandbox.envelope import ApiError, success
from scope.sandbox.listing import described, groups_of, is_within, listed
from scope.sandbox.store import timestamp
from scope.sandbox.users import GROUPS

router = APIRouter()
Any_ = Annotated[Call, requires()]
Upload = Annotated[Call, requires("Upload data")]
Manage = Annotated[Call, requires("Manage sources")]
NAME = re.compile(r"^[a-zA-Z0-9_\-;:+.]+$")
FIELDS = {
    *("id", "ra", "dec", "group_ids", "origin", "alias", "altdata", "redshift"),
    *("refresh_source", "ra_err", "dec_err", "varstar", "transient", "t0"),
}
NOT_A_FLOAT = "Special numeric values (nan or infinity) are not permitted."


@router.get("/api/sources")
async def list_sources(call: Any_) -> JSONResponse:
    """List or search the sources saved to the groups of the token."""
    return success(listed(call))


@router.post("/api/sources")
async def post_source(call: Upload) -> JSONResponse:
    """Create a source, or save one that is there, whose position it then searches elsewhere."""
    try:
        return success(_post(call))
    except ApiError as error:
        raise ApiError(400, f"Failed to post source: {error.message}") from None


@router.get("/api/sources/{obj_id}")
async def get_source(call: Any_, obj_id: str) -> JSONResponse:
    """Return a source, whatever its groups."""
    row = call.store.one("SELECT * FROM sources WHERE id = ?", obj_id)
    if row is None:
        raise ApiError(404, "Source not found")
    return success(described(call, row))


@router.patch("/api/sources/{obj_id}")
async def patch_source(call: Upload, obj_id: str) -> JSONResponse:
    """Change the redshift, alias or origin of a source."""
    for name in ("redshift", "alias", "origin"):
        if name in call.body:
            call.store.run(f"UPDATE sources SET {name} = ? WHERE id = ?", call.body[name], obj_id)
    return success()


@router.delete("/api/sources/{obj_id}")
async def unsave_source(call: Manage, obj_id: str) -> JSONResponse:
    """Unsave a source from a group; it stays."""
    call.store.run(
        "UPDATE saves SET active = 0 WHERE obj_id = ? AND group_id = ?",
        *(obj_id, call.body.get("group_id")),
    )
    return success()


@router.get("/api/sources/{obj_id}/groups")
async def get_groups(call: Any_, obj_id: str) -> JSONResponse:
    """Return the groups of a source; those that were only asked for are not told apart."""
    rows = groups_of(call, obj_id, "active = 1 OR requested = 1")
    hidden = ("active", "requested", "saved_at", "saved_by")
    return success([{k: v for k, v in one.items() if k not in hidden} for one in rows])


@router.get("/api/source_exists/{obj_id}")
async def source_exists(call: Any_, obj_id: str) -> JSONResponse:
    """Return whether there is a source of a name, in whatever group."""
    there = call.store.one("SELECT id FROM sources WHERE id = ?", obj_id) is not None
    yes = f"A source with the name {obj_id} already exists."
    no = f"No sources exist with the name {obj_id}."
    return success({"source_exists": there, "message": yes if there else no})


@router.get("/api/source_exists")
async def source_exists_there(call: Any_) -> JSONResponse:
    """Return whether there is a source at a place; the equator is none for SkyPortal."""
    ra, dec, radius = (float(call.query.get(name) or 0.0) for name in ("ra", "dec", "radius"))
    # SkyPortal tests the numbers for truth, and zero is false.
    if not ra or not dec or not radius:
        text = "Provide an obj_id, or either ra, dec, and radius for spatial filtering."
        raise ApiError(400, text)
    names = [
        one["id"]
        for one in call.store.rows("SELECT * FROM sources")
        if is_within((ra, dec, radius), one)
    ]
    yes = f"Sources at that location already exist: {','.join(names)}."
    no = "No sources exist at that location."
    return success({"source_exists": bool(names), "message": yes if names else no})


@router.post("/api/source_groups")
async def post_source_groups(call: Upload) -> JSONResponse:
    """Save to and unsave from groups, all of them or none."""
    known = ("objId", "inviteGroupIds", "unsaveGroupIds")
    for name, value in call.body.items():
        if name not in known:
            raise ApiError(
                400, f"Invalid/missing parameters: {name}: Extra inputs are not permitted"
            )
        if name != "objId" and not isinstance(value, list):
            text = f"Invalid/missing parameters: {name}: Input should be a valid list"
            raise ApiError(400, text)
    obj_id = str(call.body.get("objId"))
    invite = call.body.get("inviteGroupIds") or []
    unsave = call.body.get("unsaveGroupIds") or []
    if not invite and not unsave:
        text = "one of either unsaveGroupIds or inviteGroupIds must be provided"
        raise ApiError(400, f"Missing required parameter: {text}")
    if call.store.one("SELECT id FROM sources WHERE id = ?", obj_id) is None:
        raise ApiError(404, f"Obj {obj_id} not found")
    with call.store.transaction():
        for group_id in invite:
            _invite(call, obj_id, int(group_id))
        for group_id in unsave:
            _unsave(call, obj_id, int(group_id))
    return success()


def _post(call: Call) -> dict[str, Any]:
    obj_id = _checked_name(call.body)
    _check_fields(call.body)
    groups = _wanted_groups(call)
    ra, dec = call.body.get("ra"), call.body.get("dec")
    there = call.store.one("SELECT id FROM sources WHERE id = ?", obj_id)
    if there is None and (ra is None or dec is None):
        raise ApiError(400, "RA/Declination must not be null for a new Obj")
    now = timestamp()
    with call.store.transaction():
        if there is None:
            altdata = call.body.get("altdata")
            call.store.run(
                "INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                *(obj_id, ra, dec, ra, dec, call.body.get("origin"), call.body.get("alias")),
                *(json.dumps(altdata) if altdata else None, call.body.get("redshift"), now, now),
            )
        elif ra is not None and dec is not None:
            call.store.run(
                "UPDATE sources SET search_ra = ?, search_dec = ?, modified = ? WHERE id = ?",
                *(ra, dec, now, obj_id),
            )
        for group_id in groups:
            save(call, obj_id, group_id)
    return {"id": obj_id, "saved_to_groups": groups}


def save(call: Call, obj_id: str, group_id: int, active: bool = True) -> None:
    """Save a source to a group, or note that somebody asks for it."""
    call.store.run(
        "INSERT INTO saves (obj_id, group_id, active, requested, saved_at, saved_by_id)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (obj_id, group_id) DO UPDATE SET"
        " saved_at = CASE WHEN active THEN saved_at ELSE excluded.saved_at END,"
        " active = MAX(active, excluded.active), requested = excluded.requested",
        *(obj_id, group_id, int(active), int(not active), timestamp(), call.user.user_id),
    )


def _checked_name(body: dict[str, Any]) -> str:
    if "id" not in body:
        raise ApiError(400, "'id'")
    name = str(body["id"])
    if " " in name:
        raise ApiError(400, "No spaces allowed in source ID")
    if not NAME.match(name):
        text = "Only letters, numbers, underscores, semicolons, colons, +, -, and periods are"
        raise ApiError(400, f"{text} allowed in source ID")
    return name


def _check_fields(body: dict[str, Any]) -> None:
    for name, value in body.items():
        if name not in FIELDS:
            raise ApiError(400, f"Invalid/missing parameters: {{'{name}': ['Unknown field.']}}")
        if isinstance(value, float) and not math.isfinite(value):
            raise ApiError(400, f"Invalid/missing parameters: {{'{name}': ['{NOT_A_FLOAT}']}}")
    if isinstance(body.get("ra"), str) or isinstance(body.get("dec"), str):
        raise ApiError(400, "'CompositeUnit' object has no attribute 'to_value'")


def _wanted_groups(call: Call) -> list[int]:
    groups = call.group_ids(default=sorted(call.user.groups))
    if not groups:
        text = "Please specify at least one valid group ID that you belong to."
        raise ApiError(400, f"Invalid group_ids field. {text}")
    for group_id in groups:
        if group_id not in call.user.accessible:
            raise ApiError(400, f"Cannot find group_id {group_id}. Please remove and try again.")
    return groups


def _invite(call: Call, obj_id: str, group_id: int) -> None:
    row = call.store.one(
        "SELECT active, requested FROM saves WHERE obj_id = ? AND group_id = ?", obj_id, group_id
    )
    if group_id not in GROUPS:
        key = f'"sources_group_id_fkey"\nDETAIL:  Key (group_id)=({group_id}) is not present'
        raise ApiError(500, f"(psycopg.errors.ForeignKeyViolation) insert or update on {key}")
    if row is not None and row["active"]:
        raise ApiError(400, f"Source already saved to group w/ ID {group_id}")
    mine = group_id in call.user.accessible
    if row is not None and row["requested"] and not mine:
        key = f'"sources_forward_ind"\nDETAIL:  Key (group_id, obj_id)=({group_id}, {obj_id})'
        raise ApiError(500, f"(psycopg.errors.UniqueViolation) duplicate key value {key}")
    save(call, obj_id, group_id, active=mine)


def _unsave(call: Call, obj_id: str, group_id: int) -> None:
    known = call.store.one(
        "SELECT id FROM saves WHERE obj_id = ? AND group_id = ?", obj_id, group_id
    )
    if known is None:
        text = "Specified source is not saved to group from which it was to be unsaved."
        raise ApiError(400, text)
    call.store.run(
        "UPDATE saves SET active = 0 WHERE obj_id = ? AND group_id = ?", obj_id, group_id
    )
