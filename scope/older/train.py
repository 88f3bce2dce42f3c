"""The whole of `scope train`: rows, network, figures, files."""

import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from scope.base.errors import ConfigError
from scope.models.networks import training as nn
from scope.models.networks.network import Network
from scope.models.shared.algorithm import History
from scope.models.shared.cards import file_digest
from scope.models.shared.examples import take, training_set_of
from scope.models.table_examples import ScaledTable
from scope.older import fitting, saved
from scope.older.display import Epochs, new_console, show_figures
from scope.older.flags import LARGER_IS_BETTER
from scope.older.judge import Figures, figures
from scope.older.plots import draw
from scope.older.pretrained import find_file, load_network
from scope.older.request import Request
from scope.older.rows import counts_of, read_rows
from scope.older.shape import Shape

PLOTS = Path("reports/train")
PARTS = {"test": "test", "dropped": "dropped by balancing"}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What a training gave.

    Attributes
    ----------
    figures : of the parts "test" and "dropped"; empty where balancing dropped nothing
    scores, truth : of the rows of each part, shape (n,)
    folder : where the network was saved; None where it was not
    """

    network: Network
    history: History
    figures: dict[str, Figures]
    scores: dict[str, NDArray[np.float32]]
    truth: dict[str, NDArray[np.bool_]]
    folder: Path | None = None


def train(request: Request, console: Console | None = None) -> Outcome:
    """Train the network of a request, print its figures, save and draw what is asked for.

    Raises
    ------
    ConfigError : there is no such GPU, or the values do not go together
    DataError : the table cannot be read, or a split lacks positives or negatives
    ModelError : the network to go on with is missing or of other layers, or training fails
    """
    console = console or new_console()
    fitting.claim_device(request)
    start = _start(request)
    table = read_rows(request)
    training_set = training_set_of(table.data, table.examples)
    with Epochs(console, request.training.epochs, every=request.verbose) as watch:
        network, history = fitting.fit(request, training_set, start, watch)
    outcome = _judged(request, table, network, history)
    named = {PARTS[part]: found for part, found in outcome.figures.items()}
    show_figures(console, _title(request, history), named)
    return _written(request, table, outcome)


def _title(request: Request, history: History) -> str:
    monitor = request.older.monitor
    seen = [one[monitor] for one in history]
    best = (max if monitor in LARGER_IS_BETTER else min)(seen)
    at = seen.index(best) + 1
    return f"{request.tag}: best {monitor}, {best:.4f}, after epoch {at} of {len(seen)}"


def _start(request: Request) -> Network | None:
    if request.pre_trained_model is None:
        return None
    path = find_file(request.pre_trained_model)
    training = request.training
    shape = Shape(len(request.feature_names), training.dense_branch, training.conv_branch)
    _check_order(request, path)
    logger.info("%s: goes on with %s", request.tag, path)
    return load_network(path, shape)


def _check_order(request: Request, path: Path) -> None:
    """Refuse to feed a network of ours other features than it knows, or in another order."""
    if path.suffix != ".keras" or not path.with_suffix(".json").is_file():
        return
    known = saved.load_saved(path).document["features"]
    if known != request.feature_names:
        raise ConfigError(
            f"{path} was trained with other features; give --features={','.join(known)}"
        )


def _judged(request: Request, table: ScaledTable, network: Network, history: History) -> Outcome:
    found: dict[str, Figures] = {}
    scores: dict[str, NDArray[np.float32]] = {}
    truth: dict[str, NDArray[np.bool_]] = {}
    threads, older = request.training.threads, request.older
    for part in PARTS:
        rows = take(table.data, table.examples, getattr(table.examples, part))
        truth[part] = rows.truth > 0
        if len(truth[part]):
            scores[part] = nn.predict(network, rows.features, rows.dmdt, threads)
            found[part] = figures(truth[part], scores[part], older.score_threshold, older.loss)
    return Outcome(network, history, found, scores, truth)


def _written(request: Request, table: ScaledTable, outcome: Outcome) -> Outcome:
    if request.save:
        with saved.new_folder(request.tag) as (folder, name):
            saved.write(outcome.network, _document(request, table, outcome), folder, name)
            if request.plot:
                _draw(outcome, name, folder / f"{name}.png")
        logger.info("%s: saved %s", request.tag, Path(saved.MODELS, *name.split("."), name))
    elif request.plot:
        name = f"{request.tag}.{request.older.random_state}"
        _draw(outcome, name, PLOTS / f"{name}.png")
        logger.info("%s: drawn %s", request.tag, PLOTS / f"{name}.png")
    return outcome


def _draw(outcome: Outcome, title: str, out: Path) -> None:
    draw(outcome.history, outcome.truth["test"], outcome.scores["test"], title, out)


def _document(request: Request, table: ScaledTable, outcome: Outcome) -> dict[str, Any]:
    """Return what it takes to score with the network, and where it is from."""
    reason = fitting.why_keras(request)
    return {
        "tag": request.tag,
        "label": request.params.label,
        "negative": request.params.negative,
        "threshold": request.params.threshold,
        "score_threshold": request.older.score_threshold,
        "features": request.feature_names,
        "dense_branch": request.training.dense_branch,
        "conv_branch": request.training.conv_branch,
        "scaling": saved.scaling_numbers(table.scaling),
        "data": {"path": request.older.path_dataset, "md5": table.md5},
        "rows": counts_of(table.examples),
        "weights": list(table.examples.weights),
        "pre_trained_model": _parent(request),
        "params": {name: asdict(setting) for name, setting in request.settings.items()},
        "engine": fitting.KERNELS if reason is None else f"{fitting.KERAS}: {reason}",
        "metrics": outcome.figures,
        "history": outcome.history,
        **saved.origin(),
    }


def _parent(request: Request) -> dict[str, str] | None:
    if request.pre_trained_model is None:
        return None
    path = find_file(request.pre_trained_model)
    return {"path": str(path), "md5": file_digest(path)}
