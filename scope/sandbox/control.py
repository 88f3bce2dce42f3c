"""What a real server has not: a look into what came, and faults on demand."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from scope.sandbox.faults import KINDS, Fault, Kind
from scope.sandbox.store import TABLES

# Below a path that no real server has; the middleware neither limits nor counts it.
router = APIRouter(prefix="/sandbox")


class FaultBody(BaseModel):
    """One fault, see scope.sandbox.faults.Fault."""

    kind: Kind
    method: str | None = None
    path: str = ""
    times: int | None = 1
    every: int = 1
    status: int = 502
    retry_after: float | None = None
    seconds: float = 0.5


class CycleBody(BaseModel):
    """Each `every`-th call goes wrong, with one of `kinds` after the other."""

    every: int = 10
    kinds: list[Kind] = Field(default_factory=lambda: list(KINDS))


@router.get("/counts")
async def counts(request: Request) -> JSONResponse:
    """Return how many rows each table has, how many requests came and how many went wrong."""
    sandbox = request.app.state.sandbox
    rows = {name: sandbox.store.one(f"SELECT COUNT(*) AS n FROM {name}")["n"] for name in TABLES}
    faults = dict(sandbox.traffic.faults())
    return JSONResponse({"rows": rows, "requests": len(sandbox.traffic.requests), "faults": faults})


@router.get("/rows/{table}")
async def rows(request: Request, table: str) -> JSONResponse:
    """Return all rows of a table."""
    if table not in TABLES:
        return JSONResponse({"tables": TABLES}, 404)
    return JSONResponse(request.app.state.sandbox.store.rows(f"SELECT * FROM {table}"))


@router.get("/requests")
async def requests(request: Request) -> JSONResponse:
    """Return the requests that came, in order."""
    return JSONResponse([vars(one) for one in request.app.state.sandbox.traffic.requests])


@router.post("/faults")
async def add_fault(request: Request, body: FaultBody) -> JSONResponse:
    """Let something go wrong from now on."""
    request.app.state.sandbox.faults.add(Fault(**body.model_dump()))
    return JSONResponse({})


@router.post("/faults/cycle")
async def cycle_faults(request: Request, body: CycleBody) -> JSONResponse:
    """Let each n-th call go wrong from now on; `every` 0 ends it."""
    faults = [Fault(kind, times=None) for kind in body.kinds]
    request.app.state.sandbox.faults.cycle(body.every, faults)
    return JSONResponse({})


@router.delete("/faults")
async def clear_faults(request: Request) -> JSONResponse:
    """Let all go well again."""
    request.app.state.sandbox.faults.clear()
    return JSONResponse({})


@router.post("/tokens")
async def revoke(request: Request) -> JSONResponse:
    """Revoke a token, or take that back: `token`, `revoked`."""
    body: dict[str, Any] = await request.json()
    revoked = request.app.state.sandbox.revoked
    (revoked.add if body.get("revoked", True) else revoked.discard)(body["token"])
    return JSONResponse({})


@router.post("/reset")
async def reset(request: Request) -> JSONResponse:
    """Forget all that was received."""
    request.app.state.sandbox.reset()
    return JSONResponse({})
