"""What an annotation says of a source: plain numbers and words that JSON and people can read."""

import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

from scope.disagreements.candidates import is_missing

GAIA = "Gaia_"
SCORES = ("_dnn", "_xgb", "_dnn_std", "_xgb_std")
# float32 columns have seven to eight digits; the rest would be noise of the conversion.
DIGITS = ".8g"


def number(value: Any) -> float:
    """Return a value as a number of eight digits, as a catalogue gives it."""
    return float(format(float(value), DIGITS))


def first_of(rows: Sequence[Mapping[str, Any]], name: str) -> Any:
    """Return the first value of a column that is there; None where none is."""
    return next((row[name] for row in rows if name in row and not is_missing(row[name])), None)


def gaia_values(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the Gaia columns of a source's rows that hold a value."""
    names = dict.fromkeys(name for row in rows for name in row if name.startswith(GAIA))
    values = {name: first_of(rows, name) for name in names}
    return {name: number(value) for name, value in values.items() if _is_number(value)}


def score_values(rows: Sequence[Mapping[str, Any]], tags: Iterable[str]) -> dict[str, float]:
    """Return the scores of both algorithms, and their spread, of these classes."""
    values = {f"{tag}{end}": first_of(rows, f"{tag}{end}") for tag in tags for end in SCORES}
    return {name: round(float(value), 4) for name, value in values.items() if _is_number(value)}


def _is_number(value: Any) -> bool:
    """Say whether Fritz can store a value: it takes neither NaN nor infinity."""
    return isinstance(value, Real) and math.isfinite(value)
