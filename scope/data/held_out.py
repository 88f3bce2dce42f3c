"""The catalogue of a data set that has none: what no model has seen of its training table."""

import logging
from collections.abc import Sequence

import pandas as pd

from scope.base.constants import TEST
from scope.base.errors import DataError
from scope.config.split import SplitParams
from scope.data.splits import label_columns, split_table

logger = logging.getLogger(__name__)


def held_out(
    training: pd.DataFrame, labels: Sequence[str], split: SplitParams, seed: int
) -> pd.DataFrame:
    """Return the rows of the training table in its test split, as the stage scale splits it.

    `labels` as of scope.data.splits.label_columns. DataError where no row is in the test split.
    """
    parts = split_table(training, label_columns(training, labels), split, seed)
    table: pd.DataFrame = training.loc[parts == TEST].reset_index(drop=True)
    if table.empty:
        raise DataError(
            f"none of {len(training)} light curves is in the test split, which serves as the "
            "catalogue; raise split.test_size, or name files in dataset.catalogue"
        )
    logger.info("the catalogue is the test split, %d of %d light curves", len(table), len(training))
    return table
