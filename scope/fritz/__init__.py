"""Fritz, the SkyPortal of ZTF: its client and what it says of sources."""

from scope.fritz.client import FritzClient
from scope.fritz.idempotency import needed_groups
from scope.fritz.paging import Listing
from scope.fritz.records import Annotation, Classification, Group, Source, Written
from scope.fritz.transport import RetryPolicy

__all__ = [
    "Annotation",
    "Classification",
    "FritzClient",
    "Group",
    "Listing",
    "RetryPolicy",
    "Source",
    "Written",
    "needed_groups",
]
