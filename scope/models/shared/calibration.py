"""Scores into probabilities, by what the validation rows tell; ranking never turns round."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression, minimize
from scipy.special import expit, logit

from scope.base.errors import DataError, ModelError

Kind = Literal["none", "platt", "isotonic"]
Values = NDArray[np.float64]

NEAREST = 2.0**-24  # single precision knows no score between 1 and 1 less this
SMALLEST_SLOPE = 0.01
TILT = 1e-3


@dataclass(frozen=True)
class Calibration:
    """A rising function from score to probability.

    Attributes
    ----------
    kind : none leaves a score as it is
    slope, offset : platt, the probability is expit(slope * logit(score) + offset)
    scores, shares : isotonic, knots of a line by parts; both rise, the first strictly
    """

    kind: Kind
    slope: float = 1.0
    offset: float = 0.0
    scores: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()

    def apply(self, score: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the calibrated scores in [0, 1], of the shape of `score`, which is in [0, 1]."""
        values = score.astype(np.float64)
        if self.kind == "platt":
            values = expit(self.slope * _log_odds(values) + self.offset)
        elif self.kind == "isotonic":
            shares = np.interp(values, self.scores, self.shares)
            values = (1.0 - TILT) * shares + TILT * values
        return values.astype(np.float32)

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` reads, fit for JSON."""
        return {**asdict(self), "scores": list(self.scores), "shares": list(self.shares)}

    @classmethod
    def from_dict(cls, known: Mapping[str, Any]) -> "Calibration":
        """Return the calibration that a card holds; ModelError where it holds none."""
        try:
            found = cls(
                kind=known["kind"],
                slope=float(known["slope"]),
                offset=float(known["offset"]),
                scores=tuple(map(float, known["scores"])),
                shares=tuple(map(float, known["shares"])),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{known!r} is no calibration ({error!r}); train again") from error
        whole = len(found.scores) == len(found.shares) >= int(found.kind == "isotonic")
        if found.kind not in get_args(Kind) or not whole:
            raise ModelError(f"{known!r} is no calibration; train again")
        return found


def natural_weights(truth: NDArray[np.bool_], n_negative: int, n_positive: int) -> Values:
    """Return the weights, shape (n,), that undo balancing: each side weighs what it once counted.

    Parameters
    ----------
    truth : side of each row that balancing has kept, shape (n,)
    n_negative, n_positive : rows of each side before balancing
    """
    positives, negatives = int(np.count_nonzero(truth)), int(np.count_nonzero(~truth))
    return np.where(truth, n_positive / max(1, positives), n_negative / max(1, negatives))


def learn(
    kind: Kind, score: NDArray[np.floating], truth: NDArray[np.bool_], weight: Values
) -> Calibration:
    """Return the calibration of that kind that fits the rows best.

    platt : logistic regression on the log odds of the score with the smoothed targets of Platt
        (1999), counts being sums of weights. The slope is kept above 0, so rows stay in order.
    isotonic : the rising steps nearest to the truth in weighted squares (pool adjacent violators),
        as a line from step to step. Rows of one step would tie: average precision would then
        count all of them as found together, and lose or gain as chance has it. `apply` adds a
        thousandth of the score, which keeps their order and moves no probability by more than
        that; scores nearer than single precision can still tell apart may tie.

    Parameters
    ----------
    score : in [0, 1], shape (n,)
    truth : whether the row is positive, shape (n,)
    weight : of each row, positive, shape (n,)

    Raises
    ------
    DataError : there are no positives, no negatives, or a score outside [0, 1]
    """
    if kind == "none":
        return Calibration(kind)
    n_positive = int(np.count_nonzero(truth))
    if n_positive in (0, len(truth)):
        raise DataError(
            f"{n_positive} positives among {len(truth)} validation rows; scores are calibrated on "
            "both sides: enlarge split.val_size or set training.calibration to none"
        )
    if not np.all((score >= 0.0) & (score <= 1.0)):
        raise DataError(
            "a score of the validation rows is outside [0, 1]; lower training.learning_rate"
        )
    values = score.astype(np.float64)
    return _platt(values, truth, weight) if kind == "platt" else _isotonic(values, truth, weight)


def _platt(score: Values, truth: NDArray[np.bool_], weight: Values) -> Calibration:
    odds = _log_odds(score)
    n_positive, n_negative = weight[truth].sum(), weight[~truth].sum()
    target = np.where(truth, (n_positive + 1.0) / (n_positive + 2.0), 1.0 / (n_negative + 2.0))
    share = weight / weight.sum()

    def loss(line: Values) -> tuple[float, Values]:
        raised = line[0] * odds + line[1]
        value = share @ (np.logaddexp(0.0, raised) - target * raised)
        left = share * (expit(raised) - target)
        return float(value), np.array([left @ odds, left.sum()])

    found = minimize(
        loss,
        np.array([1.0, 0.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(SMALLEST_SLOPE, None), (None, None)],
        options={"ftol": 1e-15, "gtol": 1e-10},
    )
    return Calibration("platt", slope=float(found.x[0]), offset=float(found.x[1]))


def _isotonic(score: Values, truth: NDArray[np.bool_], weight: Values) -> Calibration:
    distinct, place = np.unique(score, return_inverse=True)
    weights = np.bincount(place, weights=weight)
    shares = np.bincount(place, weights=weight * truth) / weights
    steps = isotonic_regression(shares, weights=weights)
    first = np.append(True, np.diff(steps.x) > 0)
    ends = first | np.append(first[1:], True)
    return Calibration(
        "isotonic",
        scores=tuple(distinct[ends].tolist()),
        shares=tuple(np.clip(steps.x[ends], 0.0, 1.0).tolist()),
    )


def _log_odds(score: Values) -> Values:
    odds: Values = logit(np.clip(score, NEAREST, 1.0 - NEAREST))
    return odds
