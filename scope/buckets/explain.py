"""From what Google's libraries raise to what a person can do about it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud.storage.exceptions import InvalidResponse
from requests import exceptions as http

from scope.buckets.address import parse
from scope.buckets.errors import BucketError, BucketNotFoundError

EMULATOR = "STORAGE_EMULATOR_HOST"
REFUSAL = re.compile(
    r"(?P<who>\S+|Anonymous caller) does not have (?P<what>storage\.\w+\.\w+) access"
)
SIGN_IN = (
    "sign in with `gcloud auth application-default login`, or name the key file of a service "
    "account in GOOGLE_APPLICATION_CREDENTIALS"
)
NETWORK = (api.RetryError, ConnectionError, http.RequestException, auth.TransportError)


@contextmanager
def explained(action: str, address: str, account: str) -> Iterator[None]:
    """Raise a BucketError in the place of what Google's libraries raise.

    Parameters
    ----------
    action : "list" or "get", as the permission calls it that it takes
    account : whose permission it is
    """
    doing = f"cannot {'list' if action == 'list' else 'read'} {address}"
    try:
        yield
    except api.NotFound as error:
        raise BucketNotFoundError(
            f"{doing}: not found (404); check the address, or whether it was deleted"
        ) from error
    except (api.Forbidden, api.Unauthorized) as error:
        raise BucketError(doing + _refusal(error, action, parse(address)[0], account)) from error
    except auth.RefreshError as error:
        raise BucketError(
            f"{doing}: the credentials of {account} are no longer valid ({error}); {SIGN_IN}"
        ) from error
    except NETWORK as error:
        raise BucketError(f"{doing}: {_network(error)}") from error
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        raise BucketError(f"{doing}: {error}; run the same command again later") from error


def _refusal(error: api.GoogleAPICallError, action: str, bucket: str, account: str) -> str:
    said = REFUSAL.search(str(error))
    permission = said["what"] if said else f"storage.objects.{action}"
    if said is None and "does not have" not in str(error) and error.code == 403:
        return (
            f" as {account}: {error.message} (403); it takes the permission {permission} on the "
            f"bucket {bucket}, and a project in good standing"
        )
    if said and said["who"] != "Anonymous caller":
        account = said["who"]
    kind = "serviceAccount" if "gserviceaccount" in account else "user"
    return (
        f": permission denied ({error.code}): {account} lacks {permission} on the bucket {bucket}; "
        f"{SIGN_IN}, or ask an owner of the bucket to run `gcloud storage buckets "
        f"add-iam-policy-binding gs://{bucket} --member={kind}:"
        f"{account if '@' in account else 'YOU'} --role=roles/storage.objectViewer`"
    )


def _network(error: BaseException) -> str:
    """Return why the server did not answer, without what the layers in between wrap it in."""
    deepest = error.cause if isinstance(error, api.RetryError) else error
    if isinstance(deepest, (api.GoogleAPICallError, InvalidResponse)):
        return f"the server keeps failing ({deepest}); run the same command again later"
    while deeper := deepest.__cause__ or deepest.__context__:
        deepest = deeper
    emulator = os.environ.get(EMULATOR)
    where = f" at {emulator}, which {EMULATOR} names" if emulator else ""
    return (
        f"the server{where} does not answer or broke off ({deepest}); check the network, then run "
        "the same command again: it goes on where it stopped"
    )
