"""Pages for people: what the sandbox has received."""

import json
import re
from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment, PackageLoader
from starlette.responses import HTMLResponse

from scope.sandbox.plot import Plot, light_curve, phased
from scope.sandbox.store import Store
from scope.sandbox.users import GROUPS

router = APIRouter()
SHOWN = 200  # sources on the first page
PERIOD = re.compile(r"(^|_)period(_|$)", re.IGNORECASE)
NOT_PERIODS = re.compile(r"err|sig|unc", re.IGNORECASE)


def index(request: Request) -> HTMLResponse:
    """Return the page that lists the sources; `q` looks for a part of a name."""
    sandbox = request.app.state.sandbox
    wanted = request.query_params.get("q", "").strip()
    rows = sandbox.store.rows(
        "SELECT id, ra, dec, origin, created_at FROM sources WHERE instr(lower(id), lower(?)) > 0"
        " ORDER BY created_at DESC, id LIMIT ?",
        *(wanted, SHOWN),
    )
    names = ("sources", "classifications", "annotations", "photometry", "comments")
    counts = {name: _count(sandbox.store, name) for name in names}
    listed = [{**row, **_about(sandbox.store, row["id"])} for row in rows]
    faults = dict(sandbox.traffic.faults())
    page = _templates().get_template("index.html")
    return HTMLResponse(
        page.render(
            sources=listed,
            counts=counts,
            wanted=wanted,
            shown=SHOWN,
            n_requests=len(sandbox.traffic.requests),
            faults=faults,
        )
    )


@router.get("/source/{obj_id}")
async def source_page(request: Request, obj_id: str) -> HTMLResponse:
    """Return the page of a source, at the address that Fritz has it."""
    store = request.app.state.sandbox.store
    row = store.one("SELECT * FROM sources WHERE id = ?", obj_id)
    if row is None:
        text = _templates().get_template("missing.html").render(obj_id=obj_id)
        return HTMLResponse(text, 404)
    about = _about(store, obj_id)
    page = _templates().get_template("source.html")
    text = page.render(source=row, **about, plots=_plots(store, obj_id, about["annotations"]))
    return HTMLResponse(text)


@cache
def _templates() -> Environment:
    return Environment(loader=PackageLoader("scope.sandbox"), autoescape=True)


def _count(store: Store, table: str) -> int:
    row = store.one(f"SELECT COUNT(*) AS n FROM {table}")
    return 0 if row is None else int(row["n"])


def _about(store: Store, obj_id: str) -> dict[str, Any]:
    groups = store.rows(
        "SELECT group_id FROM saves WHERE obj_id = ? AND active = 1 ORDER BY group_id", obj_id
    )
    classes = store.rows(
        "SELECT classifications.*, name AS taxonomy FROM classifications JOIN taxonomies"
        " ON taxonomies.id = taxonomy_id WHERE obj_id = ? ORDER BY classifications.id",
        obj_id,
    )
    notes = store.rows("SELECT * FROM annotations WHERE obj_id = ? ORDER BY id", obj_id)
    points = store.one("SELECT COUNT(*) AS n FROM photometry WHERE obj_id = ?", obj_id)
    return {
        "groups": [GROUPS[one["group_id"]][0] for one in groups],
        "classifications": classes,
        "annotations": [{**one, "data": json.loads(one["data"])} for one in notes],
        "comments": store.rows("SELECT * FROM comments WHERE obj_id = ? ORDER BY id", obj_id),
        "n_points": points["n"] if points else 0,
    }


def _plots(store: Store, obj_id: str, annotations: list[dict[str, Any]]) -> list[Plot]:
    points = store.rows(
        "SELECT mjd, flux, filter FROM photometry WHERE obj_id = ? AND flux > 0 ORDER BY mjd",
        obj_id,
    )
    if not points:
        return []
    period = next(
        (
            float(value)
            for one in annotations
            for name, value in one["data"].items()
            if PERIOD.search(name) and not NOT_PERIODS.search(name) and _is_positive(value)
        ),
        None,
    )
    plots = [light_curve(points)]
    return plots if period is None else [*plots, phased(points, period)]


def _is_positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
