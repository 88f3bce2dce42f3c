"""The colour-magnitude diagram of Gaia: what is scored, and what is to be looked at."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

G, BP, RP = (f"Gaia_EDR3__phot_{band}_mean_mag" for band in ("g", "bp", "rp"))
PARALLAX, ERROR = "Gaia_EDR3__parallax", "Gaia_EDR3__parallax_error"
NEEDED = (G, BP, RP, PARALLAX, ERROR)
LEAST_SNR = 3.0  # of a parallax that a distance is taken from
MAX_BACKGROUND = 3000


def colour_magnitude(table: pd.DataFrame) -> NDArray[np.float64]:
    """Return BP - RP and absolute G [mag] of each row, shape (n, 2), NaN where unknown.

    The distance is that of the parallax [mas], where it is at least three times its error; dust
    is not corrected for.
    """
    if not set(NEEDED) <= set(table.columns):
        return np.full((len(table), 2), np.nan)
    g, bp, rp, parallax, error = (
        table[name].to_numpy(np.float64, na_value=np.nan) for name in NEEDED
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        good = (parallax > 0) & (parallax >= LEAST_SNR * error)
        absolute = g + 5.0 * np.log10(np.where(good, parallax, np.nan) / 100.0)
    return np.column_stack([bp - rp, absolute])


def diagram(table: pd.DataFrame, light_curves: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Return the points of the diagram: `all` of the catalogue, and of each source its first.

    Parameters
    ----------
    table : with `_id`
    light_curves : `_id`s of each source; its point is None where none has colour and distance
    """
    points = colour_magnitude(table)
    place = {int(one): row for row, one in enumerate(table["_id"])}
    known = points[np.isfinite(points).all(axis=1)]
    if len(known) > MAX_BACKGROUND:
        known = known[np.linspace(0, len(known) - 1, MAX_BACKGROUND).astype(np.int64)]
    sources = []
    for ids in light_curves:
        own = points[[place[one] for one in ids]]
        own = own[np.isfinite(own).all(axis=1)]
        sources.append(own[0].round(3).tolist() if len(own) else None)
    return {"all": known.round(3).tolist(), "sources": sources}
