"""Who reads the buckets: Google's default credentials, or nobody in particular."""

import logging
import os
from dataclasses import dataclass
from typing import Any

import google.auth
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError

from scope.buckets.errors import BucketError
from scope.buckets.explain import SIGN_IN

SCOPES = ("https://www.googleapis.com/auth/devstorage.read_only",)
KEY_FILE = "GOOGLE_APPLICATION_CREDENTIALS"
ANONYMOUS = "the anonymous account (no credentials were found)"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Account:
    """Credentials, never shown, and whose they are."""

    credentials: Any
    name: str


def find_account() -> Account:
    """Return the account of Google's default credentials, the anonymous one where there are none.

    An emulator (STORAGE_EMULATOR_HOST) is asked anonymously.

    Raises
    ------
    BucketError : there is a key file, but it cannot be used
    """
    if os.environ.get("STORAGE_EMULATOR_HOST"):
        return Account(AnonymousCredentials(), ANONYMOUS)  # type: ignore[no-untyped-call]
    try:
        credentials, _ = google.auth.default(scopes=SCOPES)
    except DefaultCredentialsError as error:
        if os.environ.get(KEY_FILE):
            raise BucketError(
                f"the key file that {KEY_FILE} names cannot be used ({error}); {SIGN_IN}"
            ) from error
        logger.info("no Google credentials found: buckets are read anonymously")
        return Account(AnonymousCredentials(), ANONYMOUS)  # type: ignore[no-untyped-call]
    return Account(credentials, _name(credentials))


def _name(credentials: Any) -> str:
    for attribute in ("service_account_email", "account"):
        name = getattr(credentials, attribute, "")
        if name and name != "default":
            return str(name)
    return "the account of your default credentials"
