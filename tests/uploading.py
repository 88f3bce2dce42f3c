"""A seeded upload and what the server must hold after it; run in a process that may be killed."""

from pathlib import Path

import numpy as np

from scope.fritz import FritzClient, RetryPolicy
from scope.fritz.uploads.apply import Outcome, Upload
from scope.fritz.uploads.curves import CurveSource
from scope.fritz.uploads.ledger import Ledger
from scope.fritz.uploads.operations import (
    Operation,
    Place,
    annotate,
    classify,
    put_photometry,
    save_source,
)
from scope.fritz.uploads.photometry import Curve
from scope.lightcurves.curves import LightCurve

GROUP = 3
ORIGIN = "scope-campaign"
QUICK = RetryPolicy(timeout=10.0, attempts=8, first_pause=0.01, longest_pause=0.1)
N_POINTS = 30


def places(n_places: int, seed: int) -> list[Place]:
    """Return places more than an arcminute apart."""
    dec = np.random.default_rng(seed).uniform(-30.0, 30.0, n_places)
    return [
        Place(f"ZTFJ{number:06d}.00+000000.0", 10.0 + 0.1 * number, float(dec[number]), (number,))
        for number in range(n_places)
    ]


def plan(n_places: int, seed: int, taxonomy_id: int = 1) -> list[Operation]:
    """Return four operations a place."""
    generator = np.random.default_rng(seed + 1)
    operations = []
    for place in places(n_places, seed):
        data = {"period_days": round(float(generator.uniform(0.1, 9.0)), 6), "class": "RR Lyrae"}
        details = {"origin": ORIGIN, "group_ids": [GROUP], "ml": True}
        operations += [
            save_source(place, [GROUP]),
            put_photometry(place, [GROUP]),
            annotate(place, ORIGIN, data, [GROUP]),
            classify(
                place, taxonomy_id, "RR Lyrae", round(float(generator.random()), 4), **details
            ),
        ]
    return operations


class Curves(CurveSource):
    """One light curve of each place, always the same."""

    def curves(self, place: Place) -> list[Curve]:
        generator = np.random.default_rng(place.light_curves[0])
        mjd = 58000.0 + np.sort(generator.uniform(0.0, 1000.0, N_POINTS))
        mag = generator.normal(17.0, 0.3, N_POINTS)
        points = LightCurve(mjd, mag, np.full(N_POINTS, 0.02))
        return [Curve(place.light_curves[0], "ztfr", points)]


def apply(
    url: str, token: str, ledger: Path, operations: list[Operation], settle: float = 0.0
) -> Outcome:
    """Run an upload without a limit of calls."""
    with (
        FritzClient(url, token, rate=1000.0, burst=100, retry_policy=QUICK) as client,
        Ledger(ledger, url) as book,
    ):
        book.plan(operations)
        return Upload(client, book, 2.0, curve_source=Curves()).run(settle=settle)


def apply_seeded(url: str, token: str, ledger: Path, n_places: int, settle: float) -> None:
    """Run the upload of `plan`; for a process of its own."""
    apply(url, token, ledger, plan(n_places, 7), settle)


def held(store) -> dict[str, list[tuple]]:
    """Return what a sandbox holds of an upload, in a form that shows every copy."""
    queries = {
        "saves": f"SELECT obj_id, group_id FROM saves WHERE active = 1 AND group_id = {GROUP}",
        "annotations": "SELECT obj_id, origin, data FROM annotations",
        "classifications": "SELECT obj_id, classification, probability FROM classifications",
        "points": "SELECT obj_id, COUNT(*) AS n FROM photometry GROUP BY obj_id",
    }
    return {
        name: sorted(tuple(row.values()) for row in store.rows(query))
        for name, query in queries.items()
    }
