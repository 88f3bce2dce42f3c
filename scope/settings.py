"""The one form of a configuration section: a frozen dataclass that refuses unknown keys."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def settings(cls: type[T]) -> type[T]:
    """Make `cls` a frozen, keyword-only dataclass whose values pydantic checks strictly.

    Pydantic reads `__pydantic_config__` where the parameters are read (scope.params), so that
    a module which only declares its settings does not load it.
    """
    cls.__pydantic_config__ = {"extra": "forbid", "strict": True}  # type: ignore[attr-defined]
    return dataclass(frozen=True, kw_only=True)(cls)
