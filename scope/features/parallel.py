"""Light curves shared out among processes."""

import logging
import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from scope.base.cores import cores
from scope.config.features import FeatureParams
from scope.features.curve import CurveFeatures, curve_features
from scope.lightcurves.curves import LightCurve, LightCurves

CHUNK = 40  # light curves a task: a second of work, so that the cores finish together
FEWEST = 100  # light curves for which it pays to start one more process
SECONDS_BETWEEN_REPORTS = 15.0

logger = logging.getLogger(__name__)

Task = tuple[LightCurves, FeatureParams, NDArray[np.float64]]


def each_curve(
    curves: LightCurves, params: FeatureParams, periods: NDArray[np.float64], workers: int
) -> Iterator[CurveFeatures]:
    """Yield the features of each light curve in order, from `workers` processes.

    0 workers are one a core, or fewer where there is little to do.
    """
    processes = workers or min(cores(), len(curves) // FEWEST)
    started, done = time.monotonic(), 0
    reported = started
    for answers in _run(_tasks(curves, params, periods), processes):
        yield from answers
        done += len(answers)
        now = time.monotonic()
        if now - reported > SECONDS_BETWEEN_REPORTS:
            left = (now - started) / done * (len(curves) - done)
            logger.info("features of %d of %d light curves, %.0f s left", done, len(curves), left)
            reported = now


def _tasks(
    curves: LightCurves, params: FeatureParams, periods: NDArray[np.float64]
) -> Iterator[Task]:
    for first in range(0, len(curves), CHUNK):
        last = min(first + CHUNK, len(curves))
        offsets = curves.offsets[first : last + 1]
        points = slice(offsets[0], offsets[-1])
        # A task is pickled: it carries its own points, not all of them.
        chunk = LightCurves(
            offsets - offsets[0], curves.time[points], curves.mag[points], curves.magerr[points]
        )
        yield chunk, params, periods[first:last]


def _run(tasks: Iterator[Task], processes: int) -> Iterator[list[CurveFeatures]]:
    if processes <= 1:
        yield from map(_chunk, tasks)
        return
    # A fork would copy a process whose libraries already run threads, locks held by them and all:
    # its child can wait for ever.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield from pool.map(_chunk, tasks)


def _chunk(task: Task) -> list[CurveFeatures]:
    """One thread a process: more would fight for the cores and round sums in another order."""
    curves, params, periods = task
    with threadpool_limits(limits=1):
        answers = [
            curve_features(curve, params, period)
            for curve, period in zip(curves, periods.tolist(), strict=True)
        ]
    return [_without_points(answer) for answer in answers]


def _without_points(answer: CurveFeatures) -> CurveFeatures:
    # The parent has the points; pickling them back would be most of what a task returns.
    nothing = np.empty(0)
    return replace(
        answer, prepared=replace(answer.prepared, curve=LightCurve(nothing, nothing, nothing))
    )
