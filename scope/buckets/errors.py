"""What can go wrong with buckets and addresses on the web."""

from scope.base.errors import ScopeError


class BucketError(ScopeError):
    """A bucket or an address on the web cannot be read, or what came is not what is there."""


class BucketNotFoundError(BucketError):
    """There is no such bucket or object, or not in this version."""
