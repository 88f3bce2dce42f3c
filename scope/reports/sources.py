"""The sources to look at as the page shows them: scores, light curves, dm-dt, what drives them."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.models.trees.boosting import load
from scope.disagreements.candidates import Candidate, is_missing, links
from scope.models.shared.cards import read_card
from scope.data.sky import sexagesimal
from scope.models.trees.explain import contributions
from scope.lightcurves.curves import LightCurve
from scope.data.scaling import Scaling
from scope.lightcurves.long_form import Photometry, read_lightcurves
from scope.tables.histograms import dmdt_of

MAX_POINTS = 400  # of a light curve that are kept
MAX_BYTES = (
    16_000_000  # of all light curves in the page; those of sources further down are left out
)
N_REASONS = 8
TIME_STEP = 1e-5  # d, a second
MAG_STEP = 1e-3  # mag
LONGEST = np.iinfo(np.int16).max


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


def explain(
    found: pd.DataFrame, catalogue: Catalogue, models: Path, scaling: Scaling
) -> dict[tuple[int, str], list[tuple[str, float, float | None]]]:
    """Return what drives the XGBoost score of each disagreement, by `_id` and tag.

    Name, contribution to the log-odds and value (None where it is missing or a summary of the
    dm-dt histogram) of the inputs that count most, the greatest first.
    """
    reasons = {}
    for tag, rows in found.groupby("tag"):
        folder = models / str(tag) / "xgb"
        card = read_card(folder)
        ids = rows["_id"].drop_duplicates().tolist()
        frame = catalogue.table.iloc[[catalogue.place[one] for one in ids]]
        position = {name: number for number, name in enumerate(scaling.names)}
        scaled = scaling.apply(frame)[:, [position[name] for name in card.features]]
        trees = [load(folder / name) for name in card.files]
        names, shares = contributions(trees, scaled, dmdt_of(frame))
        for number, one in enumerate(ids):
            row = shares[number, :-1]
            first = np.argsort(-np.abs(row), kind="stable")[:N_REASONS]
            reasons[one, str(tag)] = [
                (names[i], round(float(row[i]), 3), _value(frame, number, names[i])) for i in first
            ]
    return reasons


def cards(
    candidates: Sequence[Candidate],
    catalogue: Catalogue,
    reasons: Mapping[tuple[int, str], list[tuple[str, float, float | None]]],
    uploaded: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Return what the page shows of each source; `uploaded` is that of the receipt of push."""
    shown, spent = [], 0
    for one in candidates:
        ids = list(dict.fromkeys(int(row["_id"]) for row in one.rows))
        curves = [_curve(catalogue, light_curve) for light_curve in ids]
        size = sum(len(curve.get("points", "")) for curve in curves)
        fits = spent + size <= MAX_BYTES
        spent += size if fits else 0
        ra, dec = sexagesimal(one.ra, one.dec)
        fate = uploaded.get(one.name) or {}
        first = one.rows[0]
        shown.append(
            {
                "name": one.name,
                "ra": ra,
                "dec": dec,
                "degrees": [round(one.ra, 6), round(one.dec, 6)],
                "period": None if is_missing(first["period"]) else float(f"{first['period']:.9g}"),
                "gap": round(one.largest_gap(), 3),
                "rows": [_row(row, reasons) for row in one.rows],
                "curves": curves if fits else [],
                "left_out": not fits,
                "links": links(one, fate.get("page")),
            }
        )
    return shown


def packed(curve: LightCurve) -> dict[str, Any]:
    """Return a light curve as text: whole numbers of 1e-5 d and 1e-3 mag from the first point.

    `points` is base64 of all times (int32), then all magnitudes and errors (int16), little-endian.
    Of many points every so manieth is kept.
    """
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
    text = base64.b64encode(b"".join(one.tobytes() for one in values)).decode("ascii")
    return {"n": len(order), "all": len(curve.time), "epoch": epoch, "zero": zero, "points": text}


def _curve(catalogue: Catalogue, light_curve: int) -> dict[str, Any]:
    place = catalogue.place[light_curve]
    row = catalogue.table.iloc[[place]]
    histogram = dmdt_of(row)[0]
    levels = np.round(255.0 * histogram / (histogram.max() or 1.0)).astype(np.uint8)
    shown: dict[str, Any] = {
        "id": str(light_curve),
        "dmdt": base64.b64encode(levels.tobytes()).decode("ascii"),
    }
    if "filter" in row and not is_missing(row["filter"].iloc[0]):
        shown["filter"] = str(row["filter"].iloc[0])
    if catalogue.curves is not None:
        points = catalogue.curves.curves[place]
        finite = np.isfinite(points.time) & np.isfinite(points.mag) & np.isfinite(points.magerr)
        if finite.any():
            shown |= packed(
                LightCurve(points.time[finite], points.mag[finite], points.magerr[finite])
            )
    return shown


def _row(row: Mapping[str, Any], reasons: Mapping[tuple[int, str], Any]) -> dict[str, Any]:
    shown = {
        "id": str(row["_id"]),
        "tag": row["tag"],
        "sure": row["sure"],
        "reasons": reasons.get((int(row["_id"]), row["tag"]), []),
    }
    for name in ("dnn", "xgb", "dnn_std", "xgb_std"):
        if name in row and not is_missing(row[name]):
            shown[name] = round(float(row[name]), 3)
    return shown


def _value(frame: pd.DataFrame, number: int, name: str) -> float | None:
    if name not in frame:
        return None
    value = frame[name].iloc[number]
    return None if is_missing(value) or not np.isfinite(value) else float(f"{float(value):.4g}")
