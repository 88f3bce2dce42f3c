"""Where the servers are and the tokens for them: from the environment, or else from `.env`."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from scope.base.errors import ConfigError

FRITZ_URL = "https://fritz.science"
KOWALSKI_URL = "https://gloria.caltech.edu:443"
PRINTABLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class Credentials:
    """Address of a server, without a slash at its end, and the token for it, never shown."""

    url: str
    token: str = field(repr=False)


def fritz_credentials(folder: Path | None = None) -> Credentials:
    """Return FRITZ_URL (default: Fritz itself) and FRITZ_TOKEN.

    Raises
    ------
    ConfigError : there is no token, or the address or the token cannot be one
    """
    return _credentials("FRITZ", FRITZ_URL, folder or Path())


def kowalski_credentials(folder: Path | None = None) -> Credentials:
    """Return KOWALSKI_URL (default: the instance gloria) and KOWALSKI_TOKEN.

    Raises
    ------
    ConfigError : there is no token, or the address or the token cannot be one
    """
    return _credentials("KOWALSKI", KOWALSKI_URL, folder or Path())


def setting(name: str, folder: Path | None = None) -> str | None:
    """Return what the environment, or else `.env`, says of a name; None where neither does."""
    return _settings(folder or Path()).get(name)


def _settings(folder: Path) -> dict[str, str | None]:
    # The environment wins; .env is only read, never put into the environment of children.
    return {**dotenv_values(folder / ".env"), **os.environ}


def _credentials(name: str, default_url: str, folder: Path) -> Credentials:
    known = _settings(folder)
    url = (known.get(f"{name}_URL") or default_url).strip().rstrip("/")
    token = (known.get(f"{name}_TOKEN") or "").strip()
    if not token:
        raise ConfigError(f"{name}_TOKEN is not set; put it in the environment or into .env")
    # A line break in a header would be refused deep inside requests, with the token in its message.
    if not PRINTABLE.fullmatch(token):
        raise ConfigError(f"{name}_TOKEN holds spaces or other signs that no token has")
    return Credentials(checked_url(url, f"{name}_URL"), token)


def checked_url(url: str, name: str) -> str:
    """Return the address of a server.

    Raises
    ------
    ConfigError : it is no http or https address of a host, or holds a password
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018, a wrong port is found when it is asked for
    except ValueError:
        # Without the address and its cause: both may hold a password.
        raise ConfigError(f"{name} is no address; an example is {FRITZ_URL}") from None
    # The address is shown in messages and written into ledgers.
    if parts.username or parts.password:
        raise ConfigError(f"{name} holds a user name or a password; put only the token in its own")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{name} is {url!r}, no http address; an example is {FRITZ_URL}")
    return url
