"""Where the light curves of a source that is created come from: a file, or Kowalski."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

import numpy as np

from scope.base.errors import DataError
from scope.fritz import FritzClient
from scope.fritz.errors import FritzNotFoundError
from scope.fritz.kowalski import KowalskiClient
from scope.fritz.uploads.operations import Place
from scope.fritz.uploads.photometry import Curve, filter_name
from scope.lightcurves.long_form import read_lightcurves

logger = logging.getLogger(__name__)


class CurveSource(ABC):
    """Light curves of the places of an upload."""

    @abstractmethod
    def curves(self, place: Place) -> list[Curve]:
        """Return the light curves of a place; none where none are known."""

    def is_sent_by_archive(self, client: FritzClient, place: Place, group_ids: list[int]) -> bool:
        """Let Fritz take a source's light curves from its own archive, where it has one.

        Returns whether it did; if not, they are to be sent as photometry.
        """
        return False


class FileCurves(CurveSource):
    """The light curves of a file in long form, by their ids; flagged points are left out."""

    def __init__(self, path: Path, light_curves: Iterable[int]) -> None:
        """Read those of the ids `light_curves`.

        Raises
        ------
        DataError : the file cannot be read or has no column `filter`
        """
        # Rising, so that a curve's number is its place among the ids.
        ids = np.unique(np.array(sorted(set(light_curves)), dtype=np.int64))
        read = read_lightcurves(path, ids, {})
        if read.filters is None:
            raise DataError(f"{path}: no column 'filter'; Fritz wants one with each point")
        lengths = read.curves.lengths()
        filters = iter(read.filters)
        self._filters = {
            int(light_curve): next(filters)
            for light_curve, n_points in zip(ids.tolist(), lengths.tolist(), strict=True)
            if n_points
        }
        self._place = {int(light_curve): number for number, light_curve in enumerate(ids)}
        self._curves = read.curves

    def curves(self, place: Place) -> list[Curve]:
        """Return those light curves of a place that the file has."""
        return [
            Curve(
                light_curve,
                filter_name(self._filters[light_curve], light_curve),
                self._curves[self._place[light_curve]],
            )
            for light_curve in place.light_curves
            if light_curve in self._filters
        ]


class KowalskiCurves(CurveSource):
    """The light curves of Kowalski's latest ZTF_sources catalogue within a radius of a place."""

    def __init__(self, kowalski: KowalskiClient, radius_arcsec: float) -> None:
        self._kowalski = kowalski
        self._radius = radius_arcsec
        self._catalogue = kowalski.latest("ZTF_sources_")
        # Asked for with the first new source: an upload without any needs no answer.
        self._has_archive: bool | None = None
        self._lock = Lock()

    def curves(self, place: Place) -> list[Curve]:
        """Return the light curves of a place."""
        near = self._kowalski.light_curves_near(
            self._catalogue, {place.name: (place.ra, place.dec)}, self._radius
        )
        return [
            Curve(one.light_curve, filter_name(one.filter, one.light_curve), one.points)
            for one in near[place.name]
        ]

    def is_sent_by_archive(self, client: FritzClient, place: Place, group_ids: list[int]) -> bool:
        """Let Fritz take the light curves from its archive; False where it has none (any more)."""
        if not self._archive_is_there(client):
            return False
        ids = [one.light_curve for one in self.curves(place)]
        if ids:
            client.archive_source(ids, self._catalogue, group_ids, obj_id=place.name)
        return bool(ids)

    def _archive_is_there(self, client: FritzClient) -> bool:
        with self._lock:
            if self._has_archive is None:
                try:
                    self._has_archive = self._catalogue in client.archive_catalogues()
                except FritzNotFoundError as error:
                    logger.info("%s; light curves are sent as photometry", error)
                    self._has_archive = False
            return self._has_archive
