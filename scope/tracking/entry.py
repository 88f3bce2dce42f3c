"""An entry: all that is to be recorded of one class, as a folder that can wait to be sent.

It holds entry.json, the plots' tables and the models, so it outlives the folder it was made in.
"""

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scope.base.errors import DataError, ModelError
from scope.base.files import write_json
from scope.base.hashing import md5_of
from scope.models.shared.cards import CARD_FILE, HISTORY_FILE, Card, read_card
from scope.models.shared.records import find_record
from scope.models.shared.scaled import SCALING_FILE
from scope.tracking.workspace import without_credentials

ENTRY_FILE = "entry.json"
EXAMPLE_FILE = "example.parquet"
MODEL = "model"
STAGES = {"dnn": "train", "xgb": "train_xgb"}
NOT_PARAMETERS = {  # of the whole configuration: lists of everything, and where things go
    *(
        "class",
        "class_groups",
        "classes",
        "selection",
        "dataset",
        "feature_stats",
        "fritz",
        "fritz_labels",
    ),
    *("inputs", "taxonomy", "tracking", "training", "validation", "predict", "disagreements"),
}


@dataclass(frozen=True)
class State:
    """One random state: its losses and other figures round by round, by name."""

    algorithm: str
    seed: str
    stage: str
    figures: dict[str, list[float]]
    record: dict[str, float]


@dataclass(frozen=True)
class Entry:
    """One evaluated class.

    Attributes
    ----------
    identity : md5 of all that was found out about the class; a second entry of it says nothing new
    experiment : name of the data set
    split : md5 of the test split
    features : input columns that are needed
    whole : input columns whose values are whole numbers
    """

    identity: str
    experiment: str
    tag: str
    label: str
    split: str
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]
    states: list[State]
    digests: dict[str, str]
    features: list[str]
    whole: list[str]

    @classmethod
    def from_folder(cls, folder: Path) -> "Entry":
        """Return the entry in a folder; DataError where there is none."""
        try:
            content = json.loads((folder / ENTRY_FILE).read_text(encoding="utf-8"))
            states = [State(**one) for one in content.pop("states")]
            return cls(states=states, **content)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{folder} holds no entry ({error!r}); remove it") from error

    @property
    def average_precision(self) -> float:
        """Return the mean of the average precisions of both algorithms."""
        values = [self.metrics[f"{name}.average_precision"] for name in STAGES]
        return sum(values) / len(values)


@dataclass(frozen=True)
class Run:
    """What the entries of one run of the pipeline have in common.

    Attributes
    ----------
    params : all parameters
    tags : of scope.tracking.workspace.origin_tags
    records : folders of scope.models.shared.records, the first that has a record counts
    models, scaling : folder of the models, file of the feature scaling
    """

    params: Mapping[str, Any]
    tags: Mapping[str, str]
    records: Sequence[Path]
    models: Path
    scaling: Path


def identity_of(document: Mapping[str, Any], run: Run) -> str:
    """Return the identity of the entry of a class, from its evaluation."""
    # Not the commit and not the time: the same results found again are the same entry.
    known = [document, run.params["dataset"]["name"]]
    text = json.dumps(known, sort_keys=True)
    return md5_of(text)


def make_entry(document: Mapping[str, Any], run: Run, whole: Sequence[str]) -> Entry:
    """Return the entry of a class from its document of scope.evaluation.documents and its models.

    Raises
    ------
    ModelError : the models are not those that were evaluated
    """
    tag = document["tag"]
    cards = {name: read_card(run.models / tag / name) for name in STAGES}
    for name, card in cards.items():
        # Trained anew and not yet evaluated: these metrics would be said of other weights.
        if card.digest != document["digests"][name]:
            raise ModelError(f"{run.models / tag / name} was not evaluated; run evaluate@{tag}")
    states = [
        state
        for name, card in cards.items()
        for state in _states(name, card, run.models / tag / name, run.records)
    ]
    return Entry(
        identity=identity_of(document, run),
        experiment=run.params["dataset"]["name"],
        tag=tag,
        label=document["label"],
        split=document["split"],
        params=_params(cards, run.params),
        metrics=dict(_numbers(document["metrics"])) | _spent(states),
        tags={"dvc.stage": f"evaluate@{tag}", **run.tags},
        states=states,
        digests=document["digests"],
        features=list(dict.fromkeys(name for card in cards.values() for name in card.features)),
        whole=list(whole),
    )


def write_entry(entry: Entry, plots: Path, run: Run, folder: Path) -> None:
    """Write an entry with the tables in `plots` and copies of the models to the empty `folder`."""
    # Copies, because the next run overwrites models and plots while this entry may still wait.
    shutil.copytree(plots, folder / "plots")
    for name in STAGES:
        source = run.models / entry.tag / name
        target = folder / MODEL / entry.tag / name
        target.mkdir(parents=True)
        for file in [CARD_FILE, *read_card(source).files]:
            shutil.copyfile(source / file, target / file)
    shutil.copyfile(run.scaling, folder / MODEL / SCALING_FILE)
    write_json(asdict(entry), folder / ENTRY_FILE)


def _states(name: str, card: Card, folder: Path, records: Sequence[Path]) -> list[State]:
    # Time and memory are known only where training ran on this machine, not where DVC had its
    # outputs.
    record = find_record(f"{STAGES[name]}@{card.tag}", card.digest, records) or {}
    spent = {key: float(value) for key, value in record.items() if key != "digest"}
    figures: dict[str, dict[str, list[float]]] = {}
    with (folder / HISTORY_FILE).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            own = figures.setdefault(row.pop("seed"), {})
            row.pop("round")
            for key, value in row.items():
                own.setdefault(key, []).append(float(value))
    stage = f"{STAGES[name]}@{card.tag}"
    return [State(name, seed, stage, own, spent) for seed, own in figures.items()]


def _spent(states: Sequence[State]) -> dict[str, float]:
    """Return wall time and peak memory of the trainings, where they are known."""
    spent: dict[str, float] = {}
    for state in states:
        if state.record:
            spent[f"{state.algorithm}.wall_seconds"] = state.record["seconds"]
            spent[f"{state.algorithm}.peak_mib"] = state.record["peak_mib"]
    return spent


def _params(cards: Mapping[str, Card], params: Mapping[str, Any]) -> dict[str, str]:
    found = {"dataset.name": params["dataset"]["name"], "tag": cards["dnn"].tag}
    found["features.names"] = ", ".join(cards["dnn"].features)
    for name, card in cards.items():
        for key, value in _leaves(card.params):
            found[f"{name}.{key}"] = value
    for section, value in params.items():
        if section not in NOT_PARAMETERS:
            found |= {f"{section}.{key}" if key else section: text for key, text in _leaves(value)}
    return {key: without_credentials(value) for key, value in found.items()}


def _leaves(value: Any, key: str = "") -> list[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        return [
            leaf
            for name, inner in value.items()
            for leaf in _leaves(inner, f"{key}.{name}" if key else str(name))
        ]
    return [(key, value if isinstance(value, str) else json.dumps(value))]


def _numbers(value: Any, key: str = "") -> list[tuple[str, float]]:
    if isinstance(value, Mapping):
        return [
            leaf
            for name, inner in value.items()
            for leaf in _numbers(inner, f"{key}.{name}" if key else str(name))
        ]
    return [] if value is None else [(key, float(value))]
