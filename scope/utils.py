"""`scope.utils.Dataset`, where the older tool had it."""

from scope.models.dataset import Dataset

__all__ = ["Dataset"]
