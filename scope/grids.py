"""The combinations of parameters that a grid names."""

import itertools
from dataclasses import asdict, fields
from typing import Any

from scope.errors import ConfigError
from scope.params import BoostingParams
from scope.settings import parse

NOT_SEARCHED = {"dmdt", "folds", "grid"}


def combinations(params: BoostingParams) -> list[dict[str, Any]]:
    """Return every combination of the values in `params.grid`, the last parameter changing first.

    Raises
    ------
    ConfigError : the grid names an unknown parameter, gives it no value or one of the wrong type
    """
    grid = params.grid or {}
    allowed = [one.name for one in fields(params) if one.name not in NOT_SEARCHED]
    for name, values in grid.items():
        where = f"training.xgb.grid.{name}"
        if name not in allowed:
            raise ConfigError(f"{where} is no parameter; choose among {', '.join(allowed)}")
        if not values:
            raise ConfigError(f"{where} is {values!r}; give at least one value")
        for value in values:
            parse({**asdict(params), name: value}, BoostingParams, "training.xgb.grid")
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
