"""Resolvers that conf/ uses while DVC composes it into params.yaml.

They run inside DVC's own process and import nothing of the project.
"""

import hashlib
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf

NO_FILE = "conf/no-file"
REMOTE_FILE = "conf/remote-file"


class UnknownClassError(ValueError):
    """The value of `class` is neither a group nor a tag."""


def select_classes(name: str, *, _root_: DictConfig) -> ListConfig:
    """Return the tags that `class: name` stands for in the chosen data set."""
    groups = _root_.class_groups
    tags = list(_root_.training.classes)
    if name == "all":
        return ListConfig(list(_root_.dataset.classes))
    if name in groups:
        chosen = [tag for tag in groups[name] if tag in _root_.dataset.classes]
        if not chosen:
            raise UnknownClassError(
                f"class: the data set {_root_.dataset.name!r} has none of the {name} classes; "
                f"choose among {', '.join(_root_.dataset.classes)}"
            )
        return ListConfig(chosen)
    if name in tags:
        return ListConfig([name])
    raise UnknownClassError(
        f"class: {name!r} is unknown; choose all, {', '.join(groups)} or a tag: {', '.join(tags)}"
    )


def selection_name(name: str, classes: ListConfig, dataset: str) -> str:
    """Return a folder name that tells apart every set of classes that was asked for."""
    digest = hashlib.md5(" ".join(classes).encode(), usedforsecurity=False).hexdigest()[:6]
    return f"{dataset}-{name}-{digest}"


def first_file(source: Any, fallback: str = NO_FILE) -> str:
    """Return the table, or else the objects, of a source; the fallback where it names none.

    For what is not on this machine a stand-in: DVC would ask the server at each of its commands.
    """
    if source is None:
        return fallback
    name = str(source.get("table") or source.get("objects") or fallback)
    return REMOTE_FILE if "://" in name else name


def second_file(source: Any) -> str:
    """Return the light curves of a source; a stand-in where it is a table, remote or nothing."""
    if source is None or source.get("table"):
        return NO_FILE
    name = str(source.get("lightcurves") or NO_FILE)
    return NO_FILE if "://" in name else name


for resolver_name, resolver in {
    "scope.classes": select_classes,
    "scope.selection": selection_name,
    "scope.first_file": first_file,
    "scope.second_file": second_file,
}.items():
    OmegaConf.register_new_resolver(resolver_name, resolver, replace=True)
