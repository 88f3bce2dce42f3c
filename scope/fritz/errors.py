"""What can go wrong with Fritz, Kowalski and uploads; no message ever holds a token."""

from scope.base.errors import ScopeError


class FritzError(ScopeError):
    """A call to Fritz (SkyPortal) failed; the message never holds the token.

    Attributes
    ----------
    method, path : the call; `path` is empty where none was made
    status : HTTP status, None where no answer came
    transient : it may succeed if it is repeated later
    outcome_unknown : the server may have done what was asked; look before sending it again
    retry_after : pause that the server asks for [s], if it does
    """

    def __init__(
        self,
        message: str,
        *,
        method: str = "",
        path: str = "",
        status: int | None = None,
        transient: bool = False,
        outcome_unknown: bool = False,
    ) -> None:
        where = " ".join(part for part in (method, path, str(status or "")) if part)
        super().__init__(f"Fritz: {where}: {message}" if where else f"Fritz: {message}")
        self.method = method
        self.path = path
        self.status = status
        self.server_message = message
        self.transient = transient
        self.outcome_unknown = outcome_unknown
        self.retry_after: float | None = None


class FritzAuthenticationError(FritzError):
    """Fritz does not know the token."""


class FritzPermissionError(FritzError):
    """The token may not do this, or its user is not in a group."""


class FritzNotFoundError(FritzError):
    """What was asked for is not on the server, or not shown to the token."""


class FritzInvalidError(FritzError):
    """Fritz refuses what was sent."""


class FritzRateLimitError(FritzError):
    """More calls a second than Fritz takes, again and again."""


class FritzServerError(FritzError):
    """Fritz failed, or answered what is no answer."""


class FritzNetworkError(FritzError):
    """Fritz cannot be reached, or the connection was lost."""


class KowalskiError(ScopeError):
    """Kowalski cannot be reached, refuses the token or a query; the message never holds a token."""


class UploadError(ScopeError):
    """An upload is not complete; what is missing is sent by running it again."""
