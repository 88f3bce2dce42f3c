"""Which light curves train, stop and test one binary classifier."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scope.base.constants import TEST, TRAIN, VAL
from scope.base.errors import ConfigError, DataError
from scope.config.training import ClassParams
from scope.models.shared.scaled import ScaledData

PART_NAMES = {TRAIN: "training", VAL: "validation", TEST: "test"}


@dataclass(frozen=True)
class Examples:
    """The rows of one class, as row numbers of the scaled data they were chosen from.

    Attributes
    ----------
    tag : the class
    columns : positions of the classifier's features among those of the scaled data
    truth : whether a row is positive, shape (n,); meaningless in rows of no part
    train, val, test : row numbers, rising
    dropped : rows of the training and validation splits that balancing left out, rising
    weights : what a (negative, positive) weighs in the loss; their mean over `train` is 1
    val_mix : (negatives, positives) of the validation split before balancing
    """

    tag: str
    columns: list[int]
    truth: NDArray[np.bool_]
    train: NDArray[np.int64]
    val: NDArray[np.int64]
    test: NDArray[np.int64]
    dropped: NDArray[np.int64]
    weights: tuple[float, float]
    val_mix: tuple[int, int]


@dataclass(frozen=True)
class Part:
    """The arrays of some rows.

    Attributes
    ----------
    features : scaled, shape (n, n_features)
    dmdt : dm-dt histograms, shape (n, 26, 26)
    truth : 1 where positive and 0 elsewhere, shape (n,)
    sources : number of the source of each light curve, shape (n,)
    """

    features: NDArray[np.float32]
    dmdt: NDArray[np.float32]
    truth: NDArray[np.float32]
    sources: NDArray[np.int64]


@dataclass(frozen=True)
class TrainingSet:
    """What a classifier learns from: `val` says when to stop, `weights` as in `Examples`."""

    feature_names: list[str]
    train: Part
    val: Part
    weights: tuple[float, float]


def select_examples(
    data: ScaledData, tag: str, params: ClassParams, feature_set: list[str], seed: int
) -> Examples:
    """Choose the rows of one class, balanced in the training and validation splits alone.

    Positive is a label above `params.threshold`; negative is every other labelled row or, where
    `params.negative` names a label, the rows with that label above the threshold and no others.
    Balancing keeps, of the more numerous side, at most `params.balance` rows for each row of the
    other. The test split keeps its natural proportions.

    Parameters
    ----------
    feature_set : names of the classifier's features, in order
    seed : another seed validates on other sources and keeps other rows in balancing

    Raises
    ------
    ConfigError : the data lack a feature
    DataError : the data lack a label, or a split has no positives or no negatives
    """
    positive, negative = _sides(data, tag, params)
    split = redraw_validation(np.asarray(data.split), np.asarray(data.sources), positive, seed)
    parts: dict[int, NDArray[np.int64]] = {}
    val_mix = 0, 0
    for part in (TRAIN, VAL, TEST):
        inside = split == part
        rows = np.flatnonzero(positive & inside), np.flatnonzero(negative & inside)
        if part == VAL:
            val_mix = len(rows[1]), len(rows[0])
        if part != TEST:
            rows = _balance(rows, params.balance, np.random.default_rng([seed, part]))
        parts[part] = np.sort(np.concatenate(rows))
    _check_sides(parts, positive, tag, params)
    usable = np.flatnonzero(positive | negative)
    return Examples(
        tag=tag,
        columns=_positions(data.feature_names, feature_set, tag),
        truth=positive,
        train=parts[TRAIN],
        val=parts[VAL],
        test=parts[TEST],
        dropped=np.setdiff1d(usable, np.concatenate(list(parts.values()))),
        weights=_weights(positive[parts[TRAIN]], params.weight_per_class),
        val_mix=val_mix,
    )


def take(data: ScaledData, examples: Examples, rows: NDArray[np.int64]) -> Part:
    """Return the arrays of `rows`, numbers of rows of `data`, with the features of `examples`."""
    return Part(
        features=np.ascontiguousarray(data.features[rows][:, examples.columns]),
        dmdt=np.asarray(data.dmdt[rows]),
        truth=examples.truth[rows].astype(np.float32),
        sources=np.asarray(data.sources[rows]),
    )


def training_set_of(data: ScaledData, examples: Examples) -> TrainingSet:
    """Return what the classifier of `examples` learns from."""
    names = [data.feature_names[column] for column in examples.columns]
    train, val = take(data, examples, examples.train), take(data, examples, examples.val)
    return TrainingSet(names, train, val, examples.weights)


def _sides(
    data: ScaledData, tag: str, params: ClassParams
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    label = _label(data, params.label, tag)
    positive = label > params.threshold
    if params.negative is None:
        return positive, ~positive & ~np.isnan(label)
    return positive, ~positive & (_label(data, params.negative, tag) > params.threshold)


def _label(data: ScaledData, name: str, tag: str) -> NDArray[np.float32]:
    if name not in data.label_names:
        raise DataError(
            f"class {tag}: there is no label {name!r} among {', '.join(data.label_names)}; "
            f"leave the class out of dataset.classes or give the data the label"
        )
    return np.asarray(data.labels[:, data.label_names.index(name)])


def _positions(present: list[str], wanted: list[str], tag: str) -> list[int]:
    missing = [name for name in wanted if name not in present]
    if missing or not wanted:
        raise ConfigError(
            f"class {tag}: the scaled data lack {', '.join(missing) or 'features'}; "
            "run the stage scale again, or correct dataset.feature_sets"
        )
    return [present.index(name) for name in wanted]


def _balance(
    sides: tuple[NDArray[np.int64], NDArray[np.int64]],
    balance: float | None,
    chance: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if balance is None:
        return sides
    fewer = min(map(len, sides))
    most = max(int(balance * fewer), fewer)
    first, second = (
        chance.choice(side, most, replace=False) if len(side) > most else side for side in sides
    )
    return first, second


def _check_sides(
    parts: dict[int, NDArray[np.int64]], positive: NDArray[np.bool_], tag: str, params: ClassParams
) -> None:
    counts = {part: np.bincount(positive[rows], minlength=2) for part, rows in parts.items()}
    if all(count.min() > 0 for count in counts.values()):
        return
    found = "; ".join(
        f"{PART_NAMES[part]} {count[1]} positive, {count[0]} negative"
        for part, count in counts.items()
    )
    raise DataError(
        f"class {tag}: every split needs positives (label {params.label!r} > {params.threshold}) "
        f"and negatives ({_negatives(params)}), found {found}; leave the class out of "
        "dataset.classes, lower its threshold or label more light curves"
    )


def _negatives(params: ClassParams) -> str:
    if params.negative is None:
        return "all other labelled rows"
    return f"label {params.negative!r} > {params.threshold}"


def _weights(truth: NDArray[np.bool_], weight_per_class: bool) -> tuple[float, float]:
    if not weight_per_class:
        return 1.0, 1.0
    n_positive = int(truth.sum())
    return len(truth) / (2 * (len(truth) - n_positive)), len(truth) / (2 * n_positive)


def redraw_validation(
    split: NDArray[np.int8], sources: NDArray[np.int64], positive: NDArray[np.bool_], seed: int
) -> NDArray[np.int8]:
    """Return another division of the sources that do not test into training and validation.

    As many sources as before validate, of those with a positive light curve and of the others
    each; what is in the test split stays there.

    Parameters
    ----------
    split, sources, positive : part, source number and side of each light curve, shape (n,)
    seed : of the draw
    """
    n_sources = int(sources.max()) + 1 if len(sources) else 0
    part_of, carries = np.full(n_sources, TEST, np.int8), np.zeros(n_sources, dtype=bool)
    part_of[sources] = split
    carries[sources[positive]] = True
    chance = np.random.default_rng([seed, VAL])
    for side in (carries, ~carries):
        drawn = chance.permutation(np.flatnonzero(side & (part_of != TEST)))
        n_val = np.count_nonzero(part_of[drawn] == VAL)
        part_of[drawn] = TRAIN
        part_of[drawn[:n_val]] = VAL
    return part_of[sources]
