"""Kowalski, where it still answers (the instance gloria): scores, features and light curves."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from requests import RequestException

from scope.base.constants import MJD_OF_JD
from scope.fritz.errors import KowalskiError
from scope.lightcurves.curves import LightCurve

INSTANCE = "gloria"
TIMEOUT = 60.0  # [s]; penquins' own 5 s are less than a query of many ids takes
IDS_AT_ONCE = 2000  # of a body of at most 1 MiB, which holds some 60,000
PUBLIC = 1  # programid of ZTF's public survey; the others are for those who may see their streams
ADVICE = "give its data as files: --scores, --features, --light-curves"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CatalogueCurve:
    """One light curve of a ZTF_sources catalogue, flagged and non-public points left out.

    Attributes
    ----------
    light_curve : its id
    ra, dec : [deg]
    filter : 1 (g), 2 (r) or 3 (i)
    points : time is HJD less 2,400,000.5 [d], as Fritz's own archive had it
    """

    light_curve: int
    ra: float
    dec: float
    filter: int
    points: LightCurve


class KowalskiClient:
    """A connection to one Kowalski, the "gloria object". Use as a context manager."""

    def __init__(self, url: str, token: str, *, timeout: float = TIMEOUT, retries: int = 3) -> None:
        """Connect and ask which catalogues there are.

        Raises
        ------
        KowalskiError : the host does not answer, or refuses the token
        """
        # Optional to a run, and slow to load.
        from penquins import Kowalski

        self.url = url.rstrip("/")
        self._token = token
        self._max_time_ms = max(int(1000.0 * timeout), 1)  # no work for one who has given up
        parts = urlsplit(self.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        # Named as an instance: Kowalski(token=...) alone would go to kowalski.caltech.edu.
        where = {"protocol": parts.scheme, "host": parts.hostname, "port": port, "token": token}
        try:
            self._gloria = Kowalski(
                instances={INSTANCE: where}, timeout=timeout, max_retries=retries
            )
        except ValueError as error:  # what penquins makes of every failure to connect
            raise self._error(f"cannot be reached ({error})") from None
        self.catalogues: list[str] = list(self._gloria.instances[INSTANCE]["catalogs"])
        # penquins takes a refused token for a server without catalogues; only a ping tells.
        if not self.catalogues and not self._gloria.ping(INSTANCE):
            self.close()
            raise self._error("refuses the token; renew KOWALSKI_TOKEN")

    def __enter__(self) -> "KowalskiClient":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._gloria.close_all()

    def latest(self, prefix: str) -> str:
        """Return the last by name of the catalogues whose name starts with `prefix`.

        Raises
        ------
        KowalskiError : there is none
        """
        found = sorted(name for name in self.catalogues if name.startswith(prefix))
        if not found:
            raise self._error(
                f"has no catalogue {prefix}... among {', '.join(self.catalogues) or 'none'}"
            )
        return found[-1]

    def disagreeing(
        self, catalogue: str, tags: Sequence[str], high: float, low: float
    ) -> list[dict[str, Any]]:
        """Return the light curves of which one algorithm is sure (> high) and one denies (<= low).

        Each with `_id`, `ra`, `dec` [deg], `period` [d], field, ccd, quad, filter and the scores
        `<tag>_dnn`, `<tag>_xgb` of the tags, as far as the catalogue has them.
        """
        sure = [
            {f"{tag}_{one}": {"$gt": high}, f"{tag}_{other}": {"$lte": low}}
            for tag in tags
            for one, other in (("dnn", "xgb"), ("xgb", "dnn"))
        ]
        names = ["ra", "dec", "period", "field", "ccd", "quad", "filter"]
        names += [f"{tag}_{one}" for tag in tags for one in ("dnn", "xgb")]
        return self._find(catalogue, {"$or": sure}, ["_id", *names])

    def features(
        self, catalogue: str, ids: Sequence[int], names: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Return the feature statistics `names` of light curves, those that are there, by `_id`."""
        return [
            document
            for batch in _batches(ids)
            for document in self._find(catalogue, {"_id": {"$in": batch}}, ["_id", *names])
        ]

    def light_curves(self, catalogue: str, ids: Sequence[int]) -> list[CatalogueCurve]:
        """Return the light curves of these ids, those that are there."""
        return [
            _curve(document)
            for batch in _batches(ids)
            for document in self._find(catalogue, {"_id": {"$in": batch}}, None)
        ]

    def light_curves_near(
        self, catalogue: str, places: dict[str, tuple[float, float]], radius_arcsec: float
    ) -> dict[str, list[CatalogueCurve]]:
        """Return, for each name of a place (ra, dec [deg]), the light curves within the radius."""
        # Kowalski turns the dots in names, which sources have, into underscores.
        names = {f"place_{number}": name for number, name in enumerate(places)}
        radec = {key: [float(one) for one in places[name]] for key, name in names.items()}
        answer = self._query(
            {
                "query_type": "cone_search",
                "query": {
                    "object_coordinates": {
                        "cone_search_radius": radius_arcsec,
                        "cone_search_unit": "arcsec",
                        "radec": radec,
                    },
                    "catalogs": {catalogue: {"filter": {}, "projection": {}}},
                },
            }
        )
        found = (answer or {}).get(catalogue, {})
        return {
            name: [_curve(document) for document in found.get(key, [])]
            for key, name in names.items()
        }

    def _find(
        self, catalogue: str, condition: dict[str, Any], names: Sequence[str] | None
    ) -> list[dict[str, Any]]:
        query: dict[str, Any] = {"catalog": catalogue, "filter": condition}
        if names is not None:
            query["projection"] = dict.fromkeys(names, 1)
        # One query at a time: a batch in penquins comes back in another order, with nothing to tell
        # which is which.
        answer: list[dict[str, Any]] = self._query({"query_type": "find", "query": query}) or []
        return answer

    def _query(self, query: dict[str, Any]) -> Any:
        """Return the data of an answer; penquins hands the server's errors back as values."""
        query = {**query, "kwargs": {"max_time_ms": self._max_time_ms}}
        try:
            answer = self._gloria.query(query, name=INSTANCE)
        except RequestException as error:
            raise self._error(f"does not answer ({error})") from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            # Among them no JSON in an answer (413 is plain text) and a catalogue that penquins does
            # not know.
            raise self._error(f"gave no answer to a query ({error})") from None
        content = answer.get(INSTANCE) if isinstance(answer, dict) else None
        if not isinstance(content, dict) or content.get("status") != "success":
            said = content.get("message") if isinstance(content, dict) else answer
            raise self._error(f"refused a query: {said}")
        return content.get("data")

    def _error(self, what: str) -> KowalskiError:
        # Raised without its cause, whose message may hold the token, too.
        text = what.replace(self._token, "<token>") if self._token else what
        return KowalskiError(f"Kowalski at {self.url} {text[:500]}; {ADVICE}")


def _batches(ids: Sequence[int]) -> Iterator[list[int]]:
    whole = [int(one) for one in ids]  # NumPy's whole numbers are none of JSON's
    for start in range(0, len(whole), IDS_AT_ONCE):
        yield whole[start : start + IDS_AT_ONCE]


def _curve(document: dict[str, Any]) -> CatalogueCurve:
    points = [
        point
        for point in document.get("data") or []
        if not point.get("catflags") and point.get("programid", PUBLIC) == PUBLIC
    ]
    time, mag, magerr = (
        np.array([point.get(name, np.nan) for point in points], dtype=np.float64)
        for name in ("hjd", "mag", "magerr")
    )
    return CatalogueCurve(
        int(document["_id"]),
        float(document["ra"]),
        float(document["dec"]),
        int(document["filter"]),
        LightCurve(time - MJD_OF_JD, mag, magerr),
    )
