"""What is to be trained, from params.yaml."""

from dataclasses import dataclass, replace
from pathlib import Path

from scope.base.errors import ConfigError
from scope.config.training import ClassParams, TrainingParams, read_class, read_training
from scope.models.shared.scaled import open_scaled


@dataclass(frozen=True)
class Task:
    """One classifier to train: its class, its features in order, and how."""

    tag: str
    params: ClassParams
    features: list[str]
    training: TrainingParams


def read_task(tag: str, scaled: Path) -> Task:
    """Return the task of one class from params.yaml and the scaled data it is to learn from.

    Raises
    ------
    ConfigError : the parameters are wrong, or name a feature set that the scaled data lack
    """
    params = read_class(tag)
    sets = open_scaled(scaled).feature_sets
    if params.features not in sets:
        raise ConfigError(
            f"training.classes.{tag}.features: {params.features!r} is no feature set; choose "
            f"among {', '.join(sets)}"
        )
    training = read_training()
    if not training.seeds:
        raise ConfigError("training.seeds is empty; give at least one seed")
    if training.all_rows:
        params = replace(params, balance=None)
    return Task(tag, params, sets[params.features], training)
