"""Photometry: what SkyPortal takes, and which points it takes for the same."""

import math
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from scope.sandbox.authorization import Call, requires
from scope.sandbox.envelope import ApiError, success
from scope.sandbox.reference_data import INSTRUMENT
from scope.sandbox.store import timestamp
from scope.sandbox.users import GROUPS, SITEWIDE

router = APIRouter()
Any_ = Annotated[Call, requires()]
Upload = Annotated[Call, requires("Upload data")]
ZERO_POINT = 23.9  # of fluxes in microjansky, AB
# What the handler allows; the parameters of its SQL statement run out before.
MOST_ROWS = 10_000
SQL_PARAMETERS = 65_535
MAG_ERROR = 2.5 / math.log(10.0)
BANDS = ("bessellux", "bessellb", "bessellv", "sdssu", "sdssg", "sdssr", "ztfg", "ztfr", "ztfi")
COMMON = {
    *("obj_id", "instrument_id", "mjd", "filter", "magsys", "ra", "dec", "ra_unc", "dec_unc"),
    *("origin", "altdata", "assignment_id", "group_ids", "stream_ids"),
}
IN_MAG = {"mag", "magerr", "limiting_mag", "limiting_mag_nsigma", "magref", "e_magref"}
IN_FLUX = {"flux", "fluxerr", "zp"}


@dataclass(frozen=True)
class Point:
    """One point as it is stored."""

    obj_id: str
    instrument_id: int
    origin: str
    mjd: float
    flux: float | None
    fluxerr: float
    filter: str
    limiting_mag: float | None
    ra: float | None
    dec: float | None

    @property
    def key(self) -> tuple[Any, ...]:
        """Return what tells points apart, the filter not among it."""
        return (
            *(self.obj_id, self.instrument_id, self.origin, self.mjd, self.fluxerr),
            -1e99 if self.flux is None else self.flux,
        )


# Thousands of points take a while: in threads, so that other calls are answered meanwhile.
@router.post("/api/photometry")
def post_photometry(call: Upload) -> JSONResponse:
    """Add points, all new ones or none."""
    points, groups = _points(call), _groups(call)
    known = [one for one in points if _number(call, one) is not None]
    if known:
        raise _trace("ValueError: The following photometry already exists in the database", known)
    return success({"ids": store_points(call, points, groups), "upload_id": "sandbox"})


@router.put("/api/photometry")
def put_photometry(call: Upload) -> JSONResponse:
    """Add the points that are new, and the groups to all of them."""
    points, groups = _points(call), _groups(call)
    return success({"ids": store_points(call, points, groups)})


@router.get("/api/sources/{obj_id}/photometry")
async def get_photometry(call: Any_, obj_id: str) -> JSONResponse:
    """Return all points of a source that the token can see."""
    if call.store.one("SELECT id FROM sources WHERE id = ?", obj_id) is None:
        who = f"User {call.user.token}"  # SkyPortal says the token itself
        raise ApiError(403, f"Insufficient permissions for {who} to read Obj {obj_id}")
    rows = call.store.rows(
        "SELECT photometry.*, group_concat(group_id) AS groups FROM photometry"
        " JOIN photometry_groups ON photometry_id = id WHERE obj_id = ? GROUP BY id",
        obj_id,
    )
    in_flux = call.query.get("format", "mag") == "flux"
    described = []
    for row in rows:
        groups = sorted({int(one) for one in row["groups"].split(",")} & call.user.accessible)
        if groups:
            described.append(_described(row, groups, in_flux))
    return success(described)


def _groups(call: Call) -> list[int]:
    """Return the groups that get the points; those of others are taken, those of nobody not."""
    given = call.body.get("group_ids", [])
    groups = [SITEWIDE] if given == "all" else [int(one) for one in given or []]
    unknown = set(groups) - set(GROUPS)
    if unknown:
        raise ApiError(400, f"Invalid group IDs: {unknown}. Available group IDs: set()")
    # Membership is not checked here, as it is not in SkyPortal.
    return sorted({*groups, call.user.own_group})


def _points(call: Call) -> list[Point]:
    body = call.body
    _check_fields(body)
    rows = _broadcast({name: value for name, value in body.items() if name not in ("group_ids",)})
    if len(rows) > MOST_ROWS:
        text = f"Maximum number of photometry rows to post exceeded: {len(rows)} > {MOST_ROWS}."
        raise ApiError(400, f"{text} Please break up the data into smaller sets and try again")
    _check_rows(call, rows)
    points = [_point(row) for row in rows]
    # Also by PUT: only points of an earlier call may come again.
    if len({one.key for one in points}) < len(points):
        raise _trace("ValueError: duplicate photometry in the request", points[:1])
    # The database takes no more in a statement: four a point and group, the uploader's own among
    # them.
    n_parameters = len(points) * len(_groups(call)) * 4
    if n_parameters > SQL_PARAMETERS:
        text = f"number of parameters must be between 0 and {SQL_PARAMETERS}"
        raise _trace(f"psycopg.OperationalError: sending query and params failed: {text}", points)
    return points


def _check_fields(body: dict[str, Any]) -> None:
    wrong = {}
    for form, own, needed in (
        ("mag", IN_MAG, ("mag", "magerr")),
        ("flux", IN_FLUX, ("fluxerr", "zp")),
    ):
        problems = {}
        for name in ("obj_id", "instrument_id", "mjd", "filter", "magsys", *needed):
            if name not in body:
                problems[name] = ["Missing data for required field."]
            elif name == "mjd" and body[name] is None:
                problems[name] = ["Field may not be null."]
        problems |= {name: ["Unknown field."] for name in body if name not in COMMON | own}
        if not problems:
            return
        wrong[form] = problems
    said = [f'Tried to parse data in {form} space, got: "{what}."' for form, what in wrong.items()]
    raise ApiError(400, f"Invalid input format: {' '.join(said)}")


def _broadcast(body: dict[str, Any]) -> list[dict[str, Any]]:
    lengths = {len(value) for value in body.values() if isinstance(value, list)}
    start = "Unable to coerce passed JSON to a series of packets. Error was:"
    if len(lengths) > 1:
        raise ApiError(400, f'{start} "All arrays must be of the same length"')
    size = lengths.pop() if lengths else 1
    if not size:
        text = '"Length of values (0) does not match length of index (1)"'
        raise ApiError(400, f"{start} {text}")
    columns = {k: v if isinstance(v, list) else [v] * size for k, v in body.items()}
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def _check_rows(call: Call, rows: list[dict[str, Any]]) -> None:
    for name in {row["filter"] for row in rows}:
        if name not in BANDS:
            shown = f"np.str_('{name}')" if isinstance(name, str) else f"np.int64({name})"
            text = f"Filter(s) {{{shown}}} is not allowed. Allowed filters are: {BANDS}"
            raise ApiError(400, text)
        if name not in INSTRUMENT["filters"]:  # type: ignore[operator]
            raise _trace(f"ValueError: Instrument ZTF has no filter {name}.", [])
    for obj_id in {row["obj_id"] for row in rows}:
        if call.store.one("SELECT id FROM sources WHERE id = ?", obj_id) is None:
            raise ApiError(400, f"Invalid object ID: {obj_id}")
    for number in {row["instrument_id"] for row in rows}:
        if number != INSTRUMENT["id"]:
            raise ApiError(400, f"Invalid instrument ID: {number}")


def _point(row: dict[str, Any]) -> Point:
    if "fluxerr" in row:
        scale = 10.0 ** (-0.4 * (row["zp"] - ZERO_POINT))
        flux = None if row.get("flux") is None else row["flux"] * scale
        return _made(row, flux, row["fluxerr"] * scale, None)
    mag, magerr, limit = (_finite(row.get(name)) for name in ("mag", "magerr", "limiting_mag"))
    if (row.get("mag") is not None and math.isinf(row["mag"])) or (mag is None) != (magerr is None):
        text = "mag and magerr must both be null, or both be not null."
        names = ("mjd", "filter", "obj_id", "instrument_id", "assignment_id")
        packet = {**{name: row.get(name) for name in names}, **row}
        raise ApiError(400, f'Error parsing packet "{packet}": {text}')
    if mag is not None and magerr is not None:
        return _made(row, *flux_of(mag, magerr), limit)
    if limit is None:
        text = f"Affected row(s) at MJD: [{row['mjd']}]."
        raise ApiError(400, f"Non-detections (mag=null) require a limiting_mag. {text}")
    # A non-detection is stored as a flux error: a third of the flux at the limit (3 sigma).
    return _made(row, None, 10.0 ** (-0.4 * (limit - ZERO_POINT)) / 3.0, limit)


def flux_of(mag: float, magerr: float) -> tuple[float, float]:
    """Return flux and error [uJy] of an AB magnitude."""
    flux = 10.0 ** (-0.4 * (mag - ZERO_POINT))
    return flux, magerr * flux / MAG_ERROR


def _made(row: dict[str, Any], flux: float | None, fluxerr: float, limit: float | None) -> Point:
    origin = str(row.get("origin"))
    which = (row["obj_id"], row["instrument_id"], origin, float(row["mjd"]))
    place = (row.get("ra"), row.get("dec"))
    return Point(*which, flux, fluxerr, row["filter"], limit, *place)


def _finite(value: Any) -> float | None:
    """Return a number; NaN is none, as for SkyPortal, which makes an upper limit of it."""
    return None if value is None or math.isnan(value) else float(value)


def _number(call: Call, point: Point) -> int | None:
    row = call.store.one(
        "SELECT id FROM photometry WHERE obj_id = ? AND instrument_id = ? AND origin = ?"
        " AND mjd = ? AND fluxerr = ? AND COALESCE(flux, -1e99) = ?",
        *point.key,
    )
    return None if row is None else int(row["id"])


def store_points(call: Call, points: list[Point], groups: list[int]) -> list[int]:
    """Store the points that are new and the groups of all; return their numbers, in order."""
    ids = []
    now = timestamp()
    with call.store.transaction():
        for one in points:
            number = _number(call, one)
            if number is None:
                number = call.store.run(
                    "INSERT INTO photometry (obj_id, instrument_id, origin, mjd, flux, fluxerr,"
                    " filter, limiting_mag, ra, dec, created_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    *(one.obj_id, one.instrument_id, one.origin, one.mjd, one.flux, one.fluxerr),
                    *(one.filter, one.limiting_mag, one.ra, one.dec, now),
                )
            ids.append(number)
        pairs = [(number, group) for number in ids for group in groups]
        call.store.run_many("INSERT OR IGNORE INTO photometry_groups VALUES (?, ?)", pairs)
    return ids


def _trace(reason: str, points: list[Point]) -> ApiError:
    """Return what SkyPortal answers then: a traceback with all the data in it."""
    lines = ["Traceback (most recent call last):", '  File "photometry.py", line 1, in post']
    # A refused upload was seen to answer with 3.3 MB.
    lines += [f"    {one}" for one in points]
    return ApiError(400, "\n".join([*lines, reason]))


def _described(row: dict[str, Any], groups: list[int], in_flux: bool) -> dict[str, Any]:
    flux, fluxerr = row["flux"], row["fluxerr"]
    names = ("obj_id", "ra", "dec", "filter", "mjd")
    shown = {
        **{name: row[name] for name in names},
        "snr": None if flux is None else flux / fluxerr,
        "instrument_id": row["instrument_id"],
        "instrument_name": "ZTF",
        **{"ra_unc": None, "dec_unc": None, "origin": row["origin"], "id": row["id"]},
        **{"altdata": None, "created_at": row["created_at"]},
        "groups": [{"id": one, "name": GROUPS[one][0], "nickname": None} for one in groups],
    }
    if in_flux:
        return {**shown, "flux": flux, "magsys": "ab", "zp": ZERO_POINT, "fluxerr": fluxerr}
    mag = None if flux is None else ZERO_POINT - 2.5 * math.log10(flux)
    magerr = None if flux is None else MAG_ERROR * fluxerr / flux
    limits = {"magsys": "ab", "limiting_mag": row["limiting_mag"]}
    return {**shown, "mag": mag, "magerr": magerr, **limits}
