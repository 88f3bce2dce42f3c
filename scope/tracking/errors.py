"""What can go wrong with the store of MLflow."""

from scope.base.errors import ScopeError


class TrackingError(ScopeError):
    """The store of MLflow is down, slow or refuses something; the message holds no password."""
