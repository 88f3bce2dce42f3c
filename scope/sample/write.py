"""The sample as Parquet files that come out the same to the byte wherever they are written."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scope.sample.labels import LABELS
from scope.sample.population import Source
from scope.sample.variation import Band

ROWS_PER_GROUP = 1 << 20
DICTIONARY_BYTES = 16 << 20  # mjd, mag and magerr repeat: a dictionary halves the file


def _light_curves(sources: Sequence[Source]) -> list[tuple[Source, Band]]:
    return [(one, band) for one in sources for band in Band if len(one.curves[band].mjd)]


def light_curve_table(sources: Sequence[Source]) -> pa.Table:
    """Return all points in long form; mjd in days, mag and magerr in mag, filter 1 = g, 2 = r."""
    curves = _light_curves(sources)
    points = [source.curves[band] for source, band in curves]
    lengths = [len(one.mjd) for one in points]
    ids = np.array([source.curve_id(band) for source, band in curves], dtype=np.int64)
    bands = np.array([band for _, band in curves], dtype=np.int8)
    return pa.table(
        {
            "id": np.repeat(ids, lengths),
            "mjd": np.concatenate([one.mjd for one in points]),
            "mag": np.concatenate([one.mag for one in points]).astype(np.float32),
            "magerr": np.concatenate([one.magerr for one in points]).astype(np.float32),
            "filter": np.repeat(bands, lengths),
            "catflags": np.concatenate([one.catflags for one in points]),
        }
    )


def object_table(sources: Sequence[Source], *, labels: bool) -> pa.Table:
    """Return one row a light curve: ids, position [deg], detector, catalogue values, labels."""
    curves = _light_curves(sources)
    columns: dict[str, pa.Array] = {
        "id": pa.array([source.curve_id(band) for source, band in curves], pa.int64()),
        "obj_id": pa.array([source.name() for source, _ in curves], pa.string()),
        "ra": pa.array([source.place.ra for source, _ in curves], pa.float64()),
        "dec": pa.array([source.place.dec for source, _ in curves], pa.float64()),
        "filter": pa.array([int(band) for _, band in curves], pa.int8()),
        "field": pa.array([source.place.field for source, _ in curves], pa.int16()),
        "ccd": pa.array([source.place.ccd for source, _ in curves], pa.int8()),
        "quad": pa.array([source.place.quad for source, _ in curves], pa.int8()),
        "n_ztf_alerts": pa.array(
            [int(source.catalogue["n_ztf_alerts"]) for source, _ in curves], pa.int32()
        ),
    }
    for name in curves[0][0].catalogue:
        if name not in columns:
            values = [source.catalogue[name] for source, _ in curves]
            columns[name] = pa.array(values, pa.float64())
    if labels:
        for label in LABELS:
            columns[label] = pa.array([source.labels[label] for source, _ in curves], pa.float64())
    return pa.table(columns)


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table with fixed row groups, compression and encodings."""
    pq.write_table(
        table,
        path,
        row_group_size=ROWS_PER_GROUP,
        compression="zstd",
        compression_level=9,
        use_dictionary=True,
        dictionary_pagesize_limit=DICTIONARY_BYTES,
    )


def write_set(sources: Sequence[Source], folder: Path, *, labels: bool) -> None:
    """Write objects.parquet and lightcurves.parquet of one set of sources into a new folder."""
    folder.mkdir()
    write_table(object_table(sources, labels=labels), folder / "objects.parquet")
    write_table(light_curve_table(sources), folder / "lightcurves.parquet")
