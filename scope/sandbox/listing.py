"""The list of sources: cone search, filters and pages, as SkyPortal gives them."""

import json
import math
from typing import Any

from scope.data.sky import separation_arcsec
from scope.sandbox.annotations import annotations_of
from scope.sandbox.authorization import Call
from scope.sandbox.classifications import classifications_of
from scope.sandbox.envelope import ApiError
from scope.sandbox.users import USERS
from scope.sandbox.users import described as group_described

MOST_PER_PAGE = 500
# What SkyPortal has of each source and the sandbox leaves empty.
EMPTY = dict.fromkeys(
    [
        *("redshift_error", "mag_nearest_source", "score", "ra_dis", "redshift_origin"),
        *("e_mag_nearest_source", "dec_dis", "redshift_history", "ra_err", "host_id"),
        *("dec_err", "summary", "summary_history", "mpc_name", "t0", "tns_name"),
        "detect_photometry_count",
    ]
)


def listed(call: Call) -> dict[str, Any]:
    """Return a page of the sources that a query finds, the last saved first."""
    number, size = _page(call)
    try:
        groups, one_group = _groups(call)
        cone = _cone(call)
        condition, values = _conditions(call, cone)
        marks = ",".join("?" * len(groups))
        rows = call.store.rows(
            "SELECT sources.*, MAX(saves.id) AS last FROM sources JOIN saves"
            f" ON saves.obj_id = sources.id AND active = 1 AND group_id IN ({marks})"
            # Last saved first; distance plays no part, in a cone search either.
            f"{condition} GROUP BY sources.id ORDER BY MAX(saved_at) DESC, last DESC",
            *(*groups, *values),
        )
        rows = [row for row in rows if cone is None or is_within(cone, row)]
        start = (number - 1) * size
        if rows and start == len(rows):
            text = "too many indices for array: array is 1-dimensional, but 2 were indexed"
            raise ApiError(400, text)
    except ApiError as error:
        if error.status != 400:
            raise
        raise ApiError(400, f"Cannot retrieve sources: {error.message}") from None
    page = rows[start : start + size]
    items = [_item(call, row) for row in page]
    if _flag(call, "saveSummary"):
        items = [save for row in page for save in _saves(call, row["id"], groups)]
    answer = {
        "totalMatches": len(rows),
        "sources": items,
        "pageNumber": number,
        "numPerPage": size,
    }
    return answer if one_group is None else {**answer, "group_id": one_group}


def described(call: Call, row: dict[str, Any], nested: bool = True) -> dict[str, Any]:
    """Return a source as SkyPortal describes it."""
    obj_id = row["id"]
    answer: dict[str, Any] = {
        **EMPTY,
        **{name: row[name] for name in ("origin", "modified", "alias", "created_at", "redshift")},
        "altdata": json.loads(row["altdata"]) if row["altdata"] else None,
        "transient": False,
        "varstar": False,
        "is_roid": False,
        "offset": 0.0,
        "healpix": _pixel(row["search_ra"], row["search_dec"]),
        **{name: row[name] for name in ("id", "ra", "dec")},
        "tags": [],
    }
    if nested:
        answer["groups"] = groups_of(call, obj_id, "active = 1")
        answer["annotations"] = annotations_of(call, obj_id)
        answer["classifications"] = [
            {**one, "groups": [], "votes": []} for one in classifications_of(call, obj_id)
        ]
    return answer


def groups_of(call: Call, obj_id: str, condition: str) -> list[dict[str, Any]]:
    """Return the groups that a source is saved to, among those shown to the user."""
    rows = call.store.rows(f"SELECT * FROM saves WHERE obj_id = ? AND ({condition})", obj_id)
    return [
        {
            **group_described(row["group_id"], row["saved_at"]),
            **{name: bool(row[name]) for name in ("active", "requested")},
            "saved_at": row["saved_at"],
            "saved_by": _saver(row["saved_by_id"]),
        }
        for row in rows
    ]


def _saver(user_id: int) -> dict[str, Any]:
    names = {one.user_id: one.name for one in USERS}
    return {"id": user_id, "username": names.get(user_id)}


def _saves(call: Call, obj_id: str, groups: list[int]) -> list[dict[str, Any]]:
    marks = ",".join("?" * len(groups))
    query = f"SELECT * FROM saves WHERE obj_id = ? AND active = 1 AND group_id IN ({marks})"
    rows = call.store.rows(query, obj_id, *groups)
    dates = {"unsaved_at": None, "unsaved_by_id": None}
    return [
        {
            **row,
            **{name: bool(row[name]) for name in ("active", "requested")},
            **dict.fromkeys(("created_at", "modified"), row["saved_at"]),
            **dates,
        }
        for row in rows
    ]


def _item(call: Call, row: dict[str, Any]) -> dict[str, Any]:
    return described(call, row, nested=not _flag(call, "removeNested"))


def _flag(call: Call, name: str) -> bool:
    return call.query.get(name, "").lower() in ("true", "t", "1")


def _page(call: Call) -> tuple[int, int]:
    values = []
    for name, default in (("pageNumber", 1), ("numPerPage", 100)):
        try:
            values.append(int(call.query.get(name, default)))
        except ValueError:
            raise ApiError(400, f"Invalid {name} value.") from None
    if values[0] < 1:
        raise ApiError(400, "Page number must be greater than 0.")
    return values[0], max(min(values[1], MOST_PER_PAGE), 1)


def _groups(call: Call) -> tuple[list[int], int | None]:
    given = call.query.get("group_ids")
    if given is None:
        return sorted(call.user.accessible), None
    try:
        groups = [int(one) for one in given.split(",")]
    except ValueError:
        text = f"Invalid group_ids field ({given}; Could not parse all elements to integers"
        raise ApiError(500, text) from None
    if not call.user.is_admin and not set(groups) <= call.user.accessible:
        raise ApiError(400, "Selected group(s) not all accessible to user.")
    return groups, groups[0] if len(groups) == 1 else None


def _conditions(call: Call, cone: tuple[float, float, float] | None) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    if cone is not None:
        parts.append("search_dec BETWEEN ? AND ?")
        values += [cone[1] - cone[2], cone[1] + cone[2]]
    if "sourceID" in call.query:
        parts.append("instr(lower(sources.id), lower(?)) > 0")
        values.append(call.query["sourceID"])
    if "savedAfter" in call.query:
        parts.append("saves.saved_at >= ?")
        values.append(call.query["savedAfter"])
    if "annotationsFilterOrigin" in call.query:
        # SkyPortal lowers the origins it has but not the one it is given.
        parts.append("sources.id IN (SELECT obj_id FROM annotations WHERE lower(origin) = ?)")
        values.append(call.query["annotationsFilterOrigin"])
    if "classifications" in call.query:
        taxonomy, _, name = call.query["classifications"].partition(":")
        parts.append(
            "sources.id IN (SELECT obj_id FROM classifications JOIN taxonomies"
            " ON taxonomies.id = taxonomy_id WHERE name = ? AND classification = ?)"
        )
        values += [taxonomy.strip(), name.strip()]
    return (" WHERE " + " AND ".join(parts) if parts else ""), values


def _cone(call: Call) -> tuple[float, float, float] | None:
    """Return ra, dec and radius of a cone search [deg], None where there is none."""
    given = [call.query.get(name) for name in ("ra", "dec", "radius")]
    if given == [None, None, None]:
        return None
    shown = ", ".join(map(str, given))
    try:
        ra, dec, radius = (float(one) for one in given if one is not None)
    except ValueError as error:
        why = f" ({error})" if None not in given else ""
        raise ApiError(400, f"Invalid ra, dec, radius: {shown}{why}") from None
    if abs(dec) > 90.0:
        why = f"Latitude angle(s) must be within -90 deg <= angle <= 90 deg, got [{dec:g}.] deg"
        raise ApiError(400, f"Invalid ra, dec, radius: {ra}, {dec}, {radius} ({why})")
    return ra, dec, radius


def is_within(cone: tuple[float, float, float], row: dict[str, Any]) -> bool:
    """Return whether a source is found: the position last posted chooses the pixels of the sky
    that are searched, the one first posted the sources in them.
    """
    ra, dec, radius = cone
    places = ((row["search_ra"], row["search_dec"]), (row["ra"], row["dec"]))
    return all(separation_arcsec(ra, dec, *place) <= radius * 3600.0 for place in places)


def _pixel(ra: float, dec: float) -> int:
    """Return a number that changes with the position, as the HEALPix index does."""
    return int((math.floor(ra * 3.6e6) % 1296000000) * 2**31 + math.floor((dec + 90.0) * 3.6e6))
