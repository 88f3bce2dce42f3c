"""All of params.yaml checked at once, so that a wrong value stops the first stage, not the last."""

from collections.abc import Collection, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from scope.base.constants import SIDE
from scope.base.params import PARAMS_FILE, read_section
from scope.base.settings import Whole, refuse
from scope.config.dataset import DatasetParams
from scope.config.disagreements import DisagreementParams
from scope.config.evaluate import EvaluateParams
from scope.config.features import FeatureParams
from scope.config.fritz import FritzParams, LabelMapParams
from scope.config.older import OlderParams
from scope.config.predict import PredictParams
from scope.config.scale import FeatureStats, ScaleParams
from scope.config.split import SplitParams
from scope.config.taxonomy import label_names
from scope.config.tracking import TrackingParams
from scope.config.training import (
    APART,
    ClassParams,
    TrainingParams,
    combinations,
)
from scope.config.validation import ValidationParams

SECTIONS: dict[str, Any] = {
    "seed": Whole,
    "classes": list[str],
    "dataset": DatasetParams,
    "disagreements": DisagreementParams,
    "evaluate": EvaluateParams,
    "feature_stats": dict[str, FeatureStats],
    "features": FeatureParams,
    "fritz": FritzParams,
    "fritz_labels": LabelMapParams,
    "predict": PredictParams,
    "scale": ScaleParams,
    "split": SplitParams,
    "tracking": TrackingParams,
    "training": TrainingParams,
    "training.classes": dict[str, ClassParams],
    "training.older": OlderParams,
    "validation": ValidationParams,
}


def check_all(path: Path = PARAMS_FILE) -> None:
    """Read every section of params.yaml and check what one section expects of another.

    Raises
    ------
    ConfigError : a key is missing, unknown or of the wrong type, a number is out of its range, or
        a name is not among those that are known; the message names the key and what is allowed
    """
    read = {
        section: read_section(section, kind, path, apart=APART if section == "training" else ())
        for section, kind in SECTIONS.items()
    }
    dataset, training = read["dataset"], read["training"]
    labels = label_names(dataset, path)
    _check_shares(read["split"], read["disagreements"])
    _check_classes(read["classes"], read["training.classes"], dataset, labels)
    _check_networks(training)
    combinations(training.xgb)
    _check_scaling(read["scale"], read["feature_stats"], dataset)
    _check_dataset(dataset)
    _check_cells(read["features"])
    _check_fritz(read["fritz"], read["fritz_labels"])


def _one_of(key: str, value: str, allowed: Collection[str]) -> None:
    if value not in allowed:
        refuse(key, value, f"one of {', '.join(map(str, allowed))}")


def _check_shares(split: SplitParams, disagreements: DisagreementParams) -> None:
    if split.test_size + split.val_size >= 1:
        refuse("split.val_size", split.val_size, f"below {1 - split.test_size:g}, 1 - test_size")
    if disagreements.low >= disagreements.high:
        refuse("disagreements.low", disagreements.low, f"below high, {disagreements.high}")


def _check_classes(
    tags: list[str],
    classes: Mapping[str, ClassParams],
    dataset: DatasetParams,
    labels: Collection[str],
) -> None:
    if not tags:
        refuse("classes", tags, f"some of {', '.join(classes)}")
    for key, named in {"classes": tags, "dataset.classes": dataset.classes}.items():
        for tag in named:
            _one_of(key, tag, classes)
    for tag, params in classes.items():
        _check_class(f"training.classes.{tag}", params, dataset, labels)


def _check_class(
    key: str, params: ClassParams, dataset: DatasetParams, labels: Collection[str]
) -> None:
    _one_of(f"{key}.features", params.features, dataset.feature_sets)
    _one_of(f"{key}.label", params.label, labels)
    if params.negative is not None:
        _one_of(f"{key}.negative", params.negative, labels)


def _check_networks(training: TrainingParams) -> None:
    if not training.seeds or len(set(training.seeds)) < len(training.seeds):
        refuse("training.seeds", training.seeds, "a list of different whole numbers")
    if not (training.dense_branch or training.conv_branch):
        refuse("training.dense_branch", False, "true where training.conv_branch is false")


def _check_scaling(
    scale: ScaleParams, stats: Mapping[str, FeatureStats], dataset: DatasetParams
) -> None:
    used = {name for names in dataset.feature_sets.values() for name in names}
    unknown = sorted(used - set(stats))
    if scale.stats == "reference" and unknown:
        rule = f"training: feature_stats lacks {', '.join(unknown)}"
        refuse("scale.stats", scale.stats, rule)


def _check_dataset(dataset: DatasetParams) -> None:
    if (dataset.label_column is None) != (not dataset.label_map):
        key, value = "dataset.label_column", dataset.label_column
        refuse(key, value, "a column if dataset.label_map is given, null if it is not")
    for name, features in dataset.feature_sets.items():
        if not features or len(set(features)) < len(features):
            refuse(f"dataset.feature_sets.{name}", features, "a list of different features")


def _check_cells(features: FeatureParams) -> None:
    edges = {"dm_edges": features.dmdt.dm_edges, "dt_edges": features.dmdt.dt_edges}
    for name, values in edges.items():
        rising = all(low < high for low, high in pairwise(values))
        if len(values) != SIDE + 1 or not rising:
            refuse(f"features.dmdt.{name}", values, f"{SIDE + 1} rising numbers")


def _check_fritz(fritz: FritzParams, labels: LabelMapParams) -> None:
    if fritz.mode == "apply" and not fritz.group_ids:
        # Fritz shows what comes without groups to everyone.
        refuse("fritz.group_ids", fritz.group_ids, "some groups where fritz.mode is apply")
    for label, entry in labels.labels.items():
        _one_of(f"fritz_labels.labels.{label}.taxonomy", entry.taxonomy, labels.taxonomies)
