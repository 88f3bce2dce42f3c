"""The one form of a configuration section: a frozen dataclass that refuses unknown keys.

A limit stands beside the field it is of, as one of the types below, whose description is what a
message says: `epochs: Count` is refused at 0 as "epochs is 0; it must be a whole number of at
least 1".
"""

import json
from dataclasses import dataclass
from typing import (
    Annotated,
    Any,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from scope.base.errors import ConfigError

T = TypeVar("T")

Count = Annotated[int, Field(ge=1, description="a whole number of at least 1")]
FromTwo = Annotated[int, Field(ge=2, description="a whole number of at least 2")]
Whole = Annotated[int, Field(ge=0, description="a whole number of at least 0")]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False, description="a number above 0")]
NotNegative = Annotated[
    float, Field(ge=0, allow_inf_nan=False, description="a number of at least 0")
]
Share = Annotated[float, Field(ge=0, le=1, description="a number from 0 to 1")]
PositiveShare = Annotated[float, Field(gt=0, le=1, description="a number above 0 and of at most 1")]
BelowOne = Annotated[float, Field(ge=0, lt=1, description="a number from 0 to below 1")]
Inside = Annotated[float, Field(gt=0, lt=1, description="a number between 0 and 1")]
Pair = Annotated[list[float], Field(min_length=2, max_length=2, description="[lowest, highest]")]


@dataclass_transform(frozen_default=True, kw_only_default=True)
def settings(cls: type[T]) -> type[T]:
    """Make `cls` a frozen, keyword-only dataclass whose values pydantic checks strictly."""
    cls.__pydantic_config__ = {"extra": "forbid", "strict": True}  # type: ignore[attr-defined]
    return dataclass(frozen=True, kw_only=True)(cls)


def parse(value: Any, kind: type[T], where: str) -> T:
    """Return `value` as `kind`; ConfigError names the key below `where` and what is allowed."""
    try:
        # As JSON, a mapping may stand for a dataclass although the checks are strict.
        return TypeAdapter(kind).validate_json(json.dumps(value))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join([where, *map(str, first["loc"])])
        raise ConfigError(_explain(key, first, kind)) from error


def refuse(key: str, value: Any, rule: str) -> None:
    """Raise ConfigError for a value that breaks a rule, such as "a number above 0"."""
    raise ConfigError(f"{key} is {value!r}; it must be {rule}")


def _explain(key: str, problem: Any, kind: Any) -> str:
    if problem["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        allowed = getattr(_hint_at(kind, problem["loc"][:-1]), "__dataclass_fields__", {})
        return f"{key}: unknown key; choose among {', '.join(allowed)}"
    if problem["type"] in {"missing", "missing_keyword_only_argument"}:
        return f"{key}: missing; compose params.yaml again with `make params`"
    rule = _rule_of(_hint_at(kind, problem["loc"]))
    if rule and "ctx" in problem:  # a limit is passed; else the value is of the wrong type
        return f"{key} is {problem['input']!r}; it must be {rule}"
    return f"{key}: {problem['msg']}, got {problem['input']!r}"


def _hint_at(kind: Any, steps: tuple[str | int, ...]) -> Any:
    """Return the annotation found by following `steps` into `kind`, without its `| None`."""
    for step in steps:
        if hasattr(kind, "__dataclass_fields__"):
            kind = get_type_hints(kind, include_extras=True).get(str(step))
        else:
            options = get_args(_without_rule(kind))
            kind = options[-1] if options else kind
        others = [one for one in get_args(kind) if one is not type(None)]
        if type(None) in get_args(kind) and len(others) == 1:
            kind = others[0]
    return kind


def _without_rule(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _rule_of(hint: Any) -> str | None:
    rules = [one.description for one in get_args(hint)[1:] if isinstance(one, FieldInfo)]
    return rules[0] if get_origin(hint) is Annotated and rules else None
