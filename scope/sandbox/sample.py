"""Filling a sandbox from the project's own files: the sample, its features and scores."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from scope.lightcurves.curves import LightCurves
from scope.sandbox.documents import Catalogue, Documents
from scope.sandbox.photometry import flux_of
from scope.sandbox.store import Store, timestamp
from scope.sandbox.users import OWN_GROUP

LIGHT_CURVES = "ZTF_sources_20210401"
FEATURES = "ZTF_source_features_DR5"
SCORES = "ZTF_source_classifications_DR5"
EXPERT = 1  # user id of who classified the sources that are there from the start
SURE = 0.5  # a label above it counts as a classification

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Files:
    """Where the data are; a file or folder that is not there is left out.

    Attributes
    ----------
    sample : folder with training/ and catalogue/, each with objects.parquet, lightcurves.parquet
    features : table with `_id`, `ra`, `dec` and features
    scores : table with `_id`, `ra`, `dec` and scores
    """

    sample: Path = Path("data/sample")
    features: Path = Path("build/catalogue.parquet")
    scores: Path = Path("build/predictions.parquet")


def read_documents(files: Files) -> Documents:
    """Return what Kowalski has: light curves, features and scores, as far as there are files."""
    catalogues: dict[str, Catalogue] = {}
    for part in ("training", "catalogue"):
        if (files.sample / part / "objects.parquet").is_file():
            catalogues[f"{LIGHT_CURVES}/{part}"] = _light_curves(files.sample / part)
    if catalogues:
        both = _joined(list(catalogues.values()))
        catalogues = {LIGHT_CURVES: both}
    for name, path in ((FEATURES, files.features), (SCORES, files.scores)):
        if path.is_file():
            table = pd.read_parquet(path)
            catalogues[name] = Catalogue(table.drop(columns=["dmdt"], errors="ignore"))
    counts = {name: len(one.table) for name, one in catalogues.items()}
    logger.info("Kowalski has %s", counts or "no catalogues: there are no files for them")
    return Documents(catalogues)


def fill(store: Store, files: Files, n_sources: int, classes: Mapping[str, str]) -> int:
    """Save the first `n_sources` of the labelled sample as sources; return how many there are.

    Each with its light curves and, for each label that is in `classes` (label -> class of the
    Sitewide Taxonomy), the classification of an expert.
    """
    path = files.sample / "training"
    if not n_sources or not (path / "objects.parquet").is_file():
        return 0
    objects = pd.read_parquet(path / "objects.parquet")
    names = list(dict.fromkeys(objects["obj_id"].dropna()))[:n_sources]
    objects = objects[objects["obj_id"].isin(names)]
    points = pd.read_parquet(
        path / "lightcurves.parquet", filters=[("id", "in", objects["id"].tolist())]
    )
    taxonomy = store.one("SELECT id FROM taxonomies WHERE name = 'Sitewide Taxonomy'")
    assert taxonomy is not None
    with store.transaction():
        for name, rows in objects.groupby("obj_id", sort=False):
            _save(store, str(name), rows)
            for label, wanted in classes.items():
                if label in rows and rows[label].max() > SURE:
                    value = float(rows[label].max())
                    _classify(store, str(name), wanted, int(taxonomy["id"]), value)
        _photometry(store, objects, points)
    return len(names)


def _light_curves(folder: Path) -> Catalogue:
    objects = pd.read_parquet(folder / "objects.parquet").rename(columns={"id": "_id"})
    points = pd.read_parquet(folder / "lightcurves.parquet").sort_values(
        ["id", "mjd"], kind="stable"
    )
    columns = [one for one in ("_id", "ra", "dec", "filter", "field", "ccd") if one in objects]
    objects = objects[columns].sort_values("_id", ignore_index=True)
    points = points[points["id"].isin(objects["_id"])]
    # Points and objects are both sorted by id, so that the points of one are a slice.
    starts = np.searchsorted(points["id"].to_numpy(), objects["_id"].to_numpy())
    offsets = np.append(starts, len(points)).astype(np.int64)
    values = {name: points[name].to_numpy(np.float64) for name in ("mjd", "mag", "magerr")}
    curves = LightCurves(offsets, values["mjd"], values["mag"], values["magerr"])
    return Catalogue(objects, curves, points["catflags"].to_numpy(np.int16))


def _joined(parts: list[Catalogue]) -> Catalogue:
    curves = [one.curves for one in parts if one.curves is not None]
    flags = [one.flags for one in parts if one.flags is not None]
    starts = np.cumsum([0, *(len(one.time) for one in curves)])
    offsets = [one.offsets[:-1] + start for one, start in zip(curves, starts, strict=False)]
    return Catalogue(
        pd.concat([one.table for one in parts], ignore_index=True),
        LightCurves(
            np.append(np.concatenate(offsets), starts[-1]).astype(np.int64),
            np.concatenate([one.time for one in curves]),
            np.concatenate([one.mag for one in curves]),
            np.concatenate([one.magerr for one in curves]),
        ),
        np.concatenate(flags),
    )


def _save(store: Store, name: str, rows: pd.DataFrame) -> None:
    now = timestamp()
    ra, dec = float(rows["ra"].iloc[0]), float(rows["dec"].iloc[0])
    store.run(
        "INSERT OR IGNORE INTO sources VALUES (?, ?, ?, ?, ?, 'sample', NULL, NULL, NULL, ?, ?)",
        *(name, ra, dec, ra, dec, now, now),
    )
    store.run(
        "INSERT OR IGNORE INTO saves (obj_id, group_id, active, requested, saved_at, saved_by_id)"
        " VALUES (?, ?, 1, 0, ?, ?)",
        *(name, OWN_GROUP, now, EXPERT),
    )


def _classify(store: Store, name: str, wanted: str, taxonomy_id: int, value: float) -> None:
    now = timestamp()
    store.run(
        "INSERT INTO classifications (obj_id, classification, taxonomy_id, probability, ml, origin,"
        " author_id, groups, vote, label, created_at, modified)"
        " VALUES (?, ?, ?, ?, 0, NULL, ?, ?, 1, 1, ?, ?)",
        *(name, wanted, taxonomy_id, value, EXPERT, json.dumps([OWN_GROUP]), now, now),
    )


def _photometry(store: Store, objects: pd.DataFrame, points: pd.DataFrame) -> None:
    points = points[points["catflags"] == 0]
    named = points.merge(objects[["id", "obj_id", "ra", "dec"]], on="id")
    mags = named[["mag", "magerr"]].astype(np.float64).round(5).to_numpy()
    fluxes = [flux_of(mag, magerr) for mag, magerr in mags.tolist()]
    bands = ["ztf" + "gri"[number - 1] for number in named["filter"].tolist()]
    now = timestamp()
    columns = [named[name].tolist() for name in ("obj_id", "mjd", "ra", "dec")]
    rows = [
        (obj_id, "None", mjd, *flux, band, ra, dec, now)
        for obj_id, mjd, ra, dec, flux, band in zip(*columns, fluxes, bands, strict=True)
    ]
    store.run_many(
        "INSERT OR IGNORE INTO photometry (obj_id, instrument_id, origin, mjd, flux, fluxerr,"
        " filter, limiting_mag, ra, dec, created_at) VALUES (?, 1, ?, ?, ?, ?, ?, 23.9, ?, ?, ?)",
        rows,
    )
    store.run(
        "INSERT OR IGNORE INTO photometry_groups SELECT id, ? FROM photometry WHERE created_at = ?",
        *(OWN_GROUP, now),
    )
