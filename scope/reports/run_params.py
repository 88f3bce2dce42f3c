"""Which parameters differ from the defaults of conf/."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scope.base.params import read_params
from scope.config.compose import compose
from scope.tracking.workspace import without_credentials

DERIVED = ("classes", "selection", "inputs")  # follow from others


def changed_params(params: Mapping[str, Any], root: Path = Path()) -> list[tuple[str, str, str]]:
    """Return name, value and default of each parameter that is not that of conf/.

    The defaults are those of the data set, where conf/dataset/ has it.
    """
    name = params["dataset"]["name"]
    of_set = (root / "conf" / "dataset" / f"{name}.yaml").is_file()
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "params.yaml"
        compose([f"dataset={name}"] if of_set else [], path, root)
        defaults = read_params(path)
    mine, theirs = (
        _leaves({key: value for key, value in one.items() if key not in DERIVED})
        for one in (params, defaults)
    )
    names = [name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name)]
    return [(name, _text(mine, name), _text(theirs, name)) for name in sorted(names)]


def _leaves(value: Any, key: str = "") -> dict[str, Any]:
    if not isinstance(value, Mapping) or not value:
        return {key: value}
    found: dict[str, Any] = {}
    for name, inner in value.items():
        found |= _leaves(inner, f"{key}.{name}" if key else str(name))
    return found


def _text(values: Mapping[str, Any], name: str) -> str:
    if name not in values:
        return "\u2013"
    value = values[name]
    return without_credentials(value if isinstance(value, str) else json.dumps(value))
