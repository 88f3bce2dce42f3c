"""params.yaml as frozen dataclasses: an unknown key or a value of the wrong type is an error."""

from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml

from scope.errors import ConfigError
from scope.older_params import OlderParams
from scope.settings import parse, settings

PARAMS_FILE = Path("params.yaml")
T = TypeVar("T")


@settings
class SourceFiles:
    """The files of a data set: a table, or objects and their light curves (paths or addresses)."""

    table: str | None = None
    objects: str | None = None
    lightcurves: str | None = None


@settings
class DatasetParams:
    """What the data are and how their columns are called."""

    name: str
    training: SourceFiles
    catalogue: SourceFiles | None
    columns: dict[str, str]
    derived: dict[str, str]
    label_column: str | None
    label_map: dict[str, list[str]]
    period: Literal["search", "column"]
    classes: list[str]
    feature_sets: dict[str, list[str]]
    md5: str | None = None
    folder: str | None = None


@settings
class ValidationParams:
    """The data contract's numbers; ranges in degrees and days.

    `bounds` holds the smallest and largest possible value (None: any) of the features whose name
    matches a pattern, the first that fits.
    """

    min_count: int
    max_missing_share: float
    ra_range: list[float]
    dec_range: list[float]
    period_range: list[float]
    example_rows: int
    bounds: dict[str, list[float | None]]


@settings
class SplitParams:
    """Shares of the sources kept for the test and for early stopping."""

    test_size: float
    val_size: float
    radius_arcsec: float


@settings
class ScaleParams:
    """How features are brought to one scale (formulae: scope.scaling.learn).

    Attributes
    ----------
    log_features : are taken as sign(x) log(1 + |x| / s) first; those a data set lacks do not matter
    log_quantile : s is this quantile of the non-zero |x|
    clip : largest absolute value after median_std
    """

    method: Literal["median_std", "min_max"]
    log_features: list[str]
    log_quantile: float
    stats: Literal["training", "reference"]
    impute: Literal["zero", "median"]
    clip: float


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
    threshold: float
    balance: float | None
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

    rounds: int
    early_stopping_rounds: int
    learning_rate: float
    max_depth: int
    subsample: float
    colsample_bytree: float
    min_child_weight: float
    reg_lambda: float
    dmdt: bool
    grid: dict[str, list[int | float]] | None
    folds: int


@settings
class TrainingParams:
    """How the classifiers are trained; `patience` and `lr_patience` count epochs.

    An epoch is a pass over the training rows, or as many as make up `epoch_rows` rows. With
    `all_rows` no class is balanced, whatever its `balance`. `label_smoothing` takes half of it from
    a truth of 1 and gives it to one of 0. `older` is for `scope train` alone.
    """

    seeds: list[int]
    epochs: int
    epoch_rows: int
    batch_size: int
    learning_rate: float
    patience: int
    lr_patience: int
    label_smoothing: float
    all_rows: bool
    dense_branch: bool
    conv_branch: bool
    calibration: Literal["none", "platt", "isotonic"]
    threads: int
    xgb: BoostingParams
    older: OlderParams
    classes: dict[str, ClassParams]


@settings
class EvaluateParams:
    """Score above which a row is called positive; resamplings and level of the intervals; bins."""

    score_threshold: float
    bootstrap: int
    confidence: float
    reliability_bins: int
    histogram_bins: int


@settings
class PredictParams:
    """How a catalogue is scored: as many rows are in memory at once (3 kB each)."""

    rows_at_once: int


@settings
class DisagreementParams:
    """Where one algorithm is sure (> high) and the other denies (<= low)."""

    high: float
    low: float
    radius_arcsec: float


@settings
class FritzParams:
    """What is sent to Fritz, and whether it is."""

    mode: Literal["plan", "apply"]
    group_ids: list[int]
    taxonomy_id: int | None


@settings
class TrackingParams:
    """Where trainings are recorded: MLflow, and a mirror in Weights & Biases."""

    mlflow: bool
    wandb: bool
    wandb_project: str
    wandb_entity: str | None


@settings
class FritzClass:
    """What a label is called on Fritz: a key of `LabelMapParams.taxonomies`, and the class."""

    taxonomy: str
    class_name: str


@settings
class LabelMapParams:
    """Names of the taxonomies on Fritz, and label -> class in one of them.

    Attributes
    ----------
    taxonomies : kind -> names; the first that a server has is the one meant
    """

    taxonomies: dict[str, list[str]]
    labels: dict[str, FritzClass]


@settings
class FeatureStats:
    """Statistics of one feature over the SCoPe training set."""

    min: float
    max: float
    median: float
    mean: float
    std: float


@settings
class TaxonomyEntry:
    """One class of the tree; `parent` is a tag."""

    name: str
    parent: str | None
    trained: bool = True


def read_params(path: Path = PARAMS_FILE) -> dict[str, Any]:
    """Return the whole of params.yaml; ConfigError where it cannot be read."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read ({error}); run in the project's folder"
        ) from error
    except yaml.YAMLError as error:
        raise ConfigError(
            f"{path} is not YAML ({error}); compose it again with `make params`"
        ) from error
    if not isinstance(document, dict):
        raise ConfigError(f"{path} holds no sections; compose it again with `make params`")
    return document


def read_section(section: str, kind: type[T], path: Path = PARAMS_FILE) -> T:
    """Return one part of params.yaml, such as `scale` or `training.xgb`, as `kind`.

    `kind` may be a settings dataclass or any annotation of such (`dict[str, ClassParams]`).

    Raises
    ------
    ConfigError : the section or a key is missing or unknown, or a value is of the wrong type
    """
    value: Any = read_params(path)
    for key in section.split("."):
        if not isinstance(value, dict) or key not in value:
            allowed = ", ".join(map(str, value)) if isinstance(value, dict) else "nothing"
            raise ConfigError(f"{path}: {section} is missing: no {key!r} among {allowed}")
        value = value[key]
    return parse(value, kind, f"{path}: {section}")


def read_class(tag: str, path: Path = PARAMS_FILE) -> ClassParams:
    """Return the parameters of one class; ConfigError lists the known tags where it is unknown."""
    known = read_params(path).get("training", {}).get("classes", {})
    if tag not in known:
        raise ConfigError(f"class {tag!r} is unknown; choose among {', '.join(sorted(known))}")
    return read_section(f"training.classes.{tag}", ClassParams, path)
