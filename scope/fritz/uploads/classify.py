"""The plan of uploading classifications: what is said of each source, and of which rows nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scope.base.errors import DataError
from scope.fritz.uploads import describe
from scope.fritz.uploads.inputs import Rows, numbers_of, periods_of
from scope.fritz.uploads.labels import LabelMap, ServerClass, probability_of
from scope.fritz.uploads.operations import (
    Operation,
    Place,
    annotate,
    classify,
    put_photometry,
    save_source,
)
from scope.fritz.uploads.provenance import Provenance
from scope.tables.rules import require

ClassProbabilities = dict[ServerClass, float | None]


@dataclass(frozen=True)
class Target:
    """Where an upload goes and how it is marked.

    Attributes
    ----------
    group_ids : who shall see it; never empty
    origin : of annotations and classifications, such as scope-<data set>
    ml : a machine said so
    curves : whether sources that are created get photometry
    """

    group_ids: list[int]
    origin: str
    ml: bool = False
    curves: bool = False


@dataclass(frozen=True)
class SourceClasses:
    """What the rows of a table say.

    Attributes
    ----------
    of_place : the statements about each source, None where its rows contradict each other
    status, message : of the rows that are not uploaded; empty for the others
    """

    of_place: list[ClassProbabilities | None]
    status: list[str]
    message: list[str]


def classes_by_label(
    rows: Rows, labels: LabelMap, above: float, where: Path
) -> list[ClassProbabilities]:
    """Return what each row says by its label columns, with their probabilities.

    Parameters
    ----------
    above : a label of at most this probability is not said

    Raises
    ------
    DataError : the table has no label column, or a label is no probability
    ConfigError : a label has no class on the server
    """
    columns = labels.labels_in(list(rows.table.columns))
    if not columns:
        raise DataError(
            f"{where}: no label column among {', '.join(map(str, rows.table.columns[:40]))}; "
            "name the class of all rows with --classification NAME"
        )
    classes: list[ClassProbabilities] = [{} for _ in range(len(rows.table))]
    for label in columns:
        values = numbers_of(rows.table, label, where)
        if not (values > above).any() and not (values < 0).any():
            continue  # a class that no row has may be missing on the server
        meant = labels.of_label(label)
        for row, value in enumerate(values.tolist()):
            probability = probability_of(value, label, row)
            if probability is not None and probability > above:
                classes[row][meant] = max(probability, classes[row].get(meant) or 0.0)
    return classes


def classes_by_name(rows: Rows, meant: ServerClass, where: Path) -> list[ClassProbabilities]:
    """Return the same class for every row, with the row's `probability` where there is one."""
    if "probability" not in rows.table:
        return [{meant: None} for _ in range(len(rows.table))]
    values = numbers_of(rows.table, "probability", where)
    possible = np.isnan(values) | ((values >= 0.0) & (values <= 1.0))
    require(rows.table, possible, "a probability from 0 to 1", values, str(where))
    return [{meant: None if np.isnan(value) else value} for value in values.tolist()]


def merge_by_source(rows: Rows, classes: Sequence[ClassProbabilities]) -> SourceClasses:
    """Return what is said of each source: once, and nothing where its rows disagree."""
    status, message = [""] * len(rows.table), [""] * len(rows.table)
    of_place: list[ClassProbabilities | None] = []
    for members in rows.rows_of():
        labelled = [int(row) for row in members if classes[row]]
        if not labelled:
            of_place.append({})
            for row in members:
                status[row], message[row] = "unlabelled", "no label to upload"
            continue
        first = labelled[0]
        if any(classes[row] != classes[first] for row in labelled):
            of_place.append(None)
            shown = ", ".join(map(str, members.tolist()))
            for row in members:
                status[row] = "conflict"
                message[row] = f"rows {shown} are one source with different labels; none uploaded"
            continue
        of_place.append(classes[first])
        for row in members:
            if row != first:
                status[row], message[row] = "duplicate", f"the source of row {first}"
    return SourceClasses(of_place, status, message)


def plan(
    rows: Rows, classes: SourceClasses, target: Target, made: Provenance, where: Path
) -> Iterator[Operation]:
    """Yield the operations of an upload of classifications, source by source.

    Raises
    ------
    DataError : a period is not positive
    """
    periods = periods_of(rows.table, where)
    members = rows.rows_of()
    for number, (place, statements) in enumerate(zip(rows.places, classes.of_place, strict=True)):
        if not statements:
            continue
        own = [_row(rows, int(row)) for row in members[number]]
        known = periods[members[number]]
        period = next(iter(known[np.isfinite(known)].tolist()), None)
        data = annotation(place, own, statements, period) | made.as_data()
        yield save_source(place, target.group_ids)
        if target.curves:
            yield put_photometry(place, target.group_ids)
        yield annotate(place, target.origin, data, target.group_ids)
        for one, probability in statements.items():
            details = {"origin": target.origin, "group_ids": target.group_ids, "ml": target.ml}
            yield classify(place, one.taxonomy_id, one.name, probability, **details)


def annotation(
    place: Place,
    rows: Sequence[dict[str, Any]],
    statements: ClassProbabilities,
    period: float | None,
) -> dict[str, Any]:
    """Return what the annotation of an upload says of a source besides its provenance."""
    data: dict[str, Any] = {"class": ", ".join(sorted(one.name for one in statements))}
    if period is not None:
        data["period_days"] = describe.number(period)
    if place.light_curves:
        data["light_curves"] = " ".join(map(str, place.light_curves))
    tags = dict.fromkeys(
        name.removesuffix("_dnn") for row in rows for name in row if name.endswith("_dnn")
    )
    return data | describe.score_values(rows, tags) | describe.gaia_values(rows)


def _row(rows: Rows, number: int) -> dict[str, Any]:
    row = rows.table.iloc[number]
    return {str(name): row[name] for name in rows.table.columns if str(name) != "dmdt"}
