"""What drives the score of the trees: the contributions of the features (TreeSHAP)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scope.models.trees.boosting import inputs_of


def contributions(
    models: Sequence[Any], features: NDArray[np.float32], dmdt: NDArray[np.float32]
) -> tuple[list[str], NDArray[np.float64]]:
    """Return the names of the inputs, then the contribution of each to the score of each row.

    The contributions are SHAP values (Lundberg et al. 2020, Nature Machine Intelligence 2, 56) as
    XGBoost computes them, in log-odds before calibration, the mean over the models, shape
    (n, n_inputs). With the bias, the last column, a row adds up to the log-odds of its score.

    Parameters
    ----------
    models : XGBoost models of one class, over the same inputs
    features, dmdt : as scope.models.trees.boosting.predict takes them
    """
    import xgboost

    names = list(models[0].feature_names or [])
    matrix = xgboost.DMatrix(inputs_of(features, dmdt, names), feature_names=names)
    found = [one.predict(matrix, pred_contribs=True) for one in models]
    return [*names, "bias"], np.mean(found, axis=0, dtype=np.float64)
