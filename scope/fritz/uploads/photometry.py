"""Light curves as the photometry that Fritz takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scope.base.errors import DataError
from scope.lightcurves.curves import LightCurve

POINTS_AT_ONCE = 5000  # of one call
INSTRUMENT = "ZTF"
LIMITING_MAG = 23.9  # [mag], what Fritz itself gave the light curves from its archive
DECIMALS = {"mjd": 7, "mag": 5, "magerr": 5}  # what float32 magnitudes hold, and 0.01 s
FILTERS = {
    name: f"ztf{band}"
    for number, band in enumerate("gri", start=1)
    for name in (str(number), band, f"z{band}", f"ztf{band}")
}
COLUMNS = ("obj_id", "mjd", "mag", "magerr", "filter", "origin")


@dataclass(frozen=True)
class Curve:
    """One light curve to be sent; `light_curve` is its id, `filter_name` ztfg, ztfr or ztfi."""

    light_curve: int
    filter_name: str
    points: LightCurve


def filter_name(value: Any, light_curve: int) -> str:
    """Return what Fritz calls a filter: 1, 2, 3 or g, r, i, zg, zr, zi.

    Raises
    ------
    DataError : it is none of these
    """
    # 1.0 is what a column of numbers with gaps makes of 1.
    plain = str(value).strip().lower().removesuffix(".0")
    if plain not in FILTERS:
        raise DataError(
            f"light curve {light_curve}: filter {value!r} is none of ZTF's "
            f"({', '.join(FILTERS)}); other light curves cannot be sent to Fritz"
        )
    return FILTERS[plain]


def points_of(obj_id: str, curves: Sequence[Curve]) -> pd.DataFrame:
    """Return one row a point of a source's light curves, as `COLUMNS`.

    Points without a finite magnitude and a positive error are left out, repeated ones kept once:
    SkyPortal refuses a call that holds two equal points. The origin names the light curve; it is
    part of what SkyPortal tells points apart by, as the filter is not.
    """
    frames = []
    for one in curves:
        time, mag, magerr = one.points.time, one.points.mag, one.points.magerr
        good = np.isfinite(time) & np.isfinite(mag) & np.isfinite(magerr) & (magerr > 0)
        frame = pd.DataFrame({"mjd": time[good], "mag": mag[good], "magerr": magerr[good]})
        frame = (
            frame.astype(np.float64)
            .round(DECIMALS)
            # After rounding, which can make two points equal.
            .drop_duplicates()
            .assign(obj_id=obj_id, filter=one.filter_name, origin=f"scope-{one.light_curve}")
        )
        frames.append(frame[list(COLUMNS)])
    if not frames:
        return pd.DataFrame({name: [] for name in COLUMNS})
    return pd.concat(frames, ignore_index=True)


def columns_of(points: pd.DataFrame) -> dict[str, Any]:
    """Return points as `FritzClient.put_photometry` takes them."""
    lists: dict[str, Any] = {name: points[name].tolist() for name in COLUMNS}
    return lists | {"magsys": "ab", "limiting_mag": LIMITING_MAG}
