"""From an MLflow run to the dvc.lock that it belongs to, and the path that it made."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from scope.base.errors import DataError
from scope.tracking.commits import History
from scope.tracking.errors import TrackingError
from scope.tracking.lockfile import LOCK, Stage, parse_lock
from scope.tracking.stage_params import with_params
from scope.tracking.store import Store, shown, store_uri
from scope.tracking.trace import flat
from scope.tracking.workspace import main_tree

# MLflow makes them of uuid4, without hyphens.
RUN_ID = re.compile(r"[0-9a-f]{32}")


def is_run(target: str) -> bool:
    """Say whether a target is written as the id of an MLflow run, and no path."""
    return RUN_ID.fullmatch(target) is not None and not Path(target).exists()


def find_run(run_id: str, folder: Path = Path()) -> tuple[str, History]:
    """Return the models of the class of a run, and the revision whose dvc.lock agrees with it.

    A revision agrees if what the run logged of parameters and data is what its dvc.lock has.

    Raises
    ------
    DataError : the run is unknown or no revision agrees
    """
    tags, params = _logged(run_id, folder)
    stage = tags.get("dvc.stage") or f"train@{tags.get('class', '')}"
    for history in _candidates(tags, folder):
        text = history.text(LOCK)
        stages = {} if text is None else parse_lock(text)
        if stage in stages and _agrees(stages, with_params(stages[stage], history), tags, params):
            # A model or its metrics rather than what lies in build/ for other stages.
            made = [one.path for one in stages[stage].writes]
            path = next((one for one in made if not one.startswith("build/")), made[0])
            return (path if "dvc.stage" in tags else str(Path(path).parent)), history
    raise DataError(
        f"MLflow run {run_id}: no commit or experiment here has a {LOCK} with its data and "
        f"parameters of {stage}; `dvc exp pull` or `git fetch` what it was run from"
    )


def _logged(run_id: str, folder: Path) -> tuple[Mapping[str, str], Mapping[str, str]]:
    tree = main_tree(folder)
    uri = store_uri(tree)
    try:
        store = Store(uri, tree)
        data = store.call(store.client.get_run, run_id).data
    except TrackingError as error:
        raise DataError(
            f"MLflow run {run_id} is not in {shown(uri)} ({error}); set MLFLOW_TRACKING_URI to "
            "where it is"
        ) from error
    return data.tags, data.params


def _candidates(tags: Mapping[str, str], folder: Path) -> Iterator[History]:
    """Yield the experiment of the run, the working tree, and the commits that changed dvc.lock."""
    for name in tags.get("dvc.experiment", "").split(", "):
        if name:
            try:
                yield History(folder, name)
            except DataError:
                # An experiment may have been removed since.
                continue
    here = History(folder)
    yield here
    for commit, _ in here.versions(LOCK):
        yield History(folder, commit.sha)


def _agrees(
    stages: Mapping[str, Stage], stage: Stage, tags: Mapping[str, str], params: Mapping[str, str]
) -> bool:
    known = flat(stage.params)
    # Compared as text, which is how MLflow keeps parameters; what only one side has proves nothing.
    differing = [name for name in known.keys() & params.keys() if str(known[name]) != params[name]]
    read = {Path(dep.path).stem: dep.md5 for dep in stages["fetch"].reads}
    data = {name.removeprefix("data."): md5 for name, md5 in tags.items() if name[:5] == "data."}
    return not differing and all(read.get(name, md5) == md5 for name, md5 in data.items())
