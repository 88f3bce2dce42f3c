"""From the outputs of the pipeline to entries on the queue."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scope.base.constants import DMDT
from scope.base.params import read_params
from scope.models.shared.records import RECORDS
from scope.tables.parquet import write_table
from scope.tables.reading import read_table
from scope.tracking.entry import EXAMPLE_FILE, Entry, Run, make_entry, write_entry
from scope.tracking.queue import put
from scope.tracking.workspace import fetched_md5, main_tree, origin_tags

EXAMPLE_ROWS = 5
NOT_NUMBERS = (DMDT, "obj_id", "filter")


def this_run(models: Path, scaling: Path) -> Run:
    """Return what is common to the entries of the run of the pipeline in this folder."""
    tags = origin_tags()
    tags |= {f"data.{Path(path).stem}": md5 for path, md5 in fetched_md5().items()}
    # Under `dvc exp run --temp` the stages that were not run again have left none here.
    records = [RECORDS, main_tree() / RECORDS]
    return Run(read_params(), tags, records, models, scaling)


def collect(
    documents: Sequence[Mapping[str, Any]], run: Run, catalogue: Path, reports: Path, queue: Path
) -> dict[str, str]:
    """Put an entry a class on the queue; return the identity of each by its tag.

    Parameters
    ----------
    documents : of scope.evaluation.documents
    catalogue : table that an example of the models' input is taken from
    reports : holds <tag>/plots

    Raises
    ------
    DataError, ModelError : the outputs do not fit each other
    """
    table = read_table(catalogue)
    example = table.head(EXAMPLE_ROWS)
    whole = [str(name) for name in table if name not in NOT_NUMBERS and _is_whole(table[name])]
    identities = {}
    for document in documents:
        tag = document["tag"]
        entry = make_entry(document, run, whole)

        # entry is bound now: the name means the next one by the time of a later call.
        def fill(folder: Path, entry: Entry = entry) -> None:
            write_entry(entry, reports / entry.tag / "plots", run, folder)
            write_table(example, folder / EXAMPLE_FILE)

        put(queue, entry.identity, fill)
        identities[tag] = entry.identity
    return identities


def _is_whole(column: pd.Series) -> bool:
    values = column.to_numpy(np.float64, na_value=np.nan)
    known = values[np.isfinite(values)]
    return bool((known == np.round(known)).all())
