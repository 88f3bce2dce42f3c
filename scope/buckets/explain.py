"""From what Google's libraries raise to what a person can do about it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from google.api_core import exceptions as api
from google.auth import exceptions as auth
from requests import exceptions as http

from scope.buckets.errors import BucketError, BucketNotFoundError

REFUSAL = re.compile(
    r"(?P<who>\S+|Anonymous caller) does not have (?P<what>storage\.\w+\.\w+) access"
)
SIGN_IN = (
    "sign in with `gcloud auth application-default login`, or name the key file of a service "
    "account in GOOGLE_APPLICATION_CREDENTIALS"
)
NETWORK = (ConnectionError, http.RequestException, auth.TransportError)


@contextmanager
def explained(doing: str, bucket: str, permission: str, account: str) -> Iterator[None]:
    """Raise a BucketError in the place of what Google's libraries raise.

    Parameters
    ----------
    doing : what fails if it does, such as "list gs://bucket/prefix"
    permission : that doing it takes, such as "storage.objects.list"
    account : whose permission it is
    """
    try:
        yield
    except api.NotFound as error:
        raise BucketNotFoundError(
            f"cannot {doing}: not found (404); check the address, or whether it was deleted"
        ) from error
    except (api.Forbidden, api.Unauthorized) as error:
        raise BucketError(_refusal(error, doing, bucket, permission, account)) from error
    except auth.RefreshError as error:
        raise BucketError(
            f"cannot {doing}: the credentials of {account} are no longer valid ({error}); {SIGN_IN}"
        ) from error
    except api.RetryError as error:
        raise BucketError(f"cannot {doing}: {_network(error.cause)}") from error
    except NETWORK as error:
        raise BucketError(f"cannot {doing}: {_network(error)}") from error
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        raise BucketError(f"cannot {doing}: {error}; run the same command again later") from error


def _refusal(
    error: api.GoogleAPICallError, doing: str, bucket: str, permission: str, account: str
) -> str:
    said = REFUSAL.search(str(error))
    if said is None and "does not have" not in str(error) and error.code == 403:
        return (
            f"cannot {doing} as {account}: {error.message} (403); it takes the permission "
            f"{permission} on the bucket {bucket}, and a project in good standing"
        )
    if said is not None:
        permission = said["what"]
        account = account if said["who"] == "Anonymous caller" else said["who"]
    member = f"serviceAccount:{account}" if "gserviceaccount" in account else f"user:{account}"
    if "@" not in account:
        member, account = "user:YOU", account or "this account"
    return (
        f"cannot {doing}: permission denied ({error.code}): {account} lacks {permission} on the "
        f"bucket {bucket}; {SIGN_IN}, or ask an owner of the bucket to run `gcloud storage buckets "
        f"add-iam-policy-binding gs://{bucket} --member={member} --role={_role(permission)}`"
    )


def _role(permission: str) -> str:
    reading = permission.endswith((".get", ".list"))
    return "roles/storage.objectViewer" if reading else "roles/storage.objectUser"


def _network(cause: Any) -> str:
    """Return why the server did not answer, without what the layers in between wrap it in."""
    emulator = os.environ.get("STORAGE_EMULATOR_HOST")
    if isinstance(cause, api.GoogleAPICallError):
        return f"the server keeps failing ({cause.code} {cause.message}); run the same again later"
    deepest = cause
    while isinstance(deepest, BaseException) and (deepest.__cause__ or deepest.__context__):
        deepest = deepest.__cause__ or deepest.__context__
    where = f" at {emulator}, which STORAGE_EMULATOR_HOST names" if emulator else ""
    return (
        f"the server{where} does not answer or broke off ({deepest}); check the network, then run "
        "the same command again: it goes on where it stopped"
    )
