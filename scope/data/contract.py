"""The data contract: what a training table must keep to, as a list of rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

from scope.base.errors import DataError
from scope.config.taxonomy import Taxonomy
from scope.config.training import ClassParams
from scope.config.validation import ValidationParams
from scope.data.splits import CARRIED_ABOVE

Severity = Literal["critical", "warning"]

LABEL_VALUES = (0.0, 0.25, 0.5, 0.75, 1.0)
NUMBER_TYPES = ("int8", "int16", "int32", "int64", "float32", "float64", "Int64", "Float64")
DMDT_LENGTH, DMDT_FINITE, DMDT_NORM = "dmdt length", "dmdt finite", "dmdt norm"
DMDT_CELLS = 676


class ValidationError(DataError):
    """A table failed a critical rule of the data contract."""


@dataclass(frozen=True)
class Contract:
    """What a table is held against.

    Attributes
    ----------
    params : ranges, counts and bounds
    features : the features that are to be trained on
    classes : the classes to be trained, by tag
    labels : every label column there may be
    taxonomy : which label implies which
    """

    params: ValidationParams
    features: list[str]
    classes: Mapping[str, ClassParams]
    labels: list[str]
    taxonomy: Taxonomy


@dataclass(frozen=True)
class Rule:
    """One rule of the contract, checked by one expectation of Great Expectations.

    Attributes
    ----------
    column : the column, or what of it is looked at, such as `dmdt norm`
    text : what must hold, as a predicate of the column: "lies between 0 and 360"
    remedy : what a person can do where it does not
    expectation : class in `great_expectations.expectations`
    arguments : its arguments beside the column
    """

    severity: Severity
    column: str
    text: str
    remedy: str
    expectation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def rules_of(contract: Contract, kinds: Mapping[str, str]) -> list[Rule]:
    """Return the rules for a table whose columns have the dtypes `kinds` (name to dtype name).

    A required column that is absent, or holds no numbers, only gets the rule that says so.
    """
    rules = list(_required(contract, kinds))
    numeric = {name for name, kind in kinds.items() if kind in NUMBER_TYPES}
    rules += [rule for rule in _identity(contract.params) if rule.column in numeric]
    for name in contract.features:
        if name in numeric:
            rules += _feature(name, contract.params)
    rules += [rule for rule in _dmdt() if rule.column in kinds]
    for name in contract.labels:
        if name in numeric:
            rules.append(_label(name))
    labels = [name for name in contract.labels if name in numeric]
    rules += [_implication(*pair) for pair in contract.taxonomy.implications(labels)]
    for tag in contract.classes:
        rules += [rule for rule in _class(tag, contract) if rule.column in kinds]
    return rules


def members_column(tag: str, side: str) -> str:
    """Return the name of the column that marks the `positives` or `negatives` of a class."""
    return f"{side} of {tag}"


def labels_of(known: ClassParams) -> list[str]:
    """Return the label columns that a class needs."""
    return [known.label] if known.negative is None else [known.label, known.negative]


def sure_column(label: str) -> str:
    """Return the name of the column that holds a label where it is above a half."""
    return f"sure {label}"


def _required(contract: Contract, kinds: Mapping[str, str]) -> Iterator[Rule]:
    fetch = "correct the table, or dataset.columns where it has another name, and fetch it again"
    for name in dict.fromkeys(["_id", "ra", "dec", "period", *contract.features]):
        yield _typed(name, fetch) if name in kinds else _there(name, "is there", fetch)
    yield _there("dmdt", "is there", fetch)
    untrained = "take the class out of `classes` (-S class=...), or label the data with it"
    for name, tags in _tags_by_label(contract.classes).items():
        if name not in kinds:
            yield _there(name, f"is there, for {', '.join(tags)}", untrained)
    for name in contract.labels:
        if name in kinds:
            yield _typed(name, fetch)


def _there(name: str, text: str, remedy: str) -> Rule:
    return Rule("critical", name, text, remedy, "ExpectColumnToExist")


def _typed(name: str, remedy: str) -> Rule:
    allowed = ["int64"] if name == "_id" else list(NUMBER_TYPES)
    text = "is of whole numbers (int64)" if name == "_id" else "is of numbers"
    arguments = {"type_list": allowed}
    return Rule("critical", name, text, remedy, "ExpectColumnValuesToBeInTypeList", arguments)


def _tags_by_label(classes: Mapping[str, ClassParams]) -> dict[str, list[str]]:
    """Return the label columns that the classes need, each with the tags that need it."""
    tags: dict[str, list[str]] = {}
    for tag, known in classes.items():
        for name in labels_of(known):
            tags.setdefault(name, []).append(tag)
    return tags


def _identity(params: ValidationParams) -> Iterator[Rule]:
    unique = "keep one row a light curve: remove or renumber the repeated ones"
    yield Rule("critical", "_id", "is unique", unique, "ExpectColumnValuesToBeUnique")
    ranges = {"ra": params.ra_range, "dec": params.dec_range}
    for name, (low, high) in ranges.items():
        degrees = "give every light curve a position in degrees (ICRS)"
        yield Rule("critical", name, "is never null", degrees, "ExpectColumnValuesToNotBeNull")
        yield _between(name, low, high, f"correct them: {name} is in degrees")
    low, high = params.period_range
    rule = _between("period", low, high, "correct them: period is in days; null where unknown")
    text = f"is above {low:g} and at most {high:g}"
    arguments = {**rule.arguments, "strict_min": True}
    yield Rule("critical", "period", text, rule.remedy, rule.expectation, arguments)


def _between(name: str, low: float | None, high: float | None, remedy: str) -> Rule:
    limits = [
        f"at least {low:g}" if low is not None else "",
        f"at most {high:g}" if high is not None else "",
    ]
    text = "is " + " and ".join(filter(None, limits))
    arguments = {"min_value": low, "max_value": high}
    return Rule("critical", name, text, remedy, "ExpectColumnValuesToBeBetween", arguments)


def _feature(name: str, params: ValidationParams) -> Iterator[Rule]:
    least = "ExpectColumnProportionOfNonNullValuesToBeBetween"
    remedy = "take it out of dataset.feature_sets, or find out why fetch got no value"
    some = {"min_value": 0.0, "strict_min": True}
    yield Rule("critical", name, "has at least one finite value", remedy, least, some)
    share = params.max_missing_share
    enough = {"min_value": 1.0 - share}
    yield Rule("warning", name, f"is missing in at most {share:.0%} of rows", remedy, least, enough)
    for pattern, (low, high) in params.bounds.items():
        if fnmatchcase(name, pattern):
            units = (
                f"check its unit and its code for missing values, or validation.bounds.{pattern}"
            )
            yield _between(name, low, high, units)
            return


def _dmdt() -> Iterator[Rule]:
    remedy = "compute the histograms again: 26 x 26 counts over their Euclidean norm"
    in_set = "ExpectColumnValuesToBeInSet"
    text = "is never null"
    yield Rule("critical", DMDT_LENGTH, text, remedy, "ExpectColumnValuesToNotBeNull")
    length = {"value_set": [DMDT_CELLS]}
    yield Rule("critical", DMDT_LENGTH, f"is {DMDT_CELLS} numbers", remedy, in_set, length)
    yield Rule("critical", DMDT_FINITE, "holds everywhere", remedy, in_set, {"value_set": [True]})
    norm = {"value_set": [0.0, 1.0]}
    yield Rule("critical", DMDT_NORM, "is 1 (0 without any pairs)", remedy, in_set, norm)


def _label(name: str) -> Rule:
    allowed = ", ".join(f"{value:g}" for value in LABEL_VALUES)
    remedy = "round the labels to these steps; null where nobody has judged"
    arguments = {"value_set": list(LABEL_VALUES)}
    text = f"is one of {allowed} or null"
    return Rule("critical", name, text, remedy, "ExpectColumnValuesToBeInSet", arguments)


def _implication(label: str, ancestor: str) -> Rule:
    return Rule(
        "warning",
        label,
        f"where above {CARRIED_ABOVE:g}, is at most {ancestor!r}, which it implies",
        f"look at these labels again: a light curve with {label!r} also carries {ancestor!r}",
        "ExpectColumnPairValuesAToBeGreaterThanB",
        {"column_A": ancestor, "column_B": sure_column(label), "or_equal": True},
    )


def _class(tag: str, contract: Contract) -> Iterator[Rule]:
    known, least = contract.classes[tag], contract.params.min_count
    positive = f"{known.label!r} above {known.threshold:g}"
    negative = f"{known.label!r} up to {known.threshold:g}"
    if known.negative is not None:
        negative = f"{known.negative!r} above {known.threshold:g}"
    remedy = f"label more of them, or take {tag} out of `classes` (-S class=...)"
    for side, meaning in (("positives", positive), ("negatives", negative)):
        text = f"are at least {least} light curves ({meaning})"
        arguments = {"min_value": least}
        column = members_column(tag, side)
        yield Rule("critical", column, text, remedy, "ExpectColumnSumToBeBetween", arguments)
