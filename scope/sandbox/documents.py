"""The catalogues of Kowalski: tables searched with the filters of MongoDB, as far as needed."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.base.constants import MJD_OF_JD
from scope.data.sky import unit_vectors
from scope.lightcurves.curves import LightCurves

Mask = NDArray[np.bool_]
COMPARISONS: Mapping[str, Callable[[pd.Series, Any], Any]] = {
    "$eq": lambda column, value: column == value,
    "$ne": lambda column, value: column != value,
    "$gt": lambda column, value: column > value,
    "$gte": lambda column, value: column >= value,
    "$lt": lambda column, value: column < value,
    "$lte": lambda column, value: column <= value,
    "$in": lambda column, value: column.isin(value),
    "$nin": lambda column, value: ~column.isin(value),
    "$exists": lambda column, value: column.notna() == bool(value),
}


@dataclass(frozen=True)
class Catalogue:
    """A table with `_id` and maybe `ra`, `dec` [deg]; its light curves are in the same order."""

    table: pd.DataFrame
    curves: LightCurves | None = None
    flags: NDArray[np.int16] | None = None

    def select(self, condition: Mapping[str, Any]) -> NDArray[np.intp]:
        """Return the rows that a filter holds for; ValueError for an operator not known here."""
        return np.flatnonzero(self._mask(condition))

    def near(self, ra: float, dec: float, radius_deg: float) -> NDArray[np.intp]:
        """Return the rows within a radius, the nearest first."""
        if "ra" not in self.table or self.table.empty:
            return np.empty(0, dtype=np.intp)
        places = unit_vectors(
            self.table["ra"].to_numpy(np.float64), self.table["dec"].to_numpy(np.float64)
        )
        chords = np.linalg.norm(places - unit_vectors(np.array([ra]), np.array([dec])), axis=1)
        # Chords rank as angles do, and need no arccos, which has no digits left near zero.
        limit = 2.0 * math.sin(math.radians(min(radius_deg, 180.0)) / 2.0)
        return np.argsort(chords, kind="stable")[: int((chords <= limit).sum())]

    def documents(
        self, rows: NDArray[np.intp], projection: Mapping[str, Any] | None
    ) -> Iterator[dict[str, Any]]:
        """Yield rows as documents, with the fields that are wanted."""
        wanted = {name for name, keep in (projection or {}).items() if keep}
        unwanted = {name for name, keep in (projection or {}).items() if not keep}
        # MongoDB gives _id with every projection that does not exclude it.
        wanted |= {"_id"} - unwanted if wanted else set()
        for row, values in zip(rows, self.table.iloc[rows].to_dict("records"), strict=True):
            document = {str(name): value for name, value in values.items() if not _is_none(value)}
            if self.curves is not None and (not wanted or "data" in wanted):
                document["data"] = self._points(int(row), document)
            yield {
                name: value
                for name, value in document.items()
                if (not wanted or name in wanted) and name not in unwanted
            }

    def _points(self, row: int, document: Mapping[str, Any]) -> list[dict[str, Any]]:
        assert self.curves is not None
        curve = self.curves[row]
        start = int(self.curves.offsets[row])
        flags = [0] * len(curve.time) if self.flags is None else self.flags[start:].tolist()
        place = {name: document.get(name) for name in ("ra", "dec")}
        return [
            {
                # The sample has MJD, ZTF's source catalogues on Kowalski HJD.
                "hjd": float(time) + MJD_OF_JD,
                "mag": round(float(mag), 5),
                "magerr": round(float(magerr), 5),
                "programid": 1,
                "catflags": int(flag),
                **place,
            }
            for time, mag, magerr, flag in zip(
                curve.time, curve.mag, curve.magerr, flags[: len(curve.time)], strict=True
            )
        ]

    def _mask(self, condition: Mapping[str, Any]) -> Mask:
        mask: Mask = np.ones(len(self.table), dtype=bool)
        for name, wanted in condition.items():
            if name == "$and":
                mask &= np.logical_and.reduce([self._mask(one) for one in wanted])
            elif name == "$or":
                mask &= np.logical_or.reduce([self._mask(one) for one in wanted])
            else:
                mask &= self._compared(name, wanted)
        return mask

    def _compared(self, name: str, wanted: Any) -> Mask:
        tests = wanted if isinstance(wanted, Mapping) else {"$eq": wanted}
        mask: Mask = np.ones(len(self.table), dtype=bool)
        for operator, value in tests.items():
            if operator not in COMPARISONS:
                raise ValueError(f"unknown operator: {operator}")
            if name not in self.table:
                # A field that no document has: every comparison fails, only `does not exist` holds.
                mask &= operator == "$exists" and not value
            else:
                mask &= np.asarray(COMPARISONS[operator](self.table[name], value), dtype=bool)
        return mask


@dataclass(frozen=True)
class Documents:
    """All catalogues by name."""

    catalogues: Mapping[str, Catalogue]

    def named(self, name: str) -> Catalogue:
        """Return a catalogue; one that there is not is empty, as in MongoDB."""
        return self.catalogues.get(name, Catalogue(pd.DataFrame({"_id": []})))


def _is_none(value: Any) -> bool:
    return value is None or value is pd.NA
