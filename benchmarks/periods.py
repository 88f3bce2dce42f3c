"""How many periods of real stars the search recovers, and how long it takes.

Reads the Catalina Southern variables from the folder named by SCOPE_DATA (crts/objects.parquet and
crts/lightcurves.parquet) and compares the periods found with those of the catalogue.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.config.features import DmdtParams, FeatureParams
from scope.features.extract import Extracted, extract
from scope.lightcurves.curves import LightCurves

VERDICTS = ("exact", "half", "double", "none")
TOLERANCE = 0.01


def load(folder: Path, n_stars: int, seed: int) -> tuple[pd.DataFrame, LightCurves]:
    """Return stars, drawn at random if fewer than all are asked for, and their light curves."""
    stars = pd.read_parquet(folder / "objects.parquet").drop_duplicates("id")
    if n_stars and n_stars < len(stars):
        stars = stars.sample(n=n_stars, random_state=seed)
    points = pd.read_parquet(folder / "lightcurves.parquet")
    points = points[points["id"].isin(stars["id"])].sort_values("id", kind="stable")
    ids, counts = np.unique(points["id"].to_numpy(), return_counts=True)
    columns = [points[name].to_numpy(np.float64) for name in ("mjd", "mag", "magerr")]
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return stars.set_index("id").loc[ids].reset_index(), LightCurves(offsets, *columns)


def verdicts(found: NDArray[np.float64], catalogue: NDArray[np.float64]) -> NDArray[np.str_]:
    """Return exact, half, double or none for each period, to 1 %."""
    ratio = found / catalogue
    near = [np.abs(ratio / factor - 1.0) < TOLERANCE for factor in (1.0, 0.5, 2.0)]
    return np.select(near, VERDICTS[:3], VERDICTS[3])


def shares(classes: pd.Series, verdict: NDArray[np.str_]) -> pd.DataFrame:
    """Return the share of each verdict, by class and over all."""
    table = pd.crosstab(classes, verdict, normalize="index", margins=True, margins_name="all")
    table = table.reindex(columns=list(VERDICTS), fill_value=0.0)
    table["recovered"] = 1.0 - table["none"]
    return table.assign(stars=classes.value_counts().reindex(table.index, fill_value=len(classes)))


def run(
    stars: pd.DataFrame, curves: LightCurves, dmdt: DmdtParams, workers: int
) -> tuple[Extracted, str]:
    """Return the features and the report."""
    started = time.monotonic()
    extracted = extract(curves, FeatureParams(dmdt=dmdt), workers=workers)
    seconds = time.monotonic() - started
    kept = stars.iloc[extracted.table["curve"].to_numpy()]
    verdict = verdicts(extracted.table["period"].to_numpy(), kept["period"].to_numpy())
    pace = 1e3 * seconds * (workers or os.cpu_count() or 1) / len(curves)
    return extracted, (
        f"{shares(kept['class'], verdict).round(3).to_string()}\n"
        f"{len(extracted.dropped)} of {len(curves)} stars dropped\n"
        f"{seconds:.0f} s, {pace:.1f} ms a star and core"
    )


def main() -> None:
    """Print the shares recovered and the time taken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stars", type=int, default=0, help="stars drawn at random; 0 = all")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--workers", type=int, default=0, help="processes; 0 = all cores")
    arguments = parser.parse_args()
    folder = Path(os.environ.get("SCOPE_DATA", "../shared/data")) / "crts"
    stars, curves = load(folder, arguments.stars, arguments.seed)
    edges = DmdtParams(dm_edges=[-8.0, 0.0, 8.0], dt_edges=[0.0, 1.0, 2000.0])
    print(run(stars, curves, edges, arguments.workers)[1])


if __name__ == "__main__":
    main()
