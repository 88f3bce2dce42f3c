"""What uploading the disagreements to Fritz takes, and what came of it where it was made."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from scope.config.fritz import FritzParams
from scope.disagreements.candidates import Candidate, is_missing
from scope.fritz.uploads import describe
from scope.fritz.uploads.operations import (
    Operation,
    Place,
    annotate,
    origin_of,
    put_photometry,
    save_source,
)


def plan(
    candidates: list[Candidate], params: FritzParams, data_set: str, radius_arcsec: float
) -> dict[str, Any]:
    """Return the receipt of an upload that is planned, not made.

    For each source, in order: a search at its place; saving it under a new name where the search
    finds none, or else saving the nearest one found (without a position, which would move it);
    its annotations; one annotation for all its light curves and classes. Disagreements are no
    classifications, so none is posted. Each request has a stable `key`, and `when` says on what
    answer to an earlier one it depends. "{source}" stands for the id of the source found or saved
    and "{annotation}" for that of the annotation of the same origin.

    Without `group_ids` the plan is not `ready`: every `group_ids` in it is null, since Fritz shows
    what comes without any to everyone and refuses an empty list.
    """
    groups = list(params.group_ids) or None
    origin = origin_of(data_set)
    requests = [
        request
        for candidate in candidates
        for request in _requests_of(candidate, groups, origin, radius_arcsec)
    ]
    missing = "fritz.group_ids is empty: name the groups that shall see the sources"
    return {
        "data_set": data_set,
        "mode": params.mode,
        "sent": 0,
        "ready": groups is not None,
        "missing": [] if groups else [missing],
        "sources": len(candidates),
        "requests": requests,
    }


def _requests_of(
    candidate: Candidate, groups: list[int] | None, origin: str, radius_arcsec: float
) -> list[dict[str, Any]]:
    name = candidate.name
    # 0.4 mas; the shortest digits keep the plan the same on every machine.
    ra, dec = round(candidate.ra, 7), round(candidate.dec, 7)
    notes = "/api/sources/{source}/annotations"
    data = annotation(candidate)
    body = {"origin": origin, "data": data, "group_ids": groups}
    query = {"ra": ra, "dec": dec, "radius": round(radius_arcsec / 3600.0, 9)}
    new = {"id": name, "ra": ra, "dec": dec, "group_ids": groups}
    saved = {"id": "{source}", "group_ids": groups}
    update = {"data": data, "group_ids": groups}
    steps: list[tuple[str, str, str, dict[str, Any], str, str]] = [
        ("search", "GET", "/api/sources", {"query": query}, "always", "is it on Fritz? [deg]"),
        ("create", "POST", "/api/sources", {"body": new}, "search found none", "save a new source"),
        ("save", "POST", "/api/sources", {"body": saved}, "search found one", "save it to groups"),
        ("notes", "GET", notes, {}, "search found one", "is it annotated already?"),
        ("annotate", "POST", notes, {"body": body}, "none of this origin", "say why to look"),
        (
            *("update", "PUT", notes + "/{annotation}", {"body": update}),
            *("one of this origin", "bring the earlier annotation up to date"),
        ),
    ]
    return [
        {"key": f"{name}/{step}", "method": method, "path": path, **content}
        | {"when": when, "reason": reason}
        for step, method, path, content, when, reason in steps
    ]


def annotation(candidate: Candidate) -> dict[str, Any]:
    """Return what a person on Fritz should see about a source: plain numbers and words.

    The scores of a class are those of its light curve with the widest gap; ids are text, since
    JavaScript rounds whole numbers above 2^53.
    """
    rows = candidate.rows
    data: dict[str, Any] = {}
    # The widest apart comes first, so it is the last to be put down here and stays.
    widest = {row["tag"]: row for row in reversed(rows)}
    for tag in sorted(widest):
        for algorithm in ("dnn", "xgb"):
            # float32 scores would be shown with the digits of their conversion.
            data[f"{tag}_{algorithm}"] = round(float(widest[tag][algorithm]), 4)
            spread = widest[tag].get(f"{algorithm}_std")
            if not is_missing(spread):
                data[f"{tag}_{algorithm}_std"] = round(float(spread), 4)
    data["class"] = ", ".join(sorted(widest))
    periods = [float(row["period"]) for row in rows if not is_missing(row["period"])]
    if periods and math.isfinite(periods[0]):
        data["period_days"] = describe.number(periods[0])
    data["light_curves"] = " ".join(str(one) for one in sorted({row["_id"] for row in rows}))
    names = sorted({row["obj_id"] for row in rows if not is_missing(row["obj_id"])})
    if names:
        data["obj_id"] = " ".join(names)
    return data | describe.gaia_values(rows)


def operations(
    candidates: Sequence[Candidate],
    group_ids: list[int],
    data_set: str,
    provenance: dict[str, Any],
    *,
    curves: bool,
) -> Iterator[Operation]:
    """Yield what an upload of the disagreements brings about, source by source.

    Parameters
    ----------
    provenance : what else an annotation says, such as hashes and the commit
    curves : whether sources that are created get photometry
    """
    for candidate in candidates:
        place = place_of(candidate)
        yield save_source(place, group_ids)
        if curves:
            yield put_photometry(place, group_ids)
        yield annotate(place, origin_of(data_set), annotation(candidate) | provenance, group_ids)


def place_of(candidate: Candidate) -> Place:
    """Return the place of a candidate with the ids of its light curves."""
    curves = tuple(sorted({int(row["_id"]) for row in candidate.rows}))
    return Place(candidate.name, candidate.ra, candidate.dec, curves)
