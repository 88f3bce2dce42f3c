"""Composing conf/ into params.yaml, exactly as `dvc exp run` does."""

from collections.abc import Sequence
from pathlib import Path

import yaml
from dvc.utils.hydra import compose_and_dump
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from scope.base.errors import ConfigError
from scope.base.files import atomic_path


def compose(overrides: Sequence[str], out: Path, root: Path = Path()) -> None:
    """Write the configuration of `root`/conf, with Hydra `overrides`, to the YAML file `out`.

    Raises
    ------
    ConfigError : conf/ is unreadable, or an override names what does not exist
    """
    folder = (root / "conf").resolve()
    if not (folder / "config.yaml").is_file():
        raise ConfigError(f"{root / 'conf/config.yaml'} is missing; run in the project's folder")
    try:
        with atomic_path(out) as temporary:
            compose_and_dump(temporary, str(folder), None, "config", str(folder), list(overrides))
    except (HydraException, OmegaConfBaseException, yaml.YAMLError) as error:
        raise ConfigError(f"conf/ cannot be composed: {error}") from error
