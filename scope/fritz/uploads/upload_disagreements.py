"""Sources that the two algorithms disagree about, to Fritz: for the stage push and for its tool."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scope.disagreements.candidates import Candidate
from scope.fritz import FritzClient
from scope.fritz.plan import operations, place_of
from scope.fritz.uploads.operations import origin_of
from scope.fritz.uploads.provenance import provenance
from scope.fritz.uploads.results import OUTCOMES
from scope.fritz.uploads.session import Job, Uploaded, light_curves, upload


@dataclass(frozen=True)
class UploadOptions:
    """What is uploaded under which name, and to whom.

    Attributes
    ----------
    data_set : names the annotations, scope-<data set>
    data_md5 : of the file the disagreements come from
    light_curves : file with the photometry of sources that are created; None: Kowalski
    needs_curves : whether a file that cannot be used, for want of ZTF's filters, is an error
    """

    data_set: str
    data_md5: str
    group_ids: list[int]
    radius_arcsec: float
    ledger: Path
    light_curves: Path | None = None
    needs_curves: bool = True


def send(client: FritzClient, candidates: Sequence[Candidate], what: UploadOptions) -> Uploaded:
    """Save the candidates to the groups and annotate them.

    Raises
    ------
    ConfigError : there is no group, or one is not joined
    FritzError : the server cannot be asked for the groups
    DataError : the light curves cannot be read
    FritzNotFoundError : the server has no place for light curves of ZTF
    """
    client.check_groups(what.group_ids)
    places = [place_of(one) for one in candidates]
    made = provenance(what.data_md5).as_data()
    job = Job(what.ledger, what.radius_arcsec)
    supply = light_curves(
        client, what.light_curves, places, what.radius_arcsec, needed=what.needs_curves
    )
    with supply as curve_source:
        curves = curve_source is not None
        planned = operations(candidates, what.group_ids, what.data_set, made, curves=curves)
        return upload(client, planned, job, curve_source)


def receipt(client: FritzClient, uploaded: Uploaded, what: UploadOptions) -> dict[str, Any]:
    """Return what a receipt says of an upload that was made."""
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    stopped = uploaded.outcome.stopped
    counts = uploaded.outcome.counts
    return {
        "mode": "apply",
        "server": client.url,
        "time": now,
        "origin": origin_of(what.data_set),
        "group_ids": what.group_ids,
        "sent": sum(counts.get(name, 0) for name in OUTCOMES),
        "complete": uploaded.outcome.is_complete,
        "stopped": None if stopped is None else str(stopped),
        "states": dict(uploaded.outcome.states),
        "statuses": dict(sorted(Counter(one.status for one in uploaded.results.values()).items())),
        "uploaded": {
            name: {
                "obj_id": result.obj_id,
                "page": client.page(result.obj_id) if result.obj_id else None,
                "status": result.status,
                "message": result.message,
            }
            for name, result in uploaded.results.items()
        },
    }
