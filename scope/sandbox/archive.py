"""The archive of light curves that Fritz had until August 2026."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from scope.base.constants import MJD_OF_JD
from scope.data.sky import mean_position, source_name
from scope.sandbox.authorization import Call, requires
from scope.sandbox.envelope import ApiError, success
from scope.sandbox.photometry import Point, flux_of, store_points
from scope.sandbox.sources import save
from scope.sandbox.store import timestamp

router = APIRouter()
Any_ = Annotated[Call, requires()]
Upload = Annotated[Call, requires("Upload data")]
LIMITING_MAG = 23.9


@router.get("/api/archive/catalogs")
async def catalogues(request: Request, call: Any_) -> JSONResponse:
    """Return the names of all catalogues."""
    return success(list(request.app.state.sandbox.documents.catalogues))


@router.post("/api/archive")
async def post_archive(request: Request, call: Upload) -> JSONResponse:
    """Make a source of light curves, or give their points to one that is there."""
    ids = call.body.get("light_curve_ids")
    if isinstance(ids, int):
        ids = [ids]
    if not ids or not isinstance(ids, list):
        raise ApiError(400, "Bad required parameter: light_curve_ids")
    if "catalog" not in call.body:
        raise ApiError(400, "Missing required parameter: catalog")
    catalogue = request.app.state.sandbox.documents.named(call.body["catalog"])
    rows = catalogue.select({"_id": {"$in": ids}})
    curves: list[dict[str, Any]] = list(catalogue.documents(rows, None))
    if not curves:
        raise ApiError(400, "No data found for requested light_curve_ids")
    table = catalogue.table.iloc[rows]
    where = mean_position(table["ra"].to_numpy(), table["dec"].to_numpy())
    obj_id = str(call.body.get("obj_id") or source_name(*where))
    if call.store.one("SELECT id FROM sources WHERE id = ?", obj_id) is None:
        _create(call, obj_id, where)
    points = [one for curve in curves for one in _points(obj_id, curve)]
    # As Fritz had it: for a source that is there, group_ids were ignored.
    store_points(call, points, [call.user.own_group])
    return success({"obj_id": obj_id})


def _create(call: Call, obj_id: str, where: tuple[float, float]) -> None:
    groups = call.group_ids(default=[])
    if not groups:
        raise ApiError(400, "group_ids is required for a new source")
    now = timestamp()
    call.store.run(
        "INSERT INTO sources VALUES (?, ?, ?, ?, ?, 'Fritz', NULL, NULL, NULL, ?, ?)",
        *(obj_id, *where, *where, now, now),
    )
    for group_id in groups:
        save(call, obj_id, group_id)


def _points(obj_id: str, curve: dict[str, Any]) -> list[Point]:
    name = f"ztf{'gri'[int(curve['filter']) - 1]}"
    return [
        Point(
            # Heliocentric times as MJD and the text None as origin: so Fritz stored them.
            *(obj_id, 1, "None", one["hjd"] - MJD_OF_JD, *flux_of(one["mag"], one["magerr"])),
            *(name, LIMITING_MAG, one["ra"], one["dec"]),
        )
        for one in curve["data"]
        if one["catflags"] == 0
    ]
