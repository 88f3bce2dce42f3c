"""`scope.utils.Dataset`, where the older tool had it."""

from scope.dataset import Dataset

__all__ = ["Dataset"]
