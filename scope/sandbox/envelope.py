"""Answers in the envelope of SkyPortal."""

from typing import Any

from starlette.responses import JSONResponse, Response

# Of the SkyPortal whose answers are imitated.
VERSION = "1.4.0"
PROVISIONING = {"status": "error", "message": "System provisioning"}


class ApiError(Exception):
    """A call is refused with this HTTP status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def success(data: Any = None) -> JSONResponse:
    """Return the answer to a call that succeeded."""
    content = {} if data is None else data
    return JSONResponse({"status": "success", "data": content, "version": VERSION})


def refusal(status: int, message: str) -> JSONResponse:
    """Return the answer to a call that is refused."""
    body = {"status": "error", "message": message, "data": {}, "version": VERSION}
    return JSONResponse(body, status, media_type="application/json; charset=UTF-8")


def page(status: int, title: str) -> Response:
    """Return what the proxy in front of SkyPortal answers by itself: a page, no JSON."""
    text = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1>"
        "</center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>"
    )
    return Response(text, status, headers={"content-type": "text/html"})


def application_down(method: str) -> Response:
    """Return what the proxy answers while the application behind it is down."""
    if method == "GET":
        return JSONResponse(PROVISIONING, 503, media_type="application/json; charset=UTF-8")
    # The status page behind nginx knows GET only: a 405 for a known call means `server down`.
    title = "405: Method Not Allowed"
    text = f"<html><title>{title}</title><body>{title}</body></html>"
    return Response(text, 405, media_type="text/html")
