"""The flags of `scope train`: name, kind, what they say, and in which group help shows them."""

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args, get_type_hints

from scope.config.older import OlderParams, ScaleMethod
from scope.config.training import ClassParams, TrainingParams

Kind = Literal["text", "whole", "number", "optional number", "switch", "names"]
GROUPS = ("Data", "Labels and rows", "Network", "Training", "Optimizer", "Run and output")
SCALE_METHODS: tuple[str, ...] = get_args(ScaleMethod)
OPTIMIZERS = ("adam", "adamw", "adamax", "nadam", "sgd", "rmsprop", "adagrad", "adadelta", "lion")
LOSSES = ("binary_crossentropy", "binary_focal_crossentropy", "mean_squared_error", "poisson")
MONITORS = ("val_loss", "val_auc", "loss")
LARGER_IS_BETTER = ("val_auc",)
CALLBACKS = ("reduce_lr_on_plateau", "early_stopping")
CHOICES: dict[str, tuple[str, ...]] = {
    "scale_features": SCALE_METHODS,
    "optimizer": OPTIMIZERS,
    "loss": LOSSES,
    "monitor": MONITORS,
    "callbacks": CALLBACKS,
}
BUILT_IN: dict[str, Any] = {
    "pre_trained_model": None,
    "gpu": None,
    "verbose": False,
    "test": False,
    "save": False,
    "plot": False,
}


@dataclass(frozen=True)
class Flag:
    """One flag.

    Attributes
    ----------
    name : as the parameter of that name is called
    also : shorter name
    bare : the value of the flag typed without one; None = it needs a value
    """

    name: str
    kind: Kind
    group: str
    text: str
    also: str | None = None
    bare: str | None = None


def _flags(group: str, *rows: tuple[str, Kind, str]) -> tuple[Flag, ...]:
    return tuple(
        Flag(name, kind, group, text, bare="true" if kind == "switch" else None)
        for name, kind, text in rows
    )


NAMED = (
    *_flags(
        "Data",
        ("path_dataset", "text", "Table of features, labels and dmdt: CSV, Parquet or HDF5."),
        ("features", "names", "Feature set, or names of features joined by commas."),
        ("scale_features", "text", f"How features are scaled: {', '.join(SCALE_METHODS)}."),
        ("test_size", "number", "Share of the sources kept for the test."),
        ("val_size", "number", "Share of the sources kept for early stopping."),
        ("random_state", "whole", "Seed of splits, weights and order; the same gives the same."),
    ),
    *_flags(
        "Labels and rows",
        ("label", "text", "Column of the label."),
        ("threshold", "number", "A row is positive where its label is above it."),
        ("negative", "text", "Label above the threshold of a negative; none: all other rows."),
        ("balance", "optional number", "Rows kept of the larger side, for one of the other; none."),
        ("weight_per_class", "switch", "Let both sides weigh the same in the loss."),
    ),
    *_flags(
        "Network",
        ("dense_branch", "switch", "Look at the features."),
        ("conv_branch", "switch", "Look at the dm-dt histograms."),
        ("pre_trained_model", "text", "Go on with a network: .keras or .h5, or without ending."),
    ),
    *_flags(
        "Training",
        ("epochs", "whole", "Passes over the training rows, at most."),
        ("batch_size", "whole", "Rows a step."),
        ("patience", "whole", "Epochs without progress before training stops."),
        ("epoch_rows", "whole", "Rows of an epoch, at least: few are passed over several times."),
        ("lr_patience", "whole", "Epochs without progress before the rate is halved."),
        ("callbacks", "names", f"Some of {', '.join(CALLBACKS)}, or none."),
        ("monitor", "text", f"What progress is seen by: {', '.join(MONITORS)}."),
        ("score_threshold", "number", "A row is called positive where its score is above it."),
        ("threads", "whole", "Processor cores to use; 0: all."),
    ),
    *_flags("Optimizer", ("optimizer", "text", f"One of {', '.join(OPTIMIZERS)}.")),
    Flag("learning_rate", "number", "Optimizer", "Learning rate at the start.", also="lr"),
    *_flags(
        "Optimizer",
        ("beta_1", "number", "Memory of the mean of the gradients (adam and its kin)."),
        ("beta_2", "number", "Memory of their squares (adam and its kin)."),
        ("epsilon", "number", "Keeps steps finite (adam and its kin, rmsprop)."),
        ("amsgrad", "switch", "Let steps only shrink (adam, adamw)."),
        ("momentum", "number", "Of sgd and rmsprop."),
        ("loss", "text", f"One of {', '.join(LOSSES)}."),
        ("label_smoothing", "number", "How far the truth is moved towards 1/2 in the loss."),
    ),
    Flag("gpu", "whole", "Run and output", "Train on this GPU, counted from 0.", bare="0"),
    *_flags(
        "Run and output",
        ("run_eagerly", "switch", "Let Keras run step by step, to look for errors."),
        ("verbose", "switch", "Show each epoch."),
        ("test", "switch", "Try everything quickly: few rows, two epochs."),
        ("save", "switch", "Write models/TAG/TIME/TAG.TIME.keras and .json."),
        ("plot", "switch", "Draw losses, ROC and precision-recall (beside the model)."),
    ),
)
_KIND_OF: dict[Any, Kind] = {bool: "switch", int: "whole", float: "number", str: "text"}


def all_flags() -> tuple[Flag, ...]:
    """Return every flag: those of the older tool and the plain values below `training`."""
    names = {flag.name for flag in NAMED}
    kinds = {**get_type_hints(TrainingParams), **get_type_hints(OlderParams)}
    others: list[Flag] = []
    for name, kind in kinds.items():
        plain = str if get_args(kind) and isinstance(get_args(kind)[0], str) else kind
        if name not in names and plain in _KIND_OF:
            text = f"training.{name} of the configuration."
            others += _flags("Training", (name, _KIND_OF[plain], text))
    return (*NAMED, *others)


def names_of(kind: type[ClassParams] | type[TrainingParams] | type[OlderParams]) -> set[str]:
    """Return the names of those fields of `kind` that are flags."""
    return {field.name for field in fields(kind)} & {flag.name for flag in all_flags()}
