"""What the pipeline's own tables add to the scores: known sources, feature statistics."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from scope.base.constants import TEST
from scope.base.errors import DataError
from scope.models.shared.scaled import open_scaled
from scope.tables.reading import column_names, read_table

KNOWN_COLUMNS = ("_id", "obj_id", "ra", "dec")


def known_sources(training: Path, scaled: Path | None = None) -> pd.DataFrame:
    """Return `_id`, `obj_id` (where there is one), `ra`, `dec` of the light curves already known.

    Parameters
    ----------
    training : table of the labelled light curves
    scaled : folder of scaled arrays; where given, its test split does not count as known

    Raises
    ------
    DataError : the table or the folder cannot be read, or they hold other light curves
    """
    present = column_names(training)
    wanted = [name for name in KNOWN_COLUMNS if name != "obj_id" or name in present]
    known = read_table(training, wanted)
    if scaled is None:
        return known
    data = open_scaled(scaled)
    if not np.array_equal(np.sort(data.ids), np.sort(known["_id"].to_numpy())):
        raise DataError(f"{scaled} and {training} hold other light curves; rerun scale")
    # No model has learnt from the test split, so a disagreement there is news.
    learned = data.ids[data.split != TEST]
    return known[known["_id"].isin(learned)].reset_index(drop=True)


def features_of(
    catalogue: Path, feature_sets: Mapping[str, list[str]], scores: pd.DataFrame
) -> pd.DataFrame:
    """Return the features of the scored light curves, in the rows and with the index of `scores`.

    Those of all feature sets, in their order, that are not among the columns of `scores`.

    Raises
    ------
    DataError : light curves of `scores` are missing from the catalogue, or a feature is
    """
    names = dict.fromkeys(name for names in feature_sets.values() for name in names)
    wanted = [name for name in names if name not in scores]
    # Only the columns that are wanted: the catalogue holds a histogram a row, too.
    table = read_table(catalogue, ["_id", *wanted]).drop_duplicates("_id").set_index("_id")
    missing = scores["_id"][~scores["_id"].isin(table.index)]
    if len(missing):
        raise DataError(
            f"{catalogue}: {len(missing)} scored light curves are not in it, first _id "
            f"{missing.iloc[0]}; rerun predict"
        )
    return table.reindex(scores["_id"]).set_index(scores.index)
