"""What `scope train` is to do: each value from its flag, the class, the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from scope.base.errors import ConfigError
from scope.base.params import PARAMS_FILE, read_params
from scope.base.settings import parse
from scope.config.older import OlderParams
from scope.config.scale import FeatureStats
from scope.config.training import APART, ClassParams, TrainingParams, read_class
from scope.older.flags import BUILT_IN, CHOICES, all_flags, names_of

QUICK_EPOCHS = 2
T = TypeVar("T")


@dataclass(frozen=True)
class Setting:
    """A value and where it is from: a flag, a section of params.yaml, or "built in"."""

    value: Any
    source: str


@dataclass(frozen=True, kw_only=True)
class Request:
    """One network to train.

    Attributes
    ----------
    feature_names : the classifier's features, in order
    feature_stats : statistics to scale by; empty: those of the rows that train
    radius_arcsec : light curves closer than this are one source [arcsec]
    gpu : number of the GPU, from 0; None = the processor
    settings : every value with its source, by name
    """

    tag: str
    params: ClassParams
    feature_names: list[str]
    feature_stats: dict[str, FeatureStats]
    radius_arcsec: float
    training: TrainingParams
    older: OlderParams
    pre_trained_model: Path | None
    gpu: int | None
    verbose: bool
    test: bool
    save: bool
    plot: bool
    settings: dict[str, Setting]


def defaults(tag: str | None, path: Path = PARAMS_FILE) -> dict[str, Setting]:
    """Return what each flag is where it is not given, by name.

    `training.older` comes before `training`, the entry of the class before both. ConfigError where
    the class is unknown or params.yaml cannot be read.
    """
    training = _section(read_params(path), "training", path)
    names = {flag.name for flag in all_flags()}
    found = {name: Setting(value, "built in") for name, value in BUILT_IN.items()}
    sections = {"training": training, "training.older": _section(training, "older", path)}
    if tag is not None:
        sections[f"training.classes.{tag}"] = vars(read_class(tag, path))
    for section, values in sections.items():
        found |= {name: Setting(one, section) for name, one in values.items() if name in names}
    return found


def resolve(tag: str, given: Mapping[str, Any], path: Path = PARAMS_FILE) -> Request:
    """Return the request of one class, from the flags that were given, by name, and params.yaml.

    Raises
    ------
    ConfigError : the class is unknown, or a value is of the wrong type or out of its range
    """
    settings = defaults(tag, path)
    settings |= {name: Setting(value, f"--{name}") for name, value in given.items()}
    values = {name: setting.value for name, setting in settings.items()}
    document = read_params(path)
    sets = _section(document, "dataset", path).get("feature_sets", {})
    features = _feature_names(values["features"], sets)
    values["features"] = _joined(values["features"])
    if values["test"]:
        values["epochs"] = min(values["epochs"], QUICK_EPOCHS)
    training = document["training"]
    older = training["older"] | _chosen(values, OlderParams)
    training = {name: one for name, one in training.items() if name not in APART}
    training |= _chosen(values, TrainingParams)
    own = _chosen(values, ClassParams)
    request = Request(
        tag=tag,
        params=_parsed(own, ClassParams, f"training.classes.{tag}", settings),
        feature_names=features,
        feature_stats=parse(
            document.get("feature_stats", {}), dict[str, FeatureStats], f"{path}: feature_stats"
        ),
        radius_arcsec=float(_section(document, "split", path)["radius_arcsec"]),
        training=_parsed(training, TrainingParams, "training", settings),
        older=_parsed(older, OlderParams, "training.older", settings),
        pre_trained_model=_path(values["pre_trained_model"]),
        **{name: values[name] for name in ("gpu", "verbose", "test", "save", "plot")},
        settings=settings,
    )
    _check(request)
    return request


def _section(document: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    section = document.get(name)
    if not isinstance(section, dict):
        raise ConfigError(f"{path}: {name} is missing; compose it again with `make params`")
    return section


def _parsed(
    values: dict[str, Any], kind: type[T], where: str, settings: Mapping[str, Setting]
) -> T:
    """Return the values as `kind`; a message about one that a flag has given names the flag."""
    try:
        return parse(values, kind, where)
    except ConfigError as error:
        flags = [
            settings[name].source
            for name in values
            if f"{where}.{name}" in str(error) and name in settings
        ]
        given = [flag for flag in flags if flag.startswith("--")]
        raise ConfigError(f"{error} (given by {given[0]})" if given else str(error)) from error


def _chosen(values: Mapping[str, Any], kind: Any) -> dict[str, Any]:
    return {name: values[name] for name in names_of(kind)}


def _path(value: str | None) -> Path | None:
    return None if value is None else Path(value)


def _joined(features: str | list[str]) -> str:
    return features if isinstance(features, str) else ",".join(features)


def _feature_names(chosen: str | list[str], sets: Mapping[str, list[str]]) -> list[str]:
    """Return the features of a set, or those that are listed."""
    listed = [chosen] if isinstance(chosen, str) else chosen
    if len(listed) == 1 and listed[0] in sets:
        return list(sets[listed[0]])
    if not listed or len(set(listed)) < len(listed):
        raise ConfigError(
            f"--features is {','.join(listed)!r}; it must be different names joined by commas, or "
            f"one of the sets {', '.join(sets)}"
        )
    return listed


def _check(request: Request) -> None:
    """Refuse values that only this command has."""
    for name, allowed in CHOICES.items():
        value = getattr(request.older, name)
        for one in value if isinstance(value, list) else [value]:
            if one not in allowed:
                _refuse(request, name, f"one of {', '.join(allowed)}")
    if not (request.training.dense_branch or request.training.conv_branch):
        _refuse(request, "dense_branch", "true where conv_branch is false")


def _refuse(request: Request, name: str, rule: str) -> None:
    setting = request.settings[name]
    raise ConfigError(f"{name} is {setting.value!r} ({setting.source}); it must be {rule}")
