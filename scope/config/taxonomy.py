"""The class tree: which label implies which."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from scope.base.errors import ConfigError
from scope.base.params import PARAMS_FILE, read_section
from scope.base.settings import settings
from scope.config.dataset import DatasetParams


@settings
class TaxonomyEntry:
    """One class of the tree; `parent` is a tag."""

    name: str
    parent: str | None
    trained: bool = True


Sections = Mapping[str, Mapping[str, TaxonomyEntry]]
NON_VARIABLE = "non-variable"


class Taxonomy:
    """The tree of classes; labels are named as the label columns are (`RR Lyrae ab`)."""

    def __init__(self, sections: Sections) -> None:
        """Join the sections (`phenomenological`, `ontological`) to one tree.

        Raises
        ------
        ConfigError : a tag or name stands twice, a parent is unknown or its own descendant
        """
        tags: dict[str, TaxonomyEntry] = {}
        for section, entries in sections.items():
            for tag, entry in entries.items():
                if tag in tags or any(entry.name == other.name for other in tags.values()):
                    raise ConfigError(
                        f"taxonomy.{section}.{tag}: {entry.name!r} stands twice; remove one"
                    )
                tags[tag] = entry
        self._parents = {
            entry.name: None if entry.parent is None else _name_of(entry.parent, tag, tags)
            for tag, entry in tags.items()
        }
        for name in self._parents:
            self.ancestors(name)

    @property
    def labels(self) -> list[str]:
        """Return the names of all classes, in the order of the tree's sections."""
        return list(self._parents)

    def ancestors(self, label: str) -> list[str]:
        """Return the labels that `label` implies, nearest first; none for one not in the tree."""
        found: list[str] = []
        parent = self._parents.get(label)
        while parent is not None:
            found.append(parent)
            if len(found) > len(self._parents):
                raise ConfigError(f"taxonomy: {label!r} descends from itself; correct a parent")
            parent = self._parents[parent]
        return found

    def implications(self, columns: Iterable[str]) -> list[tuple[str, str]]:
        """Return (label, nearest ancestor) for the labels among `columns` with one there, too."""
        present = list(columns)
        pairs = []
        for label in present:
            nearest = next((name for name in self.ancestors(label) if name in present), None)
            if nearest is not None:
                pairs.append((label, nearest))
        return pairs


def _name_of(parent: str, tag: str, tags: Mapping[str, TaxonomyEntry]) -> str:
    if parent not in tags:
        raise ConfigError(
            f"taxonomy: parent {parent!r} of {tag!r} is unknown; choose among {', '.join(tags)}"
        )
    return tags[parent].name


def label_names(dataset: DatasetParams, path: Path = PARAMS_FILE) -> tuple[str, ...]:
    """Return the labels a training table may hold: the taxonomy's, non-variable, the mapped."""
    tree = Taxonomy(read_section("taxonomy", dict[str, dict[str, TaxonomyEntry]], path))
    mapped = [label for labels in dataset.label_map.values() for label in labels]
    return tuple(dict.fromkeys([*tree.labels, NON_VARIABLE, *mapped]))


def class_names(path: Path = PARAMS_FILE) -> dict[str, str]:
    """Return the name of each tag of the class tree."""
    taxonomy = read_section("taxonomy", dict[str, dict[str, TaxonomyEntry]], path)
    return {tag: entry.name for tree in taxonomy.values() for tag, entry in tree.items()}
