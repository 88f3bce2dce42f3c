"""Metrics and plots of all classes together: the tables of the classes, one below the other."""

from collections.abc import Sequence
from typing import Any

from scope.base.constants import ALGORITHMS
from scope.evaluation.curves import Row

SUMMARISED = ("average_precision", "roc_auc", "f1", "brier")


def mean_metrics(documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean over the classes of what sums up an algorithm, and their number.

    Undefined values are left out; `documents` are of scope.evaluation.documents, at least one.
    """
    means: dict[str, Any] = {"classes": len(documents)}
    for algorithm in ALGORITHMS:
        means[algorithm] = {}
        for name in SUMMARISED:
            # A macro mean: every class counts alike, rare or not.
            values = [one["metrics"][algorithm][name] for one in documents]
            known = [value for value in values if value is not None]
            if known:
                means[algorithm][f"mean_{name}"] = round(sum(known) / len(known), 6)
    return means


def joined_tables(documents: Sequence[dict[str, Any]]) -> dict[str, list[Row]]:
    """Return the rows of every plot by its name, the class in the column `class`."""
    tables: dict[str, list[Row]] = {"average_precision": []}
    for one in documents:
        for algorithm in ALGORITHMS:
            tables["average_precision"].append(_average_precision(one, algorithm))
        for name, rows in one["plots"].items():
            tables.setdefault(name, []).extend({"class": one["tag"], **row} for row in rows)
    return tables


def _average_precision(document: dict[str, Any], algorithm: str) -> Row:
    metrics = document["metrics"]
    found = metrics[algorithm]
    return {
        "class": document["tag"],
        "algorithm": algorithm,
        "average_precision": found["average_precision"],
        "low": found["average_precision_low"],
        "high": found["average_precision_high"],
        "positives": metrics["positives"],
    }
