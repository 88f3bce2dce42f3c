"""The older tool's `train`: one network of one class, from a table to a saved model."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scope.older.saved import Saved


def load(path: Path | str) -> "Saved":
    """Return a network that `scope train --save` wrote; its `predict` scores a table.

    Parameters
    ----------
    path : models/TAG/TIME/TAG.TIME, with the ending .keras or .json or without

    Raises
    ------
    ModelError : a file is missing or damaged, or they do not belong together
    """
    from scope.older.saved import load_saved

    return load_saved(path)
