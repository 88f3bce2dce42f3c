"""Scores of a catalogue by every trained model, in one process and in flat memory."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from scope.base.constants import ALGORITHMS, DMDT
from scope.base.errors import DataError, ModelError
from scope.base.files import atomic_path
from scope.data.scaling import Scaling
from scope.models.networks import training as networks
from scope.models.shared.algorithm import Algorithm
from scope.models.shared.calibration import Calibration
from scope.models.shared.cards import Card, file_digest, read_card
from scope.models.trees import boosting
from scope.tables.histograms import dmdt_of
from scope.tables.reading import column_names

MODULES: dict[str, Algorithm] = dict(zip(ALGORITHMS, (networks, boosting), strict=True))
CARRIED = ("_id", "obj_id", "ra", "dec", "period", "field", "ccd", "quad", "filter")
# Column of a class TAG and what it holds; the columns of CARRIED are those of the catalogue.
SCORES = {
    "TAG_dnn": "score of ScopeNet, the mean over the random states of the calibrated scores",
    "TAG_xgb": "score of XGBoost, likewise",
    "TAG_dnn_std, TAG_xgb_std": "standard deviation of the score over the random states; there "
    "where they are several",
    "TAG_dnn_raw, TAG_xgb_raw": "mean of the scores before calibration; there where one of them is "
    "calibrated",
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Classifier:
    """The models of one class and algorithm, a model a seed: the score is their mean.

    `column` is the name of the score, such as `rrlyr_dnn`; `calibrations` are those of the models.
    """

    column: str
    card: Card
    algorithm: Algorithm
    models: list[Any]
    calibrations: list[Calibration]


@dataclass(frozen=True)
class Work:
    """Rows of the catalogue in memory at once (3 kB each) and threads."""

    rows_at_once: int
    threads: int


def load_classifiers(folder: Path, tags: Sequence[str], scaling: Path) -> list[Classifier]:
    """Return the networks of every class, then the trees, in the order of `tags`.

    Parameters
    ----------
    folder : holds `<tag>/dnn` and `<tag>/xgb`
    scaling : file of the feature scaling that the catalogue is to be brought to

    Raises
    ------
    ModelError : a model is missing, damaged or trained on another scaling
    """
    digest = file_digest(scaling)
    return [
        _load(folder / tag / name, f"{tag}_{name}", digest) for name in ALGORITHMS for tag in tags
    ]


def predict_catalogue(
    catalogue: Path,
    classifiers: Sequence[Classifier],
    scaling: Scaling,
    out: Path,
    work: Work,
) -> None:
    """Score each row of a Parquet catalogue.

    Parameters
    ----------
    scaling : as the classifiers were trained on
    out : what the catalogue has of `CARRIED`, a score (float32) a classifier and, where there are
        several seeds, `<column>_std`, the standard deviation of their scores; where scores are
        calibrated, `<column>_raw`, the score before
    work : how it is done; changes nothing in the scores

    Raises
    ------
    DataError : the catalogue cannot be read, has no rows or lacks a column
    ModelError : a classifier uses a feature that is not scaled
    """
    present = column_names(catalogue)
    used = used_scaling(scaling, classifiers)
    _check_columns(present, classifiers, catalogue)
    carried = [name for name in CARRIED if name in present]
    columns = list(dict.fromkeys([*carried, *used.names, DMDT]))
    writer: pq.ParquetWriter | None = None
    with atomic_path(out) as temporary:
        try:
            for rows in _chunks(catalogue, columns, work.rows_at_once):
                table = _with_scores(rows, carried, classifiers, used, work.threads)
                writer = writer or pq.ParquetWriter(temporary, table.schema, compression="zstd")
                writer.write_table(table)
                logger.info("scored %d light curves by %d classifiers", len(rows), len(classifiers))
        finally:
            if writer:
                writer.close()
        if not writer:
            raise DataError(f"{catalogue} has no rows to score; fetch the catalogue again")


def scores_of(
    frame: pd.DataFrame, classifiers: Sequence[Classifier], scaling: Scaling, threads: int
) -> dict[str, NDArray[np.float32]]:
    """Return the scores of each row by name, first those of `predict_catalogue`, then the others.

    Parameters
    ----------
    frame : unscaled features and `dmdt`
    scaling : of the features that a classifier uses (`used_scaling`)
    """
    features, dmdt = scaling.apply(frame), dmdt_of(frame)
    position = {name: number for number, name in enumerate(scaling.names)}
    columns: dict[str, NDArray[np.float32]] = {}
    others: dict[str, NDArray[np.float32]] = {}
    for one in classifiers:
        own = np.ascontiguousarray(features[:, [position[name] for name in one.card.features]])
        raw = np.array([one.algorithm.predict(model, own, dmdt, threads) for model in one.models])
        pairs = zip(one.calibrations, raw, strict=True)
        scores = np.array([calibration.apply(score) for calibration, score in pairs])
        columns[one.column] = scores.mean(axis=0, dtype=np.float32)
        if len(scores) > 1:
            others[f"{one.column}_std"] = scores.std(axis=0, dtype=np.float32)
        if any(calibration.kind != "none" for calibration in one.calibrations):
            others[f"{one.column}_raw"] = raw.mean(axis=0, dtype=np.float32)
    return {**columns, **others}


def _load(folder: Path, column: str, scaling: str) -> Classifier:
    card = read_card(folder)
    if card.scaling != scaling:
        raise ModelError(
            f"{folder}: trained on features scaled otherwise (md5 {card.scaling}) than the "
            f"catalogue would be (md5 {scaling}); train {card.tag} again"
        )
    algorithm = MODULES[column.rsplit("_", maxsplit=1)[1]]
    models = [algorithm.load(folder / name) for name in card.files]
    calibrations = [Calibration.from_dict(one) for one in card.calibrations]
    return Classifier(column, card, algorithm, models, calibrations)


def used_scaling(scaling: Scaling, classifiers: Sequence[Classifier]) -> Scaling:
    """Return the scaling of the features that a classifier uses, and of no others."""
    for one in classifiers:
        missing = [name for name in one.card.features if name not in scaling.names]
        if missing:
            raise ModelError(
                f"{one.column} uses {', '.join(missing)}, which the feature scaling lacks; "
                f"run the stage scale and train {one.card.tag} again"
            )
    wanted = {name for one in classifiers for name in one.card.features}
    return replace(scaling, features=tuple(one for one in scaling.features if one.name in wanted))


def _check_columns(
    present: Sequence[str], classifiers: Sequence[Classifier], catalogue: Path
) -> None:
    for one in classifiers:
        missing = [name for name in one.card.features if name not in present]
        if missing:
            raise DataError(
                f"{catalogue} lacks {', '.join(missing)}, which {one.column} was trained with; "
                "fetch the catalogue again or train on features that it has"
            )


def _chunks(catalogue: Path, columns: list[str], rows_at_once: int) -> Iterator[pa.Table]:
    """Yield the rows of a catalogue, some at a time; DataError where it cannot be read."""
    try:
        with pq.ParquetFile(catalogue) as file:
            for batch in file.iter_batches(rows_at_once, columns=columns):
                yield pa.Table.from_batches([batch])
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{catalogue} is not a whole Parquet file ({error}); fetch it again"
        ) from error


def _with_scores(
    rows: pa.Table,
    carried: list[str],
    classifiers: Sequence[Classifier],
    scaling: Scaling,
    threads: int,
) -> pa.Table:
    frame: pd.DataFrame = rows.to_pandas(types_mapper=_kept_in_arrow)
    scores = scores_of(frame, classifiers, scaling, threads)
    return pa.table({**{name: rows[name] for name in carried}, **scores})


def _kept_in_arrow(kind: pa.DataType) -> pd.ArrowDtype | None:
    """Leave lists in Arrow, where they cost no Python object a number."""
    return pd.ArrowDtype(kind) if pa.types.is_fixed_size_list(kind) else None
