"""Training, scoring and reporting of the ZTF variable-star classifiers (SCoPe)."""

from importlib import import_module
from typing import Any

# By name, not imported: pandas takes half a second to load, TensorFlow seconds.
_LOADED_WHEN_ASKED_FOR = {
    "Dataset": "scope.models.dataset",
    "nn": "scope.nn",
    "utils": "scope.utils",
}


def __getattr__(name: str) -> Any:
    """Return `scope.Dataset`, `scope.nn` or `scope.utils`, loaded when first asked for."""
    if name not in _LOADED_WHEN_ASKED_FOR:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(_LOADED_WHEN_ASKED_FOR[name])
    return getattr(module, name, module)
