"""What drives the XGBoost score of each disagreement, from the trees themselves."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.data.scaling import Scaling
from scope.disagreements.candidates import is_missing
from scope.models.shared.cards import read_card
from scope.models.trees.boosting import load
from scope.models.trees.explain import contributions
from scope.reports.light_curves import Catalogue
from scope.reports.source_cards import Reason
from scope.tables.histograms import dmdt_of

N_REASONS = 8


def explain(
    found: pd.DataFrame, catalogue: Catalogue, models: Path, scaling: Scaling
) -> dict[tuple[int, str], list[Reason]]:
    """Return the inputs that count most for each disagreement, by `_id` and tag.

    The strongest come first; a value is None where it is missing or the input is a summary of the
    dm-dt histogram.
    """
    position = {name: number for number, name in enumerate(scaling.names)}
    reasons = {}
    for tag, rows in found.groupby("tag"):
        folder = models / str(tag) / "xgb"
        card = read_card(folder)
        ids = rows["_id"].drop_duplicates().tolist()
        frame = catalogue.table.iloc[[catalogue.place[one] for one in ids]]
        scaled = scaling.apply(frame)[:, [position[name] for name in card.features]]
        trees = [load(folder / name) for name in card.files]
        names, shares = contributions(trees, scaled, dmdt_of(frame))
        for number, one in enumerate(ids):
            reasons[one, str(tag)] = _strongest(names, shares[number], frame.iloc[number])
    return reasons


def _strongest(
    names: list[str], shares: NDArray[np.float64], row: "pd.Series[Any]"
) -> list[Reason]:
    without_bias = shares[:-1]
    first = np.argsort(-np.abs(without_bias), kind="stable")[:N_REASONS]
    return [Reason(names[i], round(float(shares[i]), 3), _value(row.get(names[i]))) for i in first]


def _value(value: Any) -> float | None:
    return None if is_missing(value) or not np.isfinite(value) else float(f"{float(value):.4g}")
