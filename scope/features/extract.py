"""From light curves to a table of features and dm-dt histograms, on all cores."""

import logging
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.base.errors import DataError
from scope.config.features import DmdtParams, FeatureParams, PeriodParams
from scope.features.curve import FEATURES, CurveFeatures
from scope.features.parallel import each_curve
from scope.lightcurves.curves import LightCurves

__all__ = ["DmdtParams", "Extracted", "FeatureParams", "PeriodParams", "extract"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Extracted:
    """The features of the light curves that were kept, and why the others were not.

    Attributes
    ----------
    table : one row a kept curve: `curve`, its number in the input (int64), and every light-curve
        feature (float64), in the order of the input
    dmdt : dm-dt histograms of the same rows, shape (n_kept, n_dm * n_dt), L2-normalised
    dropped : `curve` (int64), `reason` and `points` (strings), one row a dropped curve: `points`
        tells how many there were, how many were left and what the others were left out for
    """

    table: pd.DataFrame
    dmdt: NDArray[np.float32]
    dropped: pd.DataFrame


def extract(
    curves: LightCurves,
    params: FeatureParams,
    *,
    periods: NDArray[np.float64] | None = None,
    workers: int = 0,
) -> Extracted:
    """Return the features of every light curve that allows them, the same for any `workers`.

    Parameters
    ----------
    periods : known periods [d], shape (n_curves,), NaN where it is to be searched; None = search
    workers : processes to use; 0 = one a core

    Raises
    ------
    DataError : `periods` has another length than `curves`, or a period that is not positive
    """
    known = _known_periods(periods, len(curves))
    answers = list(each_curve(curves, params, known, workers))
    kept = [i for i, answer in enumerate(answers) if not answer.prepared.reason]
    dropped = [i for i, answer in enumerate(answers) if answer.prepared.reason]
    reasons = [answers[i].prepared.reason for i in dropped]
    accounts = [answers[i].prepared.account() for i in dropped]
    _log_losses(answers, reasons)
    return Extracted(
        _table(kept, [answers[i].features for i in kept]),
        _stack([answers[i].dmdt for i in kept], params.dmdt.n_cells()),
        pd.DataFrame(
            {
                "curve": np.array(dropped, dtype=np.int64),
                "reason": pd.Series(reasons, dtype="str"),
                "points": pd.Series(accounts, dtype="str"),
            }
        ),
    )


def _known_periods(periods: NDArray[np.float64] | None, n_curves: int) -> NDArray[np.float64]:
    if periods is None:
        return np.full(n_curves, np.nan)
    if periods.shape != (n_curves,):
        raise DataError(f"{n_curves} light curves but periods of shape {periods.shape}")
    # NaN passes both tests, as it must: it asks for a search.
    wrong = np.flatnonzero((periods <= 0) | np.isinf(periods))
    if len(wrong):
        raise DataError(
            f"{len(wrong)} known periods are not positive and finite, first {periods[wrong[0]]} d "
            f"of light curve {wrong[0]}; give NaN where the period is to be searched"
        )
    return periods


def _table(curves: list[int], features: list[NDArray[np.float64] | None]) -> pd.DataFrame:
    rows = [row for row in features if row is not None]
    # reshape: where no light curve was kept, the table has its columns all the same.
    values = np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))
    table = pd.DataFrame(values, columns=list(FEATURES))
    table.insert(0, "curve", np.array(curves, dtype=np.int64))
    return table


def _stack(histograms: list[NDArray[np.float32] | None], n_cells: int) -> NDArray[np.float32]:
    rows = [row for row in histograms if row is not None]
    return np.array(rows, dtype=np.float32).reshape(len(rows), n_cells)


def _log_losses(answers: list[CurveFeatures], reasons: list[str]) -> None:
    for reason, count in sorted(Counter(reasons).items()):
        logger.info("dropped %d of %d light curves: %s", count, len(answers), reason)
    losses: Counter[str] = Counter()
    for answer in answers:
        losses.update(answer.prepared.left_out)
    n_points = sum(answer.prepared.n_points for answer in answers)
    for loss, count in losses.most_common():
        logger.info("left out %d of %d points: %s", count, n_points, loss)
