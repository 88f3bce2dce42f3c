"""What the networks and the trees have in common."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scope.config.training import TrainingParams
from scope.models.shared.examples import TrainingSet

History = list[dict[str, float]]  # losses and other figures, round by round
Watch = Callable[[dict[str, float]], None]


class Algorithm(Protocol):
    """A module that trains, applies, writes and reads models; a model is passed back unseen."""

    def seeds_of(self, params: TrainingParams) -> list[int]:
        """Return the seeds to train, a model each."""

    def settings_of(self, params: TrainingParams) -> dict[str, Any]:
        """Return the parameters that the models depend on."""

    def file_name(self, seed: int) -> str:
        """Return the name of the file of one model."""

    def fit(
        self, training_set: TrainingSet, params: TrainingParams, seed: int
    ) -> tuple[Any, History]:
        """Return a trained model and its losses, round by round."""

    def predict(
        self,
        model: Any,
        features: NDArray[np.float32],
        dmdt: NDArray[np.float32],
        threads: int,
    ) -> NDArray[np.float32]:
        """Return the score of each row."""

    def save(self, model: Any, path: Path) -> None:
        """Write a model."""

    def load(self, path: Path) -> Any:
        """Read a model."""
