"""The model registry: a version of `scope-<tag>` an ensemble, and the alias `champion`."""

import logging
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from scope.base.constants import DMDT
from scope.tracking.entry import EXAMPLE_FILE, MODEL, Entry
from scope.tracking.errors import TrackingError
from scope.tracking.store import Store

CHAMPION = "champion"
# Given by hand: MLflow would find them by loading the model in a second process.
SCORED_BY = ("numpy", "pandas", "pyarrow", "scipy", "numba", "xgboost", "xgboost-cpu", "pyyaml")

logger = logging.getLogger(__name__)


def model_name(tag: str) -> str:
    """Return the name of the models of a class in the registry."""
    return f"scope-{tag}"


def register(store: Store, run_id: str, entry: Entry, folder: Path) -> None:
    """Register the models of the entry in `folder`, unless the latest version is of the same.

    The alias `champion` moves to the new version where its average precision, the mean of both
    algorithms, is above that of the champion on the same test split, or where there is none.
    """
    name, digest = model_name(entry.tag), " ".join(entry.digests.values())
    known = store.call(store.client.search_registered_models, f"name = '{name}'")
    if not known:
        store.call(
            store.client.create_registered_model,
            name,
            description=f"Ensemble of ScopeNet and XGBoost for the label {entry.label!r}",
        )
    # Compared with the latest only: going back to older models is a new version.
    latest = known[0].latest_versions if known else []
    if any(one.tags.get("digest") == digest for one in latest):
        return
    with tempfile.TemporaryDirectory() as temporary:
        model = Path(temporary) / MODEL
        _save(entry, folder, model)
        # File by file, so that a slow server is noticed between two of them.
        for path in sorted(one for one in model.rglob("*") if one.is_file()):
            inner = path.relative_to(model).parent.as_posix()
            store.upload(run_id, path, MODEL if inner == "." else f"{MODEL}/{inner}")
    artifacts = store.call(store.client.get_run, run_id).info.artifact_uri
    made = store.call(
        store.client.create_model_version,
        name,
        f"{artifacts}/{MODEL}",
        run_id,
        tags=_version_tags(entry, digest),
    )
    champion = known[0].aliases.get(CHAMPION) if known else None
    if champion is None or _is_better(store, entry, str(champion)):
        store.call(store.client.set_registered_model_alias, name, CHAMPION, made.version)
        logger.info("%s: version %s is the champion", name, made.version)


def promote(store: Store, tag: str, number: str | None) -> str:
    """Move the alias `champion` of a class to a version, the latest by default; return which.

    Raises
    ------
    TrackingError : there is no such class or version
    """
    name = model_name(tag)
    versions = store.call(store.client.search_model_versions, f"name = '{name}'")
    numbers = sorted(int(one.version) for one in versions)
    if not numbers or (number is not None and int(number) not in numbers):
        has = ", ".join(map(str, numbers)) or "none"
        raise TrackingError(f"{name} has no version {number or ''}; the versions are: {has}")
    chosen = number or str(numbers[-1])
    store.call(store.client.set_registered_model_alias, name, CHAMPION, chosen)
    return chosen


def _is_better(store: Store, entry: Entry, champion: str) -> bool:
    name = model_name(entry.tag)
    tags = store.call(store.client.get_model_version, name, champion).tags
    # Average precision depends on which stars were tested; across splits it compares nothing.
    if tags.get("split") != entry.split:
        logger.info(
            "%s: version %s stays the champion, it was tested on another split; compare by hand "
            "and use `scope track promote %s`",
            *(name, champion, entry.tag),
        )
        return False
    return entry.average_precision > float(tags.get("average_precision", "0"))


def _version_tags(entry: Entry, digest: str) -> dict[str, str]:
    quality = {
        f"{name}.{one}": f"{entry.metrics[f'{name}.{one}']:.6f}"
        for name in entry.digests
        for one in ("average_precision", "roc_auc", "f1", "brier")
        if f"{name}.{one}" in entry.metrics
    }
    return {
        # repr keeps all digits: equal models shall not beat each other by rounding.
        "average_precision": repr(entry.average_precision),
        "split": entry.split,
        "digest": digest,
        "data_set": entry.experiment,
        **quality,
        **entry.tags,
    }


def _save(entry: Entry, folder: Path, path: Path) -> None:
    """Write the models as MLflow wants them to the new folder `path`."""
    # Takes seconds to load; only a new version needs it.
    import mlflow.pyfunc
    from mlflow.models import ModelSignature
    from mlflow.types.schema import AnyType, ColSpec, Schema

    example = pd.read_parquet(folder / EXAMPLE_FILE)
    anything: Any = AnyType()  # type: ignore[no-untyped-call]
    needed = {*entry.features, DMDT}
    numbers = set(entry.features) - set(entry.whole)
    # MLflow takes no whole number for a double; and a table of the contract has further columns.
    columns: Any = [
        ColSpec("double" if name in numbers else anything, str(name), required=name in needed)
        for name in example
    ]
    inputs = Schema(columns)
    outputs = Schema([ColSpec("float", f"{entry.tag}_{name}") for name in entry.digests])
    mlflow.pyfunc.save_model(
        path,
        loader_module="scope.tracking.ensemble",
        data_path=str(folder / MODEL),
        signature=ModelSignature(inputs, outputs),
        input_example=_as_lists(example),
        pip_requirements=_requirements(),
        metadata={"label": entry.label, "split": entry.split, **entry.tags},
    )


def _as_lists(example: pd.DataFrame) -> pd.DataFrame:
    # MLflow writes the example as JSON, which knows no arrays.
    lists: Any = [list(map(float, one)) for one in example["dmdt"]]
    return example.assign(dmdt=lists)


def _requirements() -> list[str]:
    """Return the libraries that scoring takes beside this package, which pip does not find."""
    found = []
    for name in SCORED_BY:
        try:
            found.append(f"{name}=={version(name)}")
        except PackageNotFoundError:
            continue  # one of the two builds of XGBoost
    return found
