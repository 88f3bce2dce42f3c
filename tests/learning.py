"""Light curves simple enough that a classifier must tell them apart."""

import numpy as np

from scope.config.older import OlderParams
from scope.config.training import BoostingParams, ClassParams, TrainingParams
from scope.data.scaling import FeatureScaling, Scaling
from scope.models.shared.scaled import ScaledData

FEATURES = ["period", "skew", "noise"]
LABELS = ["RR Lyrae", "non-variable"]
SCALING = Scaling(tuple(FeatureScaling(name, 0.0, None, 0.0, 1.0) for name in FEATURES), -10, 10)


def class_params(**changes) -> ClassParams:
    values = {
        "label": "RR Lyrae",
        "features": "phenomenological",
        "threshold": 0.7,
        "balance": None,
        "weight_per_class": False,
        "negative": None,
    }
    return ClassParams(**(values | changes))


def older_params(**changes) -> OlderParams:
    values = {
        "path_dataset": "dataset.csv",
        "scale_features": "min_max",
        "random_state": 42,
        "test_size": 0.2,
        "val_size": 0.2,
        "learning_rate": 0.001,
        "epoch_rows": 1,
        "label_smoothing": 0.0,
        "optimizer": "adam",
        "loss": "binary_crossentropy",
        "beta_1": 0.9,
        "beta_2": 0.999,
        "epsilon": 1e-7,
        "amsgrad": False,
        "momentum": 0.9,
        "monitor": "val_loss",
        "callbacks": ["reduce_lr_on_plateau", "early_stopping"],
        "run_eagerly": False,
        "score_threshold": 0.5,
    }
    return OlderParams(**(values | changes))


def training_params(**changes) -> TrainingParams:
    trees = BoostingParams(
        rounds=30,
        early_stopping_rounds=5,
        learning_rate=0.3,
        max_depth=3,
        subsample=0.8,
        colsample_bytree=0.8,
        min_child_weight=1.0,
        reg_lambda=1.0,
        dmdt=True,
        grid=None,
        folds=3,
    )
    values = {
        "seeds": [1],
        "epochs": 4,
        "epoch_rows": 1,
        "batch_size": 32,
        "learning_rate": 0.01,
        "patience": 4,
        "lr_patience": 2,
        "label_smoothing": 0.0,
        "all_rows": False,
        "dense_branch": True,
        "conv_branch": True,
        "calibration": "platt",
        "threads": 2,
        "xgb": trees,
    }
    return TrainingParams(**(values | changes))


def scaled_data(n_rows: int = 300, share: float = 0.25) -> ScaledData:
    """Rows of which the first `share` in each split are RR Lyrae, told by period and by dm-dt."""
    chance = np.random.default_rng(0)
    split = np.arange(n_rows) % 3
    positive = np.arange(n_rows) < share * n_rows
    features = chance.normal(size=(n_rows, 3)).astype(np.float32)
    features[:, 0] += 3 * positive
    dmdt = chance.uniform(size=(n_rows, 26, 26))
    dmdt[positive, :13] += 1.0
    dmdt /= np.sqrt((dmdt**2).sum(axis=(1, 2), keepdims=True))
    labels = np.stack([positive, np.zeros(n_rows)], axis=1)
    return ScaledData(
        ids=np.arange(n_rows, dtype=np.int64) + 1000,
        sources=np.arange(n_rows, dtype=np.int64),
        split=split.astype(np.int8),
        features=features,
        feature_names=list(FEATURES),
        dmdt=dmdt.astype(np.float32),
        labels=labels.astype(np.float32),
        label_names=list(LABELS),
        feature_sets={"ontological": FEATURES},
    )
