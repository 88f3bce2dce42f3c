"""A trained network on disk, with all that it takes to score with it; written once, as a whole."""

import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scope.base.constants import DMDT
from scope.base.errors import DataError, ModelError
from scope.base.files import atomic_dir, write_json
from scope.base.hashing import file_md5
from scope.base.params import PARAMS_FILE
from scope.data.scaling import FeatureScaling, Scaling
from scope.models.networks import training as nn
from scope.models.networks.network import Network
from scope.models.shared.cards import file_digest
from scope.tables.histograms import dmdt_of, with_dmdt

if TYPE_CHECKING:
    import pandas as pd

TIME_TAG = "%Y%m%d_%H%M%S"
MODELS = Path("models")
PACKAGES = ("scope-pipeline", "numpy", "pandas", "pyarrow", "numba", "keras", "tensorflow")


@dataclass(frozen=True)
class Saved:
    """A network that was saved, ready to score; `document` is its .json."""

    network: Network
    scaling: Scaling
    document: dict[str, Any]

    def predict(self, table: "pd.DataFrame", threads: int = 1) -> NDArray[np.float32]:
        """Return the score of each row, shape (n,).

        Parameters
        ----------
        table : the features as they are, unscaled, and `dmdt` (26 x 26; JSON is read, too)

        Raises
        ------
        DataError : a feature or `dmdt` is missing or of the wrong form
        """
        features = self.scaling.apply(table)
        dmdt = np.zeros((len(table), 26, 26), dtype=np.float32)
        if self.network.conv_branch:
            dmdt = _histograms(table)
        return nn.predict(self.network, features, dmdt, threads)


def load_saved(path: Path | str) -> Saved:
    """Return the network saved as `path`, with the ending .json or .keras or without.

    ModelError where a file is missing or damaged, or they do not belong together.
    """
    name = str(path).removesuffix(".json").removesuffix(".keras")
    note, model = Path(f"{name}.json"), Path(f"{name}.keras")
    try:
        document = json.loads(note.read_text(encoding="utf-8"))
        numbers = document["scaling"]
        features = tuple(FeatureScaling(**one) for one in numbers["features"])
        scaling = Scaling(features, numbers["low"], numbers["high"])
        digest = document["model_md5"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{note} does not describe a saved network ({error})") from error
    if file_digest(model) != digest:
        raise ModelError(f"{model} is not the network that {note.name} describes; train it again")
    return Saved(nn.load(model), scaling, document)


def scaling_numbers(scaling: Scaling) -> dict[str, Any]:
    """Return a scaling as JSON takes it."""
    features = [asdict(feature) for feature in scaling.features]
    return {"low": scaling.low, "high": scaling.high, "features": features}


@contextmanager
def new_folder(tag: str, models: Path = MODELS) -> Iterator[tuple[Path, str]]:
    """Yield an empty folder and the name of its files; it becomes models/<tag>/<time> at the end.

    Times are UTC and to the second; where two trainings end in one, the later one gets the next.
    """
    with _claimed(tag, models) as time_tag, atomic_dir(models / tag / time_tag) as folder:
        yield folder, f"{tag}.{time_tag}"


@contextmanager
def _claimed(tag: str, models: Path) -> Iterator[str]:
    """Yield a time tag that no other process has or takes; a file in the folder holds it."""
    (models / tag).mkdir(parents=True, exist_ok=True)
    moment = datetime.now(UTC)
    while True:
        time_tag = moment.strftime(TIME_TAG)
        claim = models / tag / f".{time_tag}.tmp"
        if not (models / tag / time_tag).exists() and _create(claim):
            break
        moment += timedelta(seconds=1)
    try:
        yield time_tag
    finally:
        claim.unlink(missing_ok=True)


def _create(path: Path) -> bool:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def write(network: Network, document: dict[str, Any], folder: Path, name: str) -> None:
    """Write `name`.keras and `name`.json; the same training gives the same bytes."""
    model = folder / f"{name}.keras"
    nn.save(network, model)
    write_json({**document, "model_md5": file_digest(model)}, folder / f"{name}.json")


def origin() -> dict[str, Any]:
    """Return the versions behind a network and the md5 of params.yaml."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    digest = file_md5(PARAMS_FILE)
    return {"versions": versions, "params_md5": digest}


def _histograms(table: "pd.DataFrame") -> NDArray[np.float32]:
    if DMDT in table and len(table) and isinstance(table[DMDT].iloc[0], str):
        try:
            rows = np.array([json.loads(text) for text in table[DMDT]], dtype=np.float32)
        except ValueError as error:
            raise DataError(f"{DMDT} holds text that is no JSON list of numbers") from error
        table = with_dmdt(table, rows)
    return dmdt_of(table)
