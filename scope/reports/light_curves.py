"""Light curves as a page draws them: points and dm-dt histograms as text of few bytes."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.disagreements.candidates import Candidate, is_missing
from scope.lightcurves.curves import LightCurve
from scope.lightcurves.long_form import Photometry, read_lightcurves
from scope.tables.histograms import dmdt_of

MAX_POINTS = 400  # of a light curve that are kept
MAX_BYTES = 16_000_000  # of the points of a page; the sources further down then have none
TIME_STEP = 1e-5  # d, a second
MAG_STEP = 1e-3  # mag
LONGEST = np.iinfo(np.int16).max
BANDS = {"1": "g", "2": "r", "3": "i"}  # the filters of ZTF as its tables number them


@dataclass(frozen=True)
class Catalogue:
    """The light curves that were scored: their table, and their photometry where there is any."""

    table: pd.DataFrame
    curves: Photometry | None
    place: dict[int, int]

    @classmethod
    def of(
        cls, table: pd.DataFrame, lightcurves: Path | None, columns: Mapping[str, str]
    ) -> "Catalogue":
        """Return the rows of `table`, each with its points in the file `lightcurves`."""
        ids = table["_id"].to_numpy(np.int64)
        place = {int(one): number for number, one in enumerate(ids)}
        read = None if lightcurves is None else read_lightcurves(lightcurves, ids, columns)
        return cls(table.reset_index(drop=True), read, place)


@dataclass(frozen=True)
class Points:
    """The points of a light curve, in whole numbers of 1e-5 d and 1e-3 mag from two offsets.

    Attributes
    ----------
    shown, all : how many are here, how many there are
    epoch, zero : what times [d] and magnitudes [mag] count from
    packed : base64 of the times (int32), then magnitudes and errors (int16), little-endian
    """

    shown: int
    all: int
    epoch: float
    zero: float
    packed: str


@dataclass(frozen=True)
class DrawnCurve:
    """One light curve to draw.

    Attributes
    ----------
    light_curve : its `_id`, as text: JavaScript rounds whole numbers above 2^53
    filter : "" where it is not known
    dmdt : base64 of the 676 cells of the histogram, 255 the fullest, rows dm, columns dt
    points : None where there are none
    """

    light_curve: str
    filter: str
    dmdt: str
    points: Points | None


def filter_name(value: Any) -> str:
    """Return the name of a filter: g, r, i for ZTF's numbers, another as it is, "" for none."""
    if is_missing(value):
        return ""
    # 1.0 is what a column of numbers with gaps makes of 1.
    name = str(value).removesuffix(".0")
    return BANDS.get(name, name)


def drawn_curves(candidates: Sequence[Candidate], catalogue: Catalogue) -> dict[int, DrawnCurve]:
    """Return the light curves of the sources by `_id`, as many as MAX_BYTES allows.

    A source has all of its light curves or none.
    """
    drawn: dict[int, DrawnCurve] = {}
    spent = 0
    for one in candidates:
        filters = {int(row["_id"]): row["filter"] for row in one.rows}
        curves = {key: _drawn(catalogue, key, value) for key, value in filters.items()}
        size = sum(len(curve.points.packed) for curve in curves.values() if curve.points)
        if spent + size <= MAX_BYTES:
            drawn |= curves
            spent += size
    return drawn


def packed(curve: LightCurve) -> Points:
    """Return the points of a light curve in the order of time, of many every so manieth."""
    order = np.argsort(curve.time, kind="stable")
    if len(order) > MAX_POINTS:
        order = order[np.linspace(0, len(order) - 1, MAX_POINTS).astype(np.int64)]
    time, mag, magerr = curve.time[order], curve.mag[order], curve.magerr[order]
    epoch, zero = float(np.floor(time[0])), round(float(np.median(mag)), 3)
    values: list[NDArray[Any]] = [
        np.round((time - epoch) / TIME_STEP).astype("<i4"),
        np.clip(np.round((mag - zero) / MAG_STEP), -LONGEST, LONGEST).astype("<i2"),
        np.clip(np.round(magerr / MAG_STEP), 0, LONGEST).astype("<i2"),
    ]
    text = _base64(b"".join(one.tobytes() for one in values))
    return Points(len(order), len(curve.time), epoch, zero, text)


def _drawn(catalogue: Catalogue, light_curve: int, filter_value: Any) -> DrawnCurve:
    place = catalogue.place[light_curve]
    histogram = dmdt_of(catalogue.table.iloc[[place]])[0]
    levels = np.round(255.0 * histogram / (histogram.max() or 1.0)).astype(np.uint8)
    points = None
    if catalogue.curves is not None:
        read = catalogue.curves.curves[place]
        finite = np.isfinite(read.time) & np.isfinite(read.mag) & np.isfinite(read.magerr)
        if finite.any():
            points = packed(LightCurve(read.time[finite], read.mag[finite], read.magerr[finite]))
    return DrawnCurve(
        str(light_curve), filter_name(filter_value), _base64(levels.tobytes()), points
    )


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
