"""Section `training`: how classifiers are trained, and the classes."""

import itertools
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from scope.base.errors import ConfigError
from scope.base.params import PARAMS_FILE, read_params, read_section
from scope.base.settings import (
    BelowOne,
    Count,
    FromTwo,
    NotNegative,
    Positive,
    PositiveShare,
    Share,
    Whole,
    parse,
    settings,
)

NOT_SEARCHED = {"dmdt", "folds", "grid"}
APART = ("classes", "older")  # sections of their own: ClassParams, scope.config.older
Balance = Annotated[float, Field(gt=0, description="a number above 0, or null")]


@settings
class ClassParams:
    """One binary classifier.

    Attributes
    ----------
    label : the label column
    features : name of a feature set
    threshold : a light curve is positive where its label is above it
    balance : how many of the more numerous side are kept for one of the other; None = all
    weight_per_class : whether both sides weigh the same in the loss
    negative : the label above `threshold` that makes a negative; None = all that are not positive
    """

    label: str
    features: str
    threshold: BelowOne
    balance: Balance | None
    weight_per_class: bool
    negative: str | None


@settings
class BoostingParams:
    """The gradient-boosted trees.

    Attributes
    ----------
    dmdt : whether the trees see a summary of the dm-dt histogram beside the features
    grid : values to try of some of the parameters above, parameter -> values; None = none
    folds : of the cross-validation that chooses among them
    """

    rounds: Count
    early_stopping_rounds: Count
    learning_rate: PositiveShare
    max_depth: Count
    subsample: PositiveShare
    colsample_bytree: PositiveShare
    min_child_weight: NotNegative
    reg_lambda: NotNegative
    dmdt: bool
    grid: dict[str, list[int | float]] | None
    folds: FromTwo


@settings
class TrainingParams:
    """How the classifiers are trained; `patience` and `lr_patience` count epochs.

    An epoch is a pass over the training rows, or as many as make up `epoch_rows` rows. With
    `all_rows` no class is balanced, whatever its `balance`. `label_smoothing` takes half of it from
    a truth of 1 and gives it to one of 0.
    """

    seeds: list[Whole]
    epochs: Count
    epoch_rows: Count
    batch_size: Count
    learning_rate: Positive
    patience: Count
    lr_patience: Count
    label_smoothing: Share
    all_rows: bool
    dense_branch: bool
    conv_branch: bool
    calibration: Literal["none", "platt", "isotonic"]
    threads: Whole
    xgb: BoostingParams


def read_training(path: Path = PARAMS_FILE) -> TrainingParams:
    """Return the section `training` without the classes and what is for `scope train` alone."""
    return read_section("training", TrainingParams, path, apart=APART)


def read_classes(path: Path = PARAMS_FILE) -> dict[str, ClassParams]:
    """Return the parameters of every class by its tag."""
    return read_section("training.classes", dict[str, ClassParams], path)


def read_class(tag: str, path: Path = PARAMS_FILE) -> ClassParams:
    """Return the parameters of one class; ConfigError lists the known tags where it is unknown."""
    known = read_params(path).get("training", {}).get("classes", {})
    if tag not in known:
        raise ConfigError(f"class {tag!r} is unknown; choose among {', '.join(sorted(known))}")
    return read_section(f"training.classes.{tag}", ClassParams, path)


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
