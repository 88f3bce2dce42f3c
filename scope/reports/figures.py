"""The scores and the sky as places on a page, for the template of either page to draw as SVG."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.disagreements.candidates import Candidate
from scope.disagreements.rule import DENSITY_BINS, Summary

SIDE = 300.0  # of the score plane; the sky map is twice as wide as high
_MERIDIANS = (0.0, 60.0, 120.0, 180.0, 240.0, 300.0, 360.0)
_ACROSS = np.linspace(0.0, 360.0, 61)
NARROW_DEG = 20.0  # sources within it are drawn on a map of their own field


def score_plane(found: pd.DataFrame, summary: Summary) -> dict[str, Any]:
    """Return the plane of DNN (right) and XGBoost (up) scores: cells, corners, points.

    Cells hold the logarithm of how many pairs of scores lie there, as an opacity.
    """
    counts = np.array(summary.density, dtype=float)
    step = SIDE / DENSITY_BINS
    strength = np.log1p(counts) / max(np.log1p(counts.max()), 1.0)
    cells = [
        {
            "x": round(column * step, 1),
            "y": round(SIDE - (row + 1) * step, 1),
            "opacity": round(0.08 + 0.62 * float(strength[column, row]), 2),
            "count": int(counts[column, row]),
        }
        for column, row in zip(*np.nonzero(counts), strict=True)
    ]
    wide = round(summary.low * SIDE, 1)
    narrow = round((1.0 - summary.high) * SIDE, 1)
    corners = [
        {"x": SIDE - narrow, "y": SIDE - wide, "width": narrow, "height": wide, "sure": "dnn"},
        {"x": 0.0, "y": 0.0, "width": wide, "height": narrow, "sure": "xgb"},
    ]
    points = [
        {
            "x": round(float(row["dnn"]) * SIDE, 1),
            "y": round((1.0 - float(row["xgb"])) * SIDE, 1),
            "sure": row["sure"],
        }
        for row in found[["dnn", "xgb", "sure"]].to_dict("records")
    ]
    return {
        "side": SIDE,
        "step": round(step, 2),
        "cells": cells,
        "corners": corners,
        "points": points,
    }


def sky_map(candidates: list[Candidate]) -> dict[str, Any]:
    """Return the sources on the sky, ra growing to the left: the whole sky, or their field."""
    ra = np.array([one.ra for one in candidates])
    dec = np.array([one.dec for one in candidates])
    spread = _spread_deg(ra, dec)
    if len(ra) and spread <= NARROW_DEG:
        return _field_map(ra, dec, max(spread, 0.5))
    x, y = aitoff(ra, dec)
    lines = [
        *(_polyline(*aitoff(np.full(37, one), np.linspace(-90, 90, 37))) for one in _MERIDIANS),
        *(_polyline(*aitoff(_ACROSS, np.full(61, float(one)))) for one in range(-60, 61, 30)),
    ]
    hours = np.array([20, 16, 12, 8, 4])
    places = _page(aitoff(hours * 15.0, np.zeros(len(hours)))[0])
    labels = [
        {"x": at + 3, "y": SIDE / 2 - 4, "text": f"{hour}h"}
        for at, hour in zip(places, hours, strict=True)
    ]
    return {
        "width": 2 * SIDE,
        "height": SIDE,
        "lines": lines,
        "bar": "",
        "labels": labels,
        "points": _points(_page(x), _page(y, SIDE / 2)),
        "what": "the whole sky, Aitoff projection, right ascension 12h in the middle",
    }


def aitoff(
    ra: NDArray[np.float64], dec: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the Aitoff projection about ra 180 deg: x in [-2, 2] to the left, y in [-1, 1]."""
    longitude, latitude = np.radians(180.0 - ra), np.radians(dec)
    away = np.arccos(np.cos(latitude) * np.cos(longitude / 2.0))
    factor = 1.0 / np.sinc(away / np.pi)
    x = 2.0 * np.cos(latitude) * np.sin(longitude / 2.0) * factor
    y = np.sin(latitude) * factor
    return x * 2.0 / np.pi, y * 2.0 / np.pi


def _field_map(ra: NDArray[np.float64], dec: NDArray[np.float64], spread: float) -> dict[str, Any]:
    centre_dec = (dec.min() + dec.max()) / 2.0
    east = _from_first(ra)
    middle = (east.min() + east.max()) / 2.0
    scale = 0.4 * SIDE / (spread / 2.0) / 1.2
    x = SIDE - (east - middle) * np.cos(np.radians(centre_dec)) * scale
    y = SIDE / 2 - (dec - centre_dec) * scale
    bar = 10.0 ** np.floor(np.log10(spread / 2.0))
    centre_ra = (ra[0] + middle) % 360.0
    return {
        "width": 2 * SIDE,
        "height": SIDE,
        "lines": [],
        "bar": f"20,{SIDE - 16:g} {20 + bar * scale:.1f},{SIDE - 16:g}",
        "labels": [{"x": 20, "y": SIDE - 22, "text": f"{bar:g} deg"}],
        "points": _points(list(x.round(1)), list(y.round(1))),
        "what": f"around {centre_ra:.3f} {centre_dec:+.3f} deg, north up, east left",
    }


def _from_first(ra: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ra less that of the first, in [-180, 180) deg, so that 359 and 1 are neighbours."""
    east: NDArray[np.float64] = (ra - ra[0] + 180.0) % 360.0 - 180.0
    return east


def _spread_deg(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> float:
    if not len(ra):
        return 360.0
    east = _from_first(ra) * np.cos(np.radians(dec.mean()))
    return float(max(np.ptp(east), np.ptp(dec)))


def _page(place: NDArray[np.float64], middle: float = SIDE) -> list[float]:
    """Return places on the page, leaving a margin; y grows downwards."""
    sign = 1.0 if middle == SIDE else -1.0
    return [round(float(middle + sign * one * SIDE * 0.48), 1) for one in place]


def _polyline(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    pairs = zip(_page(x), _page(y, SIDE / 2), strict=True)
    return " ".join(f"{one:g},{other:g}" for one, other in pairs)


def _points(x: list[float], y: list[float]) -> list[dict[str, float]]:
    return [{"x": float(one), "y": float(other)} for one, other in zip(x, y, strict=True)]
