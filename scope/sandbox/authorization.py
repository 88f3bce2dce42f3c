"""One call of the API: who makes it, with which query and body, and what it may do."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import Depends, Request
from starlette.datastructures import QueryParams

from scope.sandbox.envelope import ApiError
from scope.sandbox.store import Store
from scope.sandbox.users import SITEWIDE, User

MALFORMED = (
    'HTTP 401: Unauthorized (Credentials malformed; expected form "Authorization: token abc123")'
)
NOT_JSON = (
    "JSON decode of request body failed on {path}. Please ensure all requests are of type "
    "application/json."
)


@dataclass(frozen=True)
class Call:
    """A call that is let in."""

    user: User
    store: Store
    query: QueryParams
    body: dict[str, Any] = field(default_factory=dict)

    def group_ids(self, default: list[int] | None = None) -> list[int]:
        """Return the groups of the body, or the public group, which SkyPortal takes otherwise."""
        given = self.body.get("group_ids")
        if given is None:
            return [SITEWIDE] if default is None else default
        return [int(one) for one in given]


def requires(permission: str | None = None) -> Any:
    """Return the dependency of a call that needs a permission, or only a known token."""

    async def let_in(request: Request) -> Call:
        sandbox = request.app.state.sandbox
        user = _user(request, sandbox.users())
        # 401 and not 403, with the message of an unknown token: clients cannot tell them apart.
        if permission is not None and not user.has_permission(permission):
            raise ApiError(401, "HTTP 401: Unauthorized")
        body = {} if request.method == "GET" else await _body(request)
        return Call(user, sandbox.store, request.query_params, body)

    dependency: Callable[[Request], Awaitable[Call]] = let_in
    return Depends(dependency)


def _user(request: Request, users: dict[str, User]) -> User:
    header = request.headers.get("authorization", "")
    if not header.startswith("token "):
        raise ApiError(401, MALFORMED)
    user = users.get(header.removeprefix("token ").strip())
    if user is None:
        raise ApiError(401, "HTTP 401: Unauthorized")
    return user


async def _body(request: Request) -> dict[str, Any]:
    content = await request.body()
    if not content:
        return {}
    try:
        body = json.loads(content)
    except ValueError:
        # 500, although the caller is to blame: so does SkyPortal.
        raise ApiError(500, NOT_JSON.format(path=request.url.path)) from None
    if not isinstance(body, dict):
        raise ApiError(500, "Please ensure posted data is of type application/json")
    return body
