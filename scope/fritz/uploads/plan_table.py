"""A plan as a table for people."""

from collections import Counter
from collections.abc import Iterable

from rich.table import Table

from scope.fritz.uploads.operations import KINDS, Operation

SHOWN = 100  # operations; the rest is counted
KEYS = 5  # of an annotation


def plan_table(operations: Iterable[Operation]) -> Table:
    """Return the first operations of a plan, a line each, and how many there are of each kind."""
    table = Table("source", "operation", "content", box=None, header_style="bold")
    counts: Counter[str] = Counter()
    for one in operations:
        counts[one.kind] += 1
        if sum(counts.values()) <= SHOWN:
            table.add_row(one.subject, one.kind, content(one))
    hidden = sum(counts.values()) - SHOWN
    if hidden > 0:
        table.add_row("", "", f"and {hidden} more")
    listed = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind])
    table.caption = f"{listed or 'nothing to send'}; nothing was sent"
    table.caption_justify = "left"
    return table


def content(operation: Operation) -> str:
    """Return in a few words what an operation sends."""
    payload = operation.payload
    groups = ", ".join(map(str, payload["group_ids"]))
    match operation.kind:
        case "source":
            return f"at {payload['ra']:.5f} {payload['dec']:+.5f}, in groups {groups}"
        case "photometry":
            return f"{len(payload['light_curves'])} light curves, if it is new"
        case "annotation":
            names = list(payload["data"])
            more = f" and {len(names) - KEYS} more" if len(names) > KEYS else ""
            return f"{payload['origin']}: {', '.join(names[:KEYS])}{more}"
        case "classification":
            probability = payload["probability"]
            said = "" if probability is None else f", probability {probability:g}"
            return f"{payload['classification']} (taxonomy {payload['taxonomy_id']}){said}"
