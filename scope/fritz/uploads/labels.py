"""What the labels of a table are called on Fritz: taxonomy and class."""

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scope.base.errors import ConfigError, DataError
from scope.config.fritz import LabelMapParams


@dataclass(frozen=True)
class ServerTaxonomy:
    """A taxonomy as the server has it; `classes` are the names that it takes, case and all."""

    taxonomy_id: int
    name: str
    classes: frozenset[str]
    is_latest: bool = True


@dataclass(frozen=True)
class ServerClass:
    """A class as the server takes it."""

    taxonomy_id: int
    name: str


def taxonomy_of(answer: Mapping[str, Any]) -> ServerTaxonomy:
    """Return a taxonomy from the server's description of it."""
    return ServerTaxonomy(
        int(answer["id"]),
        str(answer["name"]),
        frozenset(class_names_in(answer["hierarchy"])),
        bool(answer.get("isLatest", True)),
    )


def class_names_in(hierarchy: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of all classes of a tree in the form of tdtax."""
    if "class" in hierarchy:
        yield str(hierarchy["class"])
    for branch in hierarchy.get("subclasses") or []:
        yield from class_names_in(branch)


class LabelMap:
    """Which class of which taxonomy on the server a label stands for."""

    def __init__(
        self,
        params: LabelMapParams,
        taxonomies: Sequence[ServerTaxonomy],
        chosen: Sequence[int] = (),
    ) -> None:
        """Look the taxonomies up by name, or take those of the ids `chosen`.

        Raises
        ------
        ConfigError : a chosen id is not on the server (or not shown to the token's groups)
        """
        self._params = params
        self._taxonomies = [one for one in taxonomies if one.is_latest]
        self._chosen = [one for one in taxonomies if one.taxonomy_id in chosen]
        missing = set(chosen) - {one.taxonomy_id for one in self._chosen}
        if missing:
            raise ConfigError(
                f"taxonomy {', '.join(map(str, sorted(missing)))} is not on the server; it has "
                f"{_listed(taxonomies)}"
            )

    def labels_in(self, columns: Sequence[str]) -> list[str]:
        """Return those of `columns` that are labels, in their order."""
        return [name for name in columns if name in self._params.labels]

    def of_label(self, label: str) -> ServerClass:
        """Return the class that a label stands for.

        With chosen taxonomies that is the first of them that has the class of the map, or else
        one that has the label itself, as the tree of SCoPe does.

        Raises
        ------
        ConfigError : the label is not in the map, its taxonomy not on the server, or its class
            not in the taxonomy
        """
        if label not in self._params.labels:
            known = ", ".join(self._params.labels)
            raise ConfigError(f"fritz_labels.labels has no {label!r}; it has {known}")
        entry = self._params.labels[label]
        if self._chosen:
            return _first(self._chosen, (entry.class_name, label))
        named = self._of_kind(entry.taxonomy)
        if not named:
            names = " or ".join(map(repr, self._params.taxonomies.get(entry.taxonomy, [])))
            raise ConfigError(
                f"fritz_labels.taxonomies.{entry.taxonomy}: no {names} on the server, which has "
                f"{_listed(self._taxonomies)}; name one of these there, use --taxonomy-id, or "
                "post SCoPe's with `scope post-taxonomy`"
            )
        return _first(named, (entry.class_name,))

    def of_class(self, name: str) -> ServerClass:
        """Return the class of this name, or else the one that the label of this name stands for.

        Raises
        ------
        ConfigError : no taxonomy has it, or several have and none is chosen
        """
        if self._chosen:
            entry = self._params.labels.get(name)
            return _first(self._chosen, (name, entry.class_name if entry else name))
        having = [one for one in self._taxonomies if name in one.classes]
        label = self._params.labels.get(name)
        if label and (len(having) != 1 or having == self._of_kind(label.taxonomy)):
            return self.of_label(name)
        if len(having) > 1:
            raise ConfigError(
                f"{name!r} is in several taxonomies: {_listed(having)}; choose with --taxonomy-id"
            )
        return _first(having or self._taxonomies, (name,))

    def _of_kind(self, kind: str) -> list[ServerTaxonomy]:
        """Return the taxonomy of a kind, the first that the server has; none where it has none."""
        for name in self._params.taxonomies.get(kind, []):
            found = [one for one in self._taxonomies if one.name == name]
            if found:
                return found
        return []


def probability_of(value: float, label: str, row: int) -> float | None:
    """Return a label's value as a probability, None where the label is not given.

    Raises
    ------
    DataError : it is not between 0 and 1
    """
    if math.isnan(value) or value == 0.0:
        return None
    if not 0.0 < value <= 1.0:
        raise DataError(f"row {row}: {label} is {value:g}; a probability lies between 0 and 1")
    return float(value)


def _first(taxonomies: Sequence[ServerTaxonomy], names: Sequence[str]) -> ServerClass:
    for taxonomy in taxonomies:
        for name in names:
            if name in taxonomy.classes:
                return ServerClass(taxonomy.taxonomy_id, name)
    close = _similar(names[0], taxonomies)
    raise ConfigError(
        f"class {' or '.join(map(repr, dict.fromkeys(names)))} is in none of "
        f"{_listed(taxonomies)}; {close}"
    )


def _similar(name: str, taxonomies: Sequence[ServerTaxonomy]) -> str:
    known = {one.lower(): one for taxonomy in taxonomies for one in taxonomy.classes}
    close = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    return f"is it {' or '.join(known[one] for one in close)}?" if close else "see its classes"


def _listed(taxonomies: Sequence[ServerTaxonomy]) -> str:
    return ", ".join(f"{one.name!r} (id {one.taxonomy_id})" for one in taxonomies) or "none"
