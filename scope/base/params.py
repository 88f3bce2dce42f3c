"""Reading params.yaml: an unknown key or a value of the wrong type is an error."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, TypeVar

import yaml

from scope.base.errors import ConfigError
from scope.base.settings import parse

PARAMS_FILE = Path("params.yaml")
T = TypeVar("T")


def read_params(path: Path = PARAMS_FILE) -> dict[str, Any]:
    """Return the whole of params.yaml; ConfigError where it cannot be read."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read ({error}); run in the project's folder"
        ) from error
    except yaml.YAMLError as error:
        raise ConfigError(
            f"{path} is not YAML ({error}); compose it again with `make params`"
        ) from error
    if not isinstance(document, dict):
        raise ConfigError(f"{path} holds no sections; compose it again with `make params`")
    return document


def read_section(
    section: str, kind: type[T], path: Path = PARAMS_FILE, *, apart: Collection[str] = ()
) -> T:
    """Return one part of params.yaml, such as `scale` or `training.xgb`, as `kind`.

    Parameters
    ----------
    kind : a settings dataclass or any annotation of such (`dict[str, ClassParams]`)
    apart : keys of the section that are sections of their own, and left out

    Raises
    ------
    ConfigError : the section or a key is missing or unknown, a value is of the wrong type or
        out of its range
    """
    value: Any = read_params(path)
    for key in section.split("."):
        if not isinstance(value, dict) or key not in value:
            allowed = ", ".join(map(str, value)) if isinstance(value, dict) else "nothing"
            raise ConfigError(f"{path}: {section} is missing: no {key!r} among {allowed}")
        value = value[key]
    if apart:
        value = {key: one for key, one in value.items() if key not in apart}
    return parse(value, kind, f"{path}: {section}")
