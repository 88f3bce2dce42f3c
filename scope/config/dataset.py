"""Section `dataset`: what the data are and how their columns are called."""

from collections.abc import Iterable, Mapping
from typing import Literal

from scope.base.settings import settings


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


def union_of(feature_sets: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the features of all sets, each once, in the order in which the sets name them."""
    return list(dict.fromkeys(name for names in feature_sets.values() for name in names))
