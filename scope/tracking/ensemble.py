"""The classifiers of one class as MLflow loads them: a table in, scores out. Imports no mlflow."""

from pathlib import Path

import pandas as pd

from scope.data.scaling import Scaling
from scope.models.prediction import load_classifiers, scores_of, used_scaling
from scope.models.shared.scaled import SCALING_FILE


class Ensemble:
    """All models of one class, of both algorithms."""

    def __init__(self, folder: Path) -> None:
        """Load the models in `folder`/<tag>/{dnn,xgb} and the scaling beside them.

        Raises
        ------
        ModelError : a model is missing or damaged
        """
        scaling = folder / SCALING_FILE
        # One class by construction; the name of its folder is its tag.
        tags = [path.name for path in folder.iterdir() if path.is_dir()]
        self._classifiers = load_classifiers(folder, tags, scaling)
        self._scaling = used_scaling(Scaling.from_json(scaling), self._classifiers)

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the scores of each row, named and computed as by the stage predict.

        Parameters
        ----------
        frame : unscaled, in the form of the data contract: the features and `dmdt` (676 numbers)
        """
        scores = scores_of(frame, self._classifiers, self._scaling, threads=0)
        return pd.DataFrame(scores, index=frame.index)


def _load_pyfunc(path: str) -> Ensemble:
    """Return the model below `path`; the name is MLflow's."""
    return Ensemble(Path(path))
