"""From a table of features to the examples of one class: read, split, scale, choose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.base.constants import TRAIN
from scope.base.hashing import file_md5
from scope.config.dataset import DatasetParams, SourceFiles
from scope.config.scale import FeatureStats, ScaleParams
from scope.config.split import SplitParams
from scope.config.training import ClassParams
from scope.data.columns import Wanted
from scope.data.feature_table import read_feature_table
from scope.data.same_source import source_numbers
from scope.data.scaling import FeatureScaling, Scaling, learn
from scope.data.splits import label_columns, split_table
from scope.models.shared.examples import Examples, select_examples
from scope.models.shared.scaled import ScaledData
from scope.tables.histograms import dmdt_of

ScaleMethod = Literal["min_max", "median_std", "none"]
CLIP = 10.0  # largest absolute value after median_std
UNBOUNDED = float(np.finfo(np.float32).max)


@dataclass(frozen=True, kw_only=True)
class TableRequest:
    """What is wanted of a table for one class.

    Attributes
    ----------
    tag : the class
    params : its label, threshold, balance, weights and negatives (`params.features` is not used)
    features : names of the classifier's features, in order
    scale_features : how features are scaled; "none" leaves them as they are
    feature_stats : statistics to scale by; empty: those of the rows that train
    test_size, val_size : shares of the sources kept for the test and for early stopping
    radius_arcsec : light curves closer than this are one source [arcsec]
    random_state : seed of the split and of balancing
    dmdt : whether a table without dm-dt histograms is refused; else they are 0 where it has none
    """

    tag: str
    params: ClassParams
    features: list[str]
    scale_features: ScaleMethod = "min_max"
    feature_stats: Mapping[str, FeatureStats] = field(default_factory=dict)
    test_size: float = 0.1
    val_size: float = 0.1
    radius_arcsec: float = 2.0
    random_state: int = 42
    dmdt: bool = True


@dataclass(frozen=True)
class ScaledTable:
    """The examples of one class and what they were chosen from.

    Attributes
    ----------
    data : every row of the table, scaled, in its order
    scaling : how the features were scaled
    examples : which rows train, stop and test, which balancing dropped
    md5 : checksum of the file
    """

    data: ScaledData
    scaling: Scaling
    examples: Examples
    md5: str


def prepare_table(path: Path, request: TableRequest) -> ScaledTable:
    """Return the examples of one class from a CSV, Parquet or HDF5 table of the d15 form.

    That is `_id`, `ra`, `dec` [deg], features and labels by their names and `dmdt`, 26 x 26 (JSON
    lists in CSV). Whole sources are split, each label of the class in its share; statistics
    are those of the rows that train; missing and infinite features become 0 afterwards.

    Raises
    ------
    DataError : the table cannot be read or lacks a column, or a split lacks positives or negatives
    ConfigError : the shares leave nothing to train on, or `feature_stats` lacks a feature
    """
    params = request.params
    labels = [params.label] if params.negative is None else [params.label, params.negative]
    wanted = Wanted(tuple(request.features), tuple(labels), dmdt=request.dmdt)
    frame = read_feature_table(path, _as_it_stands(path), wanted)
    labels = label_columns(frame, labels)
    shares = SplitParams(
        test_size=request.test_size,
        val_size=request.val_size,
        radius_arcsec=request.radius_arcsec,
    )
    split = split_table(frame, labels, shares, request.random_state)
    scaling = _scaling(frame, split, request)
    data = ScaledData(
        ids=frame["_id"].to_numpy(np.int64),
        sources=source_numbers(frame, request.radius_arcsec),
        split=split,
        features=scaling.apply(frame),
        feature_names=list(request.features),
        dmdt=dmdt_of(frame),
        labels=frame[labels].to_numpy(np.float32),
        label_names=labels,
    )
    seed = request.random_state
    examples = select_examples(data, request.tag, params, list(request.features), seed)
    return ScaledTable(data, scaling, examples, file_md5(path))


def _as_it_stands(path: Path) -> DatasetParams:
    """Return the parameters of a data set whose columns have their contract names already."""
    return DatasetParams(
        name=path.name,
        training=SourceFiles(table=str(path)),
        catalogue=None,
        columns={},
        derived={},
        label_column=None,
        label_map={},
        period="column",
        classes=[],
        feature_sets={},
    )


def _scaling(frame: pd.DataFrame, split: NDArray[np.int8], request: TableRequest) -> Scaling:
    if request.scale_features == "none":
        features = tuple(FeatureScaling(name, 0.0, None, 0.0, 1.0) for name in request.features)
        return Scaling(features, -UNBOUNDED, UNBOUNDED)
    params = ScaleParams(
        method=request.scale_features,
        log_features=[],
        log_quantile=0.0,
        stats="reference" if request.feature_stats else "training",
        impute="zero",
        clip=CLIP,
    )
    return learn(frame[split == TRAIN], request.features, params, request.feature_stats)
