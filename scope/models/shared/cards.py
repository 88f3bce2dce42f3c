"""The card of a trained model: what it is, and what it may be applied to."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scope.base.errors import ModelError
from scope.base.files import write_json
from scope.base.hashing import file_md5, md5_of

CARD_FILE = "card.json"  # of a folder with a model, beside its files
HISTORY_FILE = "history.csv"
SCORES_FILE = "scores.parquet"


@dataclass(frozen=True)
class Card:
    """What is known of a model.

    Attributes
    ----------
    tag, label : the class and the column it was learnt from
    threshold : a light curve counted as positive where its label was above it
    features : names of the features, in the model's order
    files : names of the model's files, one a seed
    calibrations : of the scores of each file (scope.models.shared.calibration.Calibration)
    scaling : md5 of the feature scaling (`feature_stats.json`) that the model was trained on
    params : the parameters it was trained with
    digest : md5 over the model's files, its features, its scaling and its calibrations
    """

    tag: str
    label: str
    threshold: float
    features: list[str]
    files: list[str]
    calibrations: list[dict[str, Any]]
    scaling: str
    params: dict[str, Any]
    digest: str


def file_digest(path: Path) -> str:
    """Return the md5 of a file; ModelError where it cannot be read."""
    try:
        return file_md5(path)
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error}); rerun the stage it is of") from error


def model_digest(
    paths: Iterable[Path],
    features: list[str],
    scaling: str,
    calibrations: list[dict[str, Any]],
) -> str:
    """Return the md5 over model files, feature names, digest of their scaling, calibrations."""
    known = json.dumps(calibrations, sort_keys=True)
    parts = [*map(file_digest, paths), *features, scaling, known]
    return md5_of("\n".join(parts))


def write_card(card: Card, folder: Path) -> None:
    """Write the card of the model in `folder`."""
    write_json(asdict(card), folder / CARD_FILE)


def read_card(folder: Path) -> Card:
    """Return the card of the model in `folder`.

    Raises
    ------
    ModelError : there is no model, its card is damaged, or a file is not the one of the card
    """
    path = folder / CARD_FILE
    try:
        card = Card(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(
            f"{path} is not the card of a trained model ({error}); train the class again"
        ) from error
    files = [folder / name for name in card.files]
    if model_digest(files, card.features, card.scaling, card.calibrations) != card.digest:
        raise ModelError(
            f"{folder}: a model file differs from the one its card describes; train "
            f"{card.tag} again"
        )
    return card
