"""What an answer of SkyPortal, of its proxy or of nobody means."""

import email.utils
import re
import time
from collections.abc import Callable
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from scope.fritz.errors import (
    FritzError,
    FritzInvalidError,
    FritzNetworkError,
    FritzNotFoundError,
    FritzPermissionError,
    FritzRateLimitError,
    FritzServerError,
)

MESSAGE_LENGTH = 300  # a refused photometry upload answers with megabytes of traceback
# By their texts: many handlers answer 400 where 404 or 403 would be meant.
MISSING = re.compile(
    r"not found|does not exist|^No instrument with|Cannot find (a |an )?"
    r"(object|taxonomy|classification)|^Invalid object ID|Invalid API endpoint",
    re.IGNORECASE,
)
FOREIGN_GROUP = re.compile(
    r"Cannot find group_id|not all accessible to user|Insufficient permissions", re.IGNORECASE
)
# Names of SkyPortal's ACLs; its refusals do not say which one is missing.
PERMISSIONS = (
    ("POST", r"/api/(sources|source_groups)$", "Upload data"),
    ("(POST|PUT)", r"/api/photometry$", "Upload data"),
    ("(POST|PUT|DELETE)", r"/api/sources/[^/]+/annotations", "Annotate"),
    ("(POST|PUT|DELETE)", r"/api/sources/[^/]+/comments", "Comment"),
    ("(POST|PUT|DELETE)", r"/api/classification", "Classify"),
    ("POST", r"/api/taxonomy$", "Post taxonomy"),
    ("DELETE", r"/api/taxonomy", "Delete taxonomy"),
)


def data_of(
    response: requests.Response, method: str, path: str, redact: Callable[[str], str]
) -> Any:
    """Return the `data` of an answer.

    Raises
    ------
    FritzError : it says no, or is none; the error tells whether repeating it may help
    """
    writes = method != "GET"
    where: dict[str, Any] = {"method": method, "path": path, "status": response.status_code}
    envelope = _envelope(response)
    if response.status_code == 200 and envelope is not None:
        # Both are asked: an error may come with 200.
        if envelope.get("status") == "success":
            return envelope.get("data")
        raise FritzInvalidError(_message(envelope, response, redact), **where)
    if response.is_redirect:
        target = redact(response.headers.get("Location", ""))[:MESSAGE_LENGTH]
        raise FritzInvalidError(f"sends to {target}; set FRITZ_URL to where it is", **where)
    if response.status_code == 200:
        is_page = "html" in response.headers.get("Content-Type", "")
        what = "a web page instead of data; is FRITZ_URL right?" if is_page else "cut-off data"
        raise FritzServerError(
            f"answers {what}", **where, transient=not is_page, outcome_unknown=writes
        )
    error = _refusal(_message(envelope, response, redact), envelope is not None, where)
    error.retry_after = _retry_after(response)
    raise error


def lost(error: requests.RequestException, method: str, path: str, host: str) -> FritzNetworkError:
    """Return what a connection that failed or broke means: and whether the request had left."""
    # requests hides the reason of urllib3: only NewConnectionError proves that nothing was sent.
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    never_left = isinstance(error, requests.ConnectTimeout) or isinstance(
        reason, NewConnectionError
    )
    what = f"{host} cannot be reached" if never_left else f"the connection to {host} was lost"
    if isinstance(error, requests.exceptions.SSLError):
        what = f"{host} shows no certificate that can be trusted"
    outcome_unknown = method != "GET" and not never_left
    return FritzNetworkError(
        f"{what} ({type(error).__name__}); check FRITZ_URL and the network",
        method=method,
        path=path,
        transient=not isinstance(error, requests.exceptions.SSLError),
        outcome_unknown=outcome_unknown,
    )


def permission(method: str, path: str) -> str:
    """Return the permission (ACL) that a call needs, as SkyPortal names it."""
    for verb, pattern, name in PERMISSIONS:
        if re.fullmatch(verb, method) and re.search(pattern, path):
            return f"the permission '{name}'"
    return "a permission for it"


def _envelope(response: requests.Response) -> dict[str, Any] | None:
    try:
        answer = response.json()
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and "status" in answer else None


def _message(
    envelope: dict[str, Any] | None, response: requests.Response, redact: Callable[[str], str]
) -> str:
    if envelope is None:
        # nginx and the status page behind it answer in HTML.
        title = re.search(r"<title>(.*?)</title>", response.text[:2000], re.DOTALL)
        text = title.group(1) if title else response.reason or "no message"
    else:
        text = str(envelope.get("message") or "no message")
    text = redact(text)  # before it is cut, which could leave a part of the token
    # The last line of a traceback is the exception, the rest may be megabytes.
    if "Traceback" in text:
        text = text.rstrip().rpartition("\n")[2]
    text = " ".join(text[: 4 * MESSAGE_LENGTH].split())
    return text if len(text) <= MESSAGE_LENGTH else text[:MESSAGE_LENGTH] + " ..."


def _refusal(message: str, is_json: bool, where: dict[str, Any]) -> FritzError:
    status, writes = where["status"], where["method"] != "GET"
    if status == 429:
        return FritzRateLimitError(message, **where, transient=True)
    if status == 405 and not is_json:
        # Where the application is down, SkyPortal's proxy answers writes with this page.
        return FritzServerError("the application is down", **where, transient=True)
    if status >= 500:
        # The database was asked for the token before anything else.
        before = status == 503 and "retry shortly" in message
        # A 500 is an exception in a handler: the same call fails again.
        transient = status in (502, 503, 504)
        return FritzServerError(
            message, **where, transient=transient, outcome_unknown=writes and not before
        )
    return _denial(message, where)


def _denial(message: str, where: dict[str, Any]) -> FritzError:
    status = where["status"]
    if status in (401, 403):
        return FritzPermissionError(message, **where)
    # A path that is not there answers 400 to GET and 405 to all else; 404 is for few things.
    if status in (404, 405) or MISSING.search(message):
        return FritzNotFoundError(message, **where)
    if FOREIGN_GROUP.search(message):
        return FritzPermissionError(f"{message}; join the group on Fritz first", **where)
    # Two first uploads of one source at once: the second has only to be repeated.
    race = where["path"] == "/api/sources" and "UniqueViolation" in message
    return FritzInvalidError(message, **where, transient=race)


def _retry_after(response: requests.Response) -> float | None:
    given = response.headers.get("Retry-After")
    if given is None:
        return None
    try:
        # nginx sends none; another proxy may give seconds or a date (RFC 9110, 10.2.3).
        return max(float(given), 0.0)
    except ValueError:
        moment = email.utils.parsedate_tz(given)
    return None if moment is None else max(email.utils.mktime_tz(moment) - time.time(), 0.0)
