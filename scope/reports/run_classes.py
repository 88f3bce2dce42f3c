"""What the page of a run shows of the classes: their figures, their plots, their tree."""

from collections.abc import Mapping, Sequence
from typing import Any

from scope.base.constants import ALGORITHMS
from scope.config.taxonomy import TaxonomyEntry
from scope.evaluation.curves import Row

SHOWN = ("average_precision", "roc_auc", "f1", "brier")


def class_sections(
    documents: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    counts: Mapping[str, Mapping[str, int]],
) -> list[dict[str, Any]]:
    """Return what there is to show of each class, in the order of the documents.

    Parameters
    ----------
    documents : as scope.evaluation.documents reads them
    names : tag -> name
    counts : tag -> how many light curves only one algorithm is sure of (scope.disagreements.rule)
    """
    return [
        {
            "tag": one["tag"],
            "name": names.get(one["tag"], one["label"]),
            "positives": one["metrics"]["positives"],
            "negatives": one["metrics"]["negatives"],
            "found": {name: counts.get(one["tag"], {}).get(name, 0) for name in ALGORITHMS},
            "metrics": {name: _figures(one["metrics"][name]) for name in ALGORITHMS},
            "plots": {name: _columns(rows) for name, rows in one["plots"].items()},
        }
        for one in documents
    ]


def class_tree(sections: Mapping[str, Mapping[str, TaxonomyEntry]]) -> list[dict[str, Any]]:
    """Return the classes as a list in the order of the tree: tag, name, depth, kind of class."""
    entries = {tag: (entry, kind) for kind, tree in sections.items() for tag, entry in tree.items()}
    children: dict[str | None, list[str]] = {}
    for tag, (entry, _) in entries.items():
        children.setdefault(entry.parent, []).append(tag)

    def below(parent: str | None, depth: int) -> list[dict[str, Any]]:
        found = []
        for tag in children.get(parent, []):
            entry, kind = entries[tag]
            found.append({"tag": tag, "name": entry.name, "depth": depth, "kind": kind})
            found.extend(below(tag, depth + 1))
        return found

    return below(None, 0)


def _figures(metrics: Mapping[str, Any]) -> dict[str, Any]:
    wanted = [f"{name}{end}" for name in SHOWN for end in ("", "_low", "_high")]
    return {name: metrics.get(name) for name in wanted}


def _columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """Return rows as columns, in which a page is a third as long."""
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else {})}
