"""All of params.yaml checked at once, so that a wrong value stops the first stage, not the last."""

from collections.abc import Callable, Collection
from itertools import pairwise
from pathlib import Path
from typing import Any

from scope.errors import ConfigError
from scope.features.curve import FeatureParams
from scope.grids import combinations
from scope.params import (
    PARAMS_FILE,
    BoostingParams,
    ClassParams,
    DatasetParams,
    DisagreementParams,
    EvaluateParams,
    FeatureStats,
    FritzParams,
    LabelMapParams,
    PredictParams,
    ScaleParams,
    SplitParams,
    TrackingParams,
    TrainingParams,
    ValidationParams,
    read_params,
    read_section,
)
from scope.tables import SIDE
from scope.taxonomy import label_names

SECTIONS: dict[str, Any] = {
    "seed": int,
    "classes": list[str],
    "validation": ValidationParams,
    "evaluate": EvaluateParams,
    "predict": PredictParams,
    "fritz": FritzParams,
    "fritz_labels": LabelMapParams,
    "tracking": TrackingParams,
}
FROM_ONE = (
    *(
        "training.epochs",
        "training.epoch_rows",
        "training.batch_size",
        "training.patience",
        "training.lr_patience",
    ),
    *("training.xgb.rounds", "training.xgb.early_stopping_rounds"),
    *("training.xgb.max_depth", "predict.rows_at_once", "evaluate.bootstrap"),
    *("evaluate.reliability_bins", "evaluate.histogram_bins"),
    *("training.older.epoch_rows",),
    *("validation.min_count", "features.period.n_peaks", "features.period.n_refined"),
)
FROM_TWO = ("training.xgb.folds",)
POSITIVE = (
    *("training.learning_rate", "training.xgb.learning_rate", "scale.clip"),
    *("training.xgb.subsample", "training.xgb.colsample_bytree"),
    *("features.period.max_frequency", "features.period.min_cycles"),
    *("features.period.oversampling", "training.older.epsilon"),
)
NOT_NEGATIVE = (
    *("training.older.random_state", "training.older.momentum"),
    *(
        "seed",
        "training.threads",
        "split.radius_arcsec",
        "disagreements.radius_arcsec",
        "features.min_gap_minutes",
    ),
    *("training.xgb.min_child_weight", "training.xgb.reg_lambda", "validation.example_rows"),
)
UP_TO_ONE = (
    "training.older.label_smoothing",
    *(
        "evaluate.score_threshold",
        "disagreements.high",
        "disagreements.low",
        "validation.max_missing_share",
    ),
    *("training.xgb.subsample", "training.xgb.colsample_bytree", "training.xgb.learning_rate"),
)
INSIDE_ZERO_AND_ONE = (
    *("split.test_size", "split.val_size", "evaluate.confidence"),
    *("training.older.test_size", "training.older.val_size"),
    *("training.older.beta_1", "training.older.beta_2", "training.older.score_threshold"),
)
NUMBERS: tuple[tuple[tuple[str, ...], Callable[[Any], bool], str], ...] = (
    (FROM_ONE, lambda value: value >= 1, "a whole number of at least 1"),
    (FROM_TWO, lambda value: value >= 2, "a whole number of at least 2"),
    (POSITIVE, lambda value: value > 0, "a number above 0"),
    (NOT_NEGATIVE, lambda value: value >= 0, "a number of at least 0"),
    (UP_TO_ONE, lambda value: 0 <= value <= 1, "a number from 0 to 1"),
    (INSIDE_ZERO_AND_ONE, lambda value: 0 < value < 1, "a number between 0 and 1"),
)


def check_all(path: Path = PARAMS_FILE) -> None:
    """Read every section of params.yaml and check what one section expects of another.

    Raises
    ------
    ConfigError : a key is missing, unknown or of the wrong type, a number is out of its range, or
        a name is not among those that are known; the message names the key and what is allowed
    """
    for section, kind in SECTIONS.items():
        read_section(section, kind, path)
    dataset = read_section("dataset", DatasetParams, path)
    training = read_section("training", TrainingParams, path)
    scale = read_section("scale", ScaleParams, path)
    split = read_section("split", SplitParams, path)
    disagreements = read_section("disagreements", DisagreementParams, path)
    features = read_section("features", FeatureParams, path)
    document = read_params(path)
    check_numbers(document)
    _check_shares(split, disagreements)
    _check_classes(document["classes"], training, dataset, label_names(dataset, path))
    _check_networks(training)
    _check_grid(training.xgb)
    _check_scaling(scale, dataset, path)
    _check_dataset(dataset)
    _check_cells(features)
    _check_fritz(
        read_section("fritz", FritzParams, path), read_section("fritz_labels", LabelMapParams, path)
    )


def _refuse(key: str, value: Any, rule: str) -> None:
    raise ConfigError(f"{key} is {value!r}; it must be {rule}")


def _one_of(key: str, value: str, allowed: Collection[str]) -> None:
    if value not in allowed:
        _refuse(key, value, f"one of {', '.join(map(str, allowed))}")


def check_numbers(document: dict[str, Any]) -> None:
    """Refuse a number of params.yaml that is out of its range (ConfigError)."""
    for keys, holds, rule in NUMBERS:
        for key in keys:
            value: Any = document
            for step in key.split("."):
                value = value.get(step) if isinstance(value, dict) else None
            if value is not None and not holds(value):
                _refuse(key, value, rule)


def _check_shares(split: SplitParams, disagreements: DisagreementParams) -> None:
    if split.test_size + split.val_size >= 1:
        _refuse("split.val_size", split.val_size, f"below {1 - split.test_size:g}, 1 - test_size")
    if disagreements.low >= disagreements.high:
        _refuse("disagreements.low", disagreements.low, f"below high, {disagreements.high}")


def _check_classes(
    tags: list[str], training: TrainingParams, dataset: DatasetParams, labels: Collection[str]
) -> None:
    if not tags:
        _refuse("classes", tags, f"some of {', '.join(training.classes)}")
    for key, named in {"classes": tags, "dataset.classes": dataset.classes}.items():
        for tag in named:
            _one_of(key, tag, training.classes)
    for tag, params in training.classes.items():
        _check_class(f"training.classes.{tag}", params, dataset, labels)


def _check_class(
    key: str, params: ClassParams, dataset: DatasetParams, labels: Collection[str]
) -> None:
    _one_of(f"{key}.features", params.features, dataset.feature_sets)
    _one_of(f"{key}.label", params.label, labels)
    if params.negative is not None:
        _one_of(f"{key}.negative", params.negative, labels)
    if not 0 <= params.threshold < 1:
        _refuse(f"{key}.threshold", params.threshold, "a number from 0 to below 1")
    if params.balance is not None and not params.balance > 0:
        _refuse(f"{key}.balance", params.balance, "a number above 0, or null")


def _check_networks(training: TrainingParams) -> None:
    if not training.seeds or len(set(training.seeds)) < len(training.seeds):
        _refuse("training.seeds", training.seeds, "a list of different whole numbers")
    if not (training.dense_branch or training.conv_branch):
        _refuse("training.dense_branch", False, "true where training.conv_branch is false")


def _check_grid(trees: BoostingParams) -> None:
    """Refuse a grid with a value that the parameter could not have alone."""
    combinations(trees)
    for keys, holds, rule in NUMBERS:
        for name, values in (trees.grid or {}).items():
            for value in values:
                if f"training.xgb.{name}" in keys and not holds(value):
                    _refuse(f"training.xgb.grid.{name}", value, rule)


def _check_scaling(scale: ScaleParams, dataset: DatasetParams, path: Path) -> None:
    stats = read_section("feature_stats", dict[str, FeatureStats], path)
    used = {name for names in dataset.feature_sets.values() for name in names}
    unknown = sorted(used - set(stats))
    if scale.stats == "reference" and unknown:
        rule = f"training: feature_stats lacks {', '.join(unknown)}"
        _refuse("scale.stats", scale.stats, rule)


def _check_dataset(dataset: DatasetParams) -> None:
    if (dataset.label_column is None) != (not dataset.label_map):
        key, value = "dataset.label_column", dataset.label_column
        _refuse(key, value, "a column if dataset.label_map is given, null if it is not")
    for name, features in dataset.feature_sets.items():
        if not features or len(set(features)) < len(features):
            _refuse(f"dataset.feature_sets.{name}", features, "a list of different features")


def _check_cells(features: FeatureParams) -> None:
    edges = {"dm_edges": features.dmdt.dm_edges, "dt_edges": features.dmdt.dt_edges}
    for name, values in edges.items():
        rising = all(low < high for low, high in pairwise(values))
        if len(values) != SIDE + 1 or not rising:
            _refuse(f"features.dmdt.{name}", values, f"{SIDE + 1} rising numbers")


def _check_fritz(fritz: FritzParams, labels: LabelMapParams) -> None:
    if fritz.mode == "apply" and not fritz.group_ids:
        # Fritz shows what comes without groups to everyone.
        _refuse("fritz.group_ids", fritz.group_ids, "some groups where fritz.mode is apply")
    for label, entry in labels.labels.items():
        _one_of(f"fritz_labels.labels.{label}.taxonomy", entry.taxonomy, labels.taxonomies)
