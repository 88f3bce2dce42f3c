"""The sandbox: one application that answers as Fritz and as Kowalski."""

from dataclasses import dataclass, replace
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from scope.sandbox import (
    annotations,
    archive,
    classifications,
    control,
    kowalski,
    pages,
    photometry,
    reference_data,
    sources,
)
from scope.sandbox.documents import Documents
from scope.sandbox.envelope import ApiError, refusal
from scope.sandbox.faults import Faults
from scope.sandbox.middleware import LeakyBucket, ProxyMiddleware, Traffic
from scope.sandbox.store import Store
from scope.sandbox.users import USER_TOKEN, USERS, User

FRITZ_RATE, FRITZ_BURST = 5.0, 10  # calls a second and at once, as nginx before Fritz has them


@dataclass(frozen=True, kw_only=True)
class SandboxSettings:
    """How a sandbox behaves.

    Attributes
    ----------
    database : file that keeps what is received; None keeps it in memory
    user_token : of the user scope-user
    rate, burst : calls a second and at once for each token; a rate of 0 is no limit
    latency_ms : before each answer
    with_archive : answer /api/archive, as Fritz did until August 2026
    """

    database: Path | None = None
    user_token: str = USER_TOKEN
    rate: float = FRITZ_RATE
    burst: int = FRITZ_BURST
    latency_ms: float = 0.0
    with_archive: bool = False


class Sandbox:
    """A stand-in for both servers, with what it has received and what goes wrong."""

    def __init__(self, settings: SandboxSettings, documents: Documents | None = None) -> None:
        self.settings = settings
        self.store = Store(settings.database)
        self.documents = documents or Documents({})
        self.faults = Faults()
        self.traffic = Traffic()
        self.revoked: set[str] = set()
        # Only the user's token can be chosen; the others are constants that docs and tests name.
        self._users = [
            replace(one, token=settings.user_token) if one.token == USER_TOKEN else one
            for one in USERS
        ]
        reference_data.seed(self.store)
        self.proxy = ProxyMiddleware(
            self._application(),
            self.faults,
            self.traffic,
            LeakyBucket(settings.rate, settings.burst),
        )
        self.proxy.latency = settings.latency_ms / 1000.0

    def users(self) -> dict[str, User]:
        """Return the users by their tokens, those revoked left out."""
        return {one.token: one for one in self._users if one.token not in self.revoked}

    def reset(self) -> None:
        """Forget all that was received, and let all go well again."""
        self.store.clear()
        self.faults.clear()
        self.traffic.clear()
        self.revoked.clear()
        self.proxy.bucket = LeakyBucket(self.settings.rate, self.settings.burst)
        self.proxy.latency = self.settings.latency_ms / 1000.0
        reference_data.seed(self.store)

    def _application(self) -> FastAPI:
        # Without FastAPI's own pages: at those paths the real servers have none.
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        app.state.sandbox = self
        parts = [sources, annotations, classifications, reference_data, photometry, kowalski]
        for part in [*parts, pages, control]:
            app.include_router(part.router)
        # Without it the paths answer 400 and 405, as Fritz does since August 2026.
        if self.settings.with_archive:
            app.include_router(archive.router)
        app.add_exception_handler(ApiError, _refuse)
        app.add_exception_handler(HTTPException, _refuse_path)
        return app


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return refusal(error.status, error.message)


async def _refuse_path(request: Request, error: Exception) -> Response:
    """Answer calls that there are not: SkyPortal knows neither 404 nor, for GET, 405 here."""
    if request.method == "GET":
        return refusal(400, "Invalid API endpoint")
    return refusal(405, "HTTP 405: Method Not Allowed")
