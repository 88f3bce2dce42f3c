"""Which points of a light curve are used, and which light curves cannot be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scope.lightcurves.curves import LightCurve

# The reasons are written into tables and logs word by word.
NOT_FINITE = "NaN or infinite times, magnitudes or errors"
BAD_ERRORS = "non-positive errors"
CONSTANT = "constant magnitudes"
NO_BASELINE = "all points at one time"

MINUTES_PER_DAY = 1440.0


@dataclass(frozen=True)
class Prepared:
    """The points of a light curve that are used, and why the curve is dropped ("" = it is kept).

    `outside_range`, `repeated` and `within_gap` count the points left out.
    """

    curve: LightCurve
    reason: str
    outside_range: int = 0
    repeated: int = 0
    within_gap: int = 0


def too_few(min_points: int) -> str:
    """Return the name of the reason for which short light curves are dropped."""
    return f"fewer than {min_points} points"


def prepare(
    curve: LightCurve, *, min_points: int, min_gap_days: float, time_range: tuple[float, float]
) -> Prepared:
    """Sort a light curve in time, leave out unusable points, and judge what remains.

    Left out are points whose time [d] lies outside `time_range` (no date), rows equal to another
    in time, magnitude and error, and points less than `min_gap_days` after the last one kept.
    Points that share a time but not the magnitude stay, ordered by magnitude, so that
    the order of the input never matters.
    """
    outside = (curve.time < time_range[0]) | (curve.time > time_range[1])
    inside = _take(curve, ~outside)
    n_outside = int(outside.sum())
    if not all(np.isfinite(values).all() for values in (inside.time, inside.mag, inside.magerr)):
        return Prepared(inside, NOT_FINITE, n_outside)
    with np.errstate(divide="ignore", over="ignore"):
        # An error so small that its weight 1/s^2 overflows is as bad as zero.
        usable = (inside.magerr > 0) & np.isfinite(inside.magerr**-2.0)
    if not usable.all():
        return Prepared(inside, BAD_ERRORS, n_outside)
    # lexsort takes its last key first: time, then magnitude, then error.
    ordered = _take(inside, np.lexsort((inside.magerr, inside.mag, inside.time)))
    unique = _take(ordered, _differs_from_previous(ordered))
    # After the repeats, which are counted apart.
    spaced = _take(unique, _spaced(unique.time, min_gap_days))
    return Prepared(
        spaced,
        _fault(spaced, min_points),
        n_outside,
        len(ordered.time) - len(unique.time),
        len(unique.time) - len(spaced.time),
    )


def _take(curve: LightCurve, points: NDArray[np.bool_] | NDArray[np.intp]) -> LightCurve:
    return LightCurve(curve.time[points], curve.mag[points], curve.magerr[points])


def _differs_from_previous(curve: LightCurve) -> NDArray[np.bool_]:
    differs = np.ones(len(curve.time), dtype=bool)
    rows = np.stack([curve.time, curve.mag, curve.magerr])
    differs[1:] = (rows[:, 1:] != rows[:, :-1]).any(axis=0)
    return differs


def _spaced(time: NDArray[np.float64], gap: float) -> NDArray[np.bool_]:
    """Mark the first point and every later one at least `gap` days after the last one marked."""
    if gap <= 0:
        return np.ones(len(time), dtype=bool)
    marked = np.zeros(len(time), dtype=bool)
    # Whether a point stays depends on the last one that did, so there is no formula for all at
    # once; the search at least skips a run in one step.
    point = 0
    while point < len(time):
        marked[point] = True
        # A gap below the resolution of the times would stay where it is.
        point = max(point + 1, int(np.searchsorted(time, time[point] + gap)))
    return marked


def _fault(curve: LightCurve, min_points: int) -> str:
    if len(curve.time) < min_points:
        return too_few(min_points)
    # Most statistics divide by the scatter.
    if curve.mag.min() == curve.mag.max():
        return CONSTANT
    if curve.time[0] == curve.time[-1]:
        return NO_BASELINE
    return ""
