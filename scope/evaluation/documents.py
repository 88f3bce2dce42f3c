"""The document of an evaluated class, which the stages compare, track and report read as JSON."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scope.base.errors import DataError
from scope.base.hashing import new_md5
from scope.evaluation.curves import Row
from scope.evaluation.judging import TEST, Scores
from scope.models.shared.cards import Card

MAX_FEATURES = 25  # of the most important ones


def split_digest(tested: Scores) -> str:
    """Return the md5 of the test split of a class: which light curves, and which are positive.

    Metrics compare only where it is the same.
    """
    # By id, so that the digest is of the set of rows, in whatever order a training kept them.
    order = np.argsort(tested.ids, kind="stable")
    digest = new_md5()
    digest.update(tested.ids[order].tobytes())
    digest.update(tested.truth[order].tobytes())
    return digest.hexdigest()


def importance(folder: Path, card: Card) -> list[Row]:
    """Return the features of the trees in `folder` by their share of the gain, the greatest first.

    One row a feature: algorithm, rank from 1, feature, gain (mean over the random states); at most
    `MAX_FEATURES` of them. DataError where a table of gains that training wrote cannot be read.
    """
    shares: dict[str, float] = {}
    for name in card.files:
        path = folder / f"{Path(name).stem}_importance.csv"
        try:
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    gain = float(row["gain"]) / len(card.files)
                    shares[row["feature"]] = shares.get(row["feature"], 0.0) + gain
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path} holds no gains ({error!r}); train the class again") from error
    names = sorted(shares, key=lambda one: (-shares[one], one))[:MAX_FEATURES]
    return [
        {"algorithm": "xgb", "rank": rank, "feature": name, "gain": round(shares[name], 6)}
        for rank, name in enumerate(names, start=1)
    ]


def document(
    cards: dict[str, Card],
    scores: dict[str, dict[str, Scores]],
    metrics: dict[str, Any],
    tables: dict[str, list[Row]],
) -> dict[str, Any]:
    """Return the document of one class.

    It holds `tag` and `label` of the class, `split` (`split_digest`), `digests` of the models by
    algorithm, `metrics`, and `plots`, the rows of each plot by its name.

    Parameters
    ----------
    cards, scores : by algorithm; the scores then by part, as scope.evaluation.judging reads them
    metrics : what scope.evaluation.judging.evaluate returned
    tables : plot -> rows
    """
    first = next(iter(cards.values()))
    return {
        "tag": first.tag,
        "label": first.label,
        "split": split_digest(next(iter(scores.values()))[TEST]),
        "digests": {name: card.digest for name, card in cards.items()},
        "metrics": metrics,
        "plots": tables,
    }


def read_judged(folder: Path, tags: Sequence[str]) -> list[dict[str, Any]]:
    """Return the documents of the classes `tags` in `folder`, in this order.

    Raises
    ------
    DataError : a file is missing, no JSON, or not the document of its class
    """
    documents = []
    for tag in tags:
        path = folder / f"{tag}.json"
        try:
            one = json.loads(path.read_text(encoding="utf-8"))
            if one["tag"] != tag or not {"metrics", "plots", "split", "digests"} <= set(one):
                raise KeyError(tag)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{path} is not the evaluation of {tag} ({error!r}); run evaluate@{tag} again"
            ) from error
        documents.append(one)
    return documents
