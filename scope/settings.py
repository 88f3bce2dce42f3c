"""The one form of a configuration section: a frozen dataclass that refuses unknown keys."""

import json
from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform, get_args, get_type_hints

from scope.errors import ConfigError

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def settings(cls: type[T]) -> type[T]:
    """Make `cls` a frozen, keyword-only dataclass whose values pydantic checks strictly.

    Pydantic reads `__pydantic_config__`; only `parse` loads it, so that a module which declares
    its settings does not.
    """
    cls.__pydantic_config__ = {"extra": "forbid", "strict": True}  # type: ignore[attr-defined]
    return dataclass(frozen=True, kw_only=True)(cls)


def parse(value: Any, kind: type[T], where: str) -> T:
    """Return `value` as `kind`; ConfigError names the key below `where` and what is allowed."""
    from pydantic import TypeAdapter, ValidationError

    try:
        # As JSON, a mapping may stand for a dataclass although the checks are strict.
        return TypeAdapter(kind).validate_json(json.dumps(value))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join([where, *map(str, first["loc"])])
        raise ConfigError(f"{key}: {_explain(first, kind)}") from error


def _explain(problem: Any, kind: Any) -> str:
    if problem["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        allowed = _fields_at(kind, problem["loc"][:-1])
        return f"unknown key; choose among {', '.join(allowed)}"
    if problem["type"] in {"missing", "missing_keyword_only_argument"}:
        return "missing; compose params.yaml again with `make params`"
    return f"{problem['msg']}, got {problem['input']!r}"


def _fields_at(kind: Any, steps: tuple[str | int, ...]) -> list[str]:
    """Return the names of the fields of the dataclass found by following `steps` into `kind`."""
    for step in steps:
        inner = (
            get_type_hints(kind).get(str(step)) if hasattr(kind, "__dataclass_fields__") else kind
        )
        options = [option for option in get_args(inner) if option is not type(None)]
        kind = options[-1] if options else inner
    return list(getattr(kind, "__dataclass_fields__", {}))
