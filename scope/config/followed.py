"""Which parameters each stage follows: DVC runs it again when one of these has another value.

The stage configure writes them to build/params, a file a stage, or a file a stage and class. A
stage that reads a parameter is to follow it, which tests/test_pipeline.py sees to; the exception
is `training.threads`, on which no result depends.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scope.base.errors import ConfigError
from scope.base.files import write_json

_OF_BOTH = ("training.all_rows", "training.calibration", "training.seeds")
_OF_NETWORKS = (
    *("training.batch_size", "training.conv_branch", "training.dense_branch"),
    *("training.epoch_rows", "training.epochs", "training.label_smoothing"),
    *("training.learning_rate", "training.lr_patience", "training.patience"),
)
_OF_SOURCES = (
    *("dataset.columns", "dataset.derived", "dataset.feature_sets", "dataset.label_map"),
    *("dataset.period", "features", "taxonomy", "training.conv_branch"),
)
FOLLOWED: dict[str, tuple[str, ...]] = {
    "fetch": (
        *("dataset.name", "dataset.training", "dataset.md5", "dataset.label_column"),
        *_OF_SOURCES,
    ),
    "fetch_catalogue": ("dataset.catalogue", "seed", "split", *_OF_SOURCES),
    "validate": (
        *("classes", "dataset.feature_sets", "dataset.label_map", "taxonomy"),
        *("training.classes", "validation"),
    ),
    "scale": (
        *("dataset.feature_sets", "dataset.label_map", "feature_stats", "scale", "seed"),
        *("split", "taxonomy"),
    ),
    "evaluate": ("evaluate", "seed"),
    "compare": ("classes",),
    "track": ("classes", "dataset.name", "tracking"),
    "predict": ("classes", "predict"),
    "disagreements": ("dataset.catalogue", "dataset.feature_sets", "disagreements"),
    "push": ("dataset.name", "disagreements", "fritz", "taxonomy"),
    "report": ("",),  # all of them: it shows which are not the defaults
}
FOLLOWED_BY_CLASS: dict[str, tuple[str, ...]] = {
    "train": (*_OF_BOTH, *_OF_NETWORKS, "training.classes.{tag}"),
    "train_xgb": (*_OF_BOTH, "training.xgb", "training.classes.{tag}"),
}


def write_followed(params: Mapping[str, Any], folder: Path) -> None:
    """Write what each stage follows of `params`, all of params.yaml, as JSON below `folder`.

    `folder`/fetch.json holds name -> value; `folder`/train/vnv.json is that of one class.
    """
    for stage in FOLLOWED:
        write_json(followed_of(params, stage), folder / f"{stage}.json")
    for stage in FOLLOWED_BY_CLASS:
        for tag in params["training"]["classes"]:
            write_json(followed_of(params, stage, tag), folder / stage / f"{tag}.json")


def followed_of(params: Mapping[str, Any], stage: str, tag: str | None = None) -> dict[str, Any]:
    """Return name -> value of what a stage, or its run for class `tag`, follows of `params`.

    KeyError where there is no such stage; ConfigError where `params` lacks a parameter.
    """
    names = FOLLOWED[stage] if tag is None else FOLLOWED_BY_CLASS[stage]
    if "" in names:
        return dict(params)
    return {name: _value(params, name) for name in (one.format(tag=tag) for one in names)}


def _value(params: Mapping[str, Any], name: str) -> Any:
    value: Any = params
    for step in name.split("."):
        if not isinstance(value, Mapping) or step not in value:
            raise ConfigError(f"{name} is missing: no {step!r}; compose it with `make params`")
        value = value[step]
    return value
