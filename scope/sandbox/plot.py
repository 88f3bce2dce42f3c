"""Light curves as the points of a drawing in a page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 720, 272  # of the drawing, of which the margins are left for axes and filters
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 24, 40
ZERO_POINT = 23.9
COLOURS = {"ztfg": "#1a7f37", "ztfr": "#c0392b", "ztfi": "#7d3c98"}


@dataclass(frozen=True)
class Plot:
    """What a page draws: points (x, y, colour), ticks (place, text) and what the axes are."""

    title: str
    x_label: str
    points: tuple[tuple[float, float, str], ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    filters: tuple[tuple[str, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bottom: int = HEIGHT - BOTTOM
    right: int = WIDTH - RIGHT
    top: int = TOP


def light_curve(points: Sequence[dict[str, Any]]) -> Plot:
    """Return magnitudes against time; a point has `mjd` [d], `flux` [uJy] and `filter`."""
    times = [float(one["mjd"]) for one in points]
    return _plot("Light curve", "MJD [d]", times, points)


def phased(points: Sequence[dict[str, Any]], period: float) -> Plot:
    """Return magnitudes against the phase of a period [d]."""
    phases = [float(one["mjd"]) / period % 1.0 for one in points]
    return _plot(f"Folded with {period:.8g} d", "phase", phases, points)


def _plot(title: str, label: str, x: Sequence[float], points: Sequence[dict[str, Any]]) -> Plot:
    # Only points of positive flux come here: others have no magnitude.
    mags = [ZERO_POINT - 2.5 * math.log10(float(one["flux"])) for one in points]
    x_low, x_high = _range(x)
    y_low, y_high = _range(mags)
    x_scale = (WIDTH - LEFT - RIGHT) / (x_high - x_low)
    y_scale = (HEIGHT - TOP - BOTTOM) / (y_high - y_low)

    def place(at: float) -> float:
        return round(LEFT + (at - x_low) * x_scale, 1)

    def depth(mag: float) -> float:  # bright is up
        return round(TOP + (mag - y_low) * y_scale, 1)

    drawn = [
        (place(at), depth(mag), COLOURS.get(one["filter"], "#555555"))
        for at, mag, one in zip(x, mags, points, strict=True)
    ]
    return Plot(
        title,
        label,
        tuple(drawn),
        tuple((place(at), f"{at:g}") for at in _ticks(x_low, x_high)),
        tuple((depth(mag), f"{mag:g}") for mag in _ticks(y_low, y_high)),
        tuple((one, COLOURS.get(one, "#555555")) for one in sorted({p["filter"] for p in points})),
    )


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    # One point, or all alike, still gets a range to stand in.
    margin = 0.03 * (high - low) or 0.5
    return low - margin, high + margin


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers between two, some five of them."""
    raw = (high - low) / 5.0
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(one * power for one in (1.0, 2.0, 5.0, 10.0) if one * power >= raw)
    first = math.ceil(low / step)
    return [round(number * step, 10) for number in range(first, math.floor(high / step) + 1)]
