"""Kowalski: its queries, answered from the catalogues of the sandbox."""

import ast
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from scope.sandbox.documents import Catalogue, Documents
from scope.sandbox.pages import index
from scope.sandbox.users import KOWALSKI_LOGIN, KOWALSKI_TOKEN

router = APIRouter()
TYPES = (
    *("cone_search", "count_documents", "estimated_document_count", "find", "find_one"),
    *("aggregate", "info", "near", "drop", "skymap"),
)
COMMANDS = ("catalog_names", "catalog_info", "index_info", "db_info")
UNITS = {"arcsec": 1.0 / 3600.0, "arcmin": 1.0 / 60.0, "deg": 1.0, "rad": 180.0 / math.pi}
# Stages that would write, or read past the permissions.
FORBIDDEN = ("$out", "$merge", "$unionWith")
VALIDATION = "ValidationError: 1 validation error for Query\n__root__\n  {} (type=value_error)"


class QueryError(Exception):
    """A query is refused, with the name of Kowalski's own exception in the message."""


@router.get("/")
async def ping(request: Request) -> Response:
    """Greet Kowalski's clients, and show a browser what was received."""
    # Fritz and Kowalski share one port here; only a browser asks for HTML.
    if "text/html" in request.headers.get("accept", ""):
        return index(request)
    return _refused(request) or JSONResponse(
        {"status": "success", "message": "greetings from Kowalski!"}
    )


@router.post("/api/auth")
async def log_in(request: Request) -> Response:
    """Return the token for a name and a password; it stands outside of `data`."""
    body = await request.json()
    for name in ("username", "password"):
        if name not in body:
            return _error(400, f"missing {name}")
    if (body["username"], body["password"]) != KOWALSKI_LOGIN:
        return _error(401, "Unauthorized")
    return JSONResponse({"status": "success", "token": KOWALSKI_TOKEN})


@router.post("/api/queries")
async def query(request: Request) -> Response:
    """Answer a query."""
    refused = _refused(request)
    if refused is not None:
        return refused
    try:
        body = json.loads(await request.body())
        data = _answer(request.app.state.sandbox.documents, body)
    except json.JSONDecodeError as error:
        return _error(400, f"JSONDecodeError: {error}")
    except KeyError as error:
        return _error(400, f"KeyError: {error}")
    except (QueryError, ValueError) as error:
        return _error(400, str(error))
    # No key `data` where find_one finds nothing, instead of a null.
    answer = {"status": "success", "message": "Successfully executed query"}
    return JSONResponse(answer if data is None else {**answer, "data": _extended(data)})


def _refused(request: Request) -> Response | None:
    header = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if not header:
        return _error(401, "Unauthorized")
    is_known = header == KOWALSKI_TOKEN and header not in request.app.state.sandbox.revoked
    # 400 for a token that is wrong, 401 only for none: Kowalski's own choice.
    return None if is_known else _error(400, "token is invalid")


def _error(status: int, message: str) -> Response:
    return JSONResponse({"status": "error", "message": message}, status)


def _answer(documents: Documents, body: dict[str, Any]) -> Any:
    kind, asked = body.get("query_type"), body.get("query", {})
    kwargs = body.get("kwargs") or {}
    if kind not in TYPES:
        raise KeyError(f"query_type {kind} not in {TYPES}")
    if kwargs.get("max_time_ms", 1) < 1:
        raise QueryError("ValueError: max_time_ms must be int >= 1")
    if kind == "info":
        if asked["command"] not in COMMANDS:
            raise KeyError(f"command {asked['command']} not in {COMMANDS}")
        return list(documents.catalogues) if asked["command"] == "catalog_names" else {}
    if kind in ("cone_search", "near"):
        return _around(documents, kind, asked, kwargs)
    catalogue = documents.named(asked["catalog"])
    if kind == "aggregate":
        return _piped(catalogue, asked["pipeline"])
    if kind not in ("find", "find_one", "count_documents"):
        raise QueryError(f"Exception: {kind} is not in the sandbox")
    return _found(catalogue, kind, asked, kwargs)


def _found(catalogue: Catalogue, kind: str, asked: dict[str, Any], kwargs: dict[str, Any]) -> Any:
    if "filter" not in asked:
        raise QueryError(VALIDATION.format("Unsupported filter specification"))
    rows = catalogue.select(_literal(asked["filter"]))
    if kind == "count_documents":
        return len(rows)
    if kind == "find_one":  # which drops projection and kwargs
        return next(catalogue.documents(rows[:1], None), None)
    for name, direction in reversed(kwargs.get("sort") or []):
        order = np.argsort(catalogue.table[name].to_numpy()[rows], kind="stable")
        rows = rows[order if direction > 0 else order[::-1]]
    start = int(kwargs.get("skip") or 0)
    stop = start + int(kwargs["limit"]) if kwargs.get("limit") else None
    return list(catalogue.documents(rows[start:stop], _literal(asked.get("projection"))))


def _around(
    documents: Documents, kind: str, asked: dict[str, Any], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """Answer a cone search: catalogue -> name of the place -> documents."""
    if kind == "near":
        unit, radius = asked.get("distance_units", "rad"), asked["max_distance"]
        places = asked["radec"]
    else:
        where = asked["object_coordinates"]
        unit, radius = where["cone_search_unit"], where["cone_search_radius"]
        places = where["radec"]
    if unit not in UNITS:
        raise QueryError(f"Exception: Angular units not in {tuple(UNITS)}")
    answer: dict[str, Any] = {}
    for catalogue_name, wanted in asked["catalogs"].items():
        catalogue = documents.named(catalogue_name)
        chosen = set(catalogue.select(_literal(wanted.get("filter"))).tolist())
        found = answer.setdefault(catalogue_name, {})
        for name, (ra, dec) in _places(places):
            rows = [one for one in catalogue.near(ra, dec, radius * UNITS[unit]) if one in chosen]
            if kind == "cone_search":
                rows = sorted(rows)  # Kowalski sorts by distance only what is asked with `near`
            limit = int(kwargs.get("limit") or len(rows))
            chosen_rows = np.array(rows[:limit], dtype=np.intp)
            projection = _literal(wanted.get("projection"))
            found[name] = list(catalogue.documents(chosen_rows, projection))
    return answer


def _places(given: Any) -> Iterable[tuple[str, tuple[float, float]]]:
    places = ast.literal_eval(given) if isinstance(given, str) else given
    items = places.items() if isinstance(places, dict) else ((str(one), one) for one in places)
    for name, (ra, dec) in items:
        # The names become keys of MongoDB documents, which may not hold dots.
        yield str(name).replace(".", "_"), (float(ra), float(dec))


def _piped(catalogue: Catalogue, pipeline: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not pipeline:
        raise QueryError(VALIDATION.format("Pipeline must contain at least one stage"))
    used = {name for stage in pipeline for name in stage}
    if used & set(FORBIDDEN):
        text = f"Pipeline uses forbidden stages: {used & set(FORBIDDEN)}"
        raise QueryError(VALIDATION.format(text))
    rows, projection = catalogue.select({}), None
    for stage in pipeline:
        ((name, what),) = stage.items()
        if name == "$match":
            rows = rows[np.isin(rows, catalogue.select(what))]
        elif name == "$limit":
            rows = rows[: int(what)]
        elif name == "$project":
            projection = what
        else:
            raise QueryError(f"OperationFailure: {name} is not in the sandbox")
    return list(catalogue.documents(rows, projection))


def _literal(value: Any) -> Mapping[str, Any]:
    """Return a filter or a projection, which may come as text in Python's own notation."""
    if isinstance(value, str):
        value = ast.literal_eval(value)
    return value or {}


def _extended(value: Any) -> Any:
    """Return data as MongoDB's extended JSON, in which NaN is an object."""
    if isinstance(value, dict):
        return {name: _extended(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_extended(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        name = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        return {"$numberDouble": name}
    return value
