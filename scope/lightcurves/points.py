"""Which points of a light curve are used, and which light curves cannot be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scope.lightcurves.curves import LightCurve

# The reasons are written into tables and logs word by word.
CONSTANT = "constant magnitudes"
NO_BASELINE = "all points at one time"

MINUTES_PER_DAY = 1440.0

# Why a point is left out, in the order in which points are judged: each is counted once.
NOT_FINITE = "NaN or infinite time, magnitude or error"
OUTSIDE_TIMES = "time outside features.time_range"
OUTSIDE_MAGNITUDES = "magnitude outside features.mag_range"
BAD_ERROR = "error that is not above 0 and below features.max_magerr"
REPEATED = "repeated"
WITHIN_GAP = "within features.min_gap_minutes of an earlier one"


@dataclass(frozen=True, kw_only=True)
class PointRules:
    """Which points of a light curve are measurements that are used.

    Attributes
    ----------
    time_range : MJD or HJD [d], both ends allowed
    mag_range : magnitudes that a survey can measure [mag], both ends allowed; what is outside is
        a code for "none" (-999, 0, 99), a flux or a fault
    max_magerr : errors from this on are of no measurement [mag]
    min_gap_days : a point less than this after an earlier one that is kept is left out; 0 = none
    """

    time_range: tuple[float, float]
    mag_range: tuple[float, float]
    max_magerr: float
    min_gap_days: float


@dataclass(frozen=True)
class Prepared:
    """The points of a light curve that are used, and why the curve is dropped ("" = it is kept).

    Attributes
    ----------
    n_points, n_used : how many there were, and how many of them are in `curve`
    left_out : why points were left out -> how many, without zeros
    """

    curve: LightCurve
    reason: str
    n_points: int
    n_used: int
    left_out: dict[str, int]

    def account(self) -> str:
        """Return how the points came to be as many: "150 points, 20 left; 130: repeated"."""
        counts = sorted(self.left_out.items(), key=lambda one: -one[1])
        causes = [f"{count}: {cause}" for cause, count in counts]
        return "; ".join([f"{self.n_points} points, {self.n_used} left", *causes])


def too_few(min_points: int) -> str:
    """Return the name of the reason for which short light curves are dropped."""
    return f"fewer than {min_points} points"


def prepare(curve: LightCurve, rules: PointRules, min_points: int) -> Prepared:
    """Sort a light curve in time, leave out unusable points, and judge what remains.

    A point that is no measurement is left out and counted; it never costs its light curve. Points
    equal to another in time, magnitude and error count once. Points that share a time but not the
    magnitude stay, ordered by magnitude, so that the order of the input never matters.
    """
    causes = _causes(curve, rules)
    left_out = {name: int(np.count_nonzero(causes == name)) for name in _JUDGED}
    usable = _take(curve, causes == "")
    # lexsort takes its last key first: time, then magnitude, then error.
    ordered = _take(usable, np.lexsort((usable.magerr, usable.mag, usable.time)))
    unique = _take(ordered, _differs_from_previous(ordered))
    # After the repeats, which are counted apart.
    spaced = _take(unique, _spaced(unique.time, rules.min_gap_days))
    left_out[REPEATED] = len(ordered.time) - len(unique.time)
    left_out[WITHIN_GAP] = len(unique.time) - len(spaced.time)
    counted = {cause: count for cause, count in left_out.items() if count}
    n_used = len(spaced.time)
    return Prepared(spaced, _fault(spaced, min_points), len(curve.time), n_used, counted)


_JUDGED = (NOT_FINITE, OUTSIDE_TIMES, OUTSIDE_MAGNITUDES, BAD_ERROR)


def _causes(curve: LightCurve, rules: PointRules) -> NDArray[np.str_]:
    """Return why each point is no measurement, "" where it is one, shape (n_points,)."""
    finite = np.isfinite(curve.time) & np.isfinite(curve.mag) & np.isfinite(curve.magerr)
    in_time = (curve.time >= rules.time_range[0]) & (curve.time <= rules.time_range[1])
    in_mag = (curve.mag >= rules.mag_range[0]) & (curve.mag <= rules.mag_range[1])
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        # An error so small that its weight 1/s^2 overflows is as bad as zero.
        good_error = (curve.magerr > 0) & np.isfinite(curve.magerr**-2.0)
    good_error &= curve.magerr < rules.max_magerr
    return np.select([~finite, ~in_time, ~in_mag, ~good_error], list(_JUDGED), "")


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
