"""The class tree of SCoPe in the form that SkyPortal and tdtax share."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from scope.base.errors import ConfigError
from scope.base.files import atomic_path
from scope.config.taxonomy import NON_VARIABLE, TaxonomyEntry

TREE_FILE = Path("conf/tdtax/scope.yaml")
ROOT = "SCoPe"
HEAD = "# Made from conf/reference/taxonomy.yaml by `scope tree`; edit that file instead.\n"
KEYS = {"class", "subclasses", "tags", "other names", "comments", "links"}


def tree(sections: Mapping[str, Mapping[str, TaxonomyEntry]]) -> dict[str, Any]:
    """Return the tree: each class with its tag and section as `tags`, below its parent."""
    entries = {
        tag: (section, entry) for section, tags in sections.items() for tag, entry in tags.items()
    }

    def branch(tag: str) -> dict[str, Any]:
        section, entry = entries[tag]
        below = [branch(other) for other, (_, one) in entries.items() if one.parent == tag]
        node: dict[str, Any] = {"class": entry.name, "tags": [tag, section]}
        return node | ({"subclasses": below} if below else {})

    tops = [branch(tag) for tag, (_, entry) in entries.items() if entry.parent is None]
    # non-variable is no class of the pipeline, but people classify stars as such.
    return {"class": ROOT, "subclasses": [*tops, {"class": NON_VARIABLE}]}


def write_tree(sections: Mapping[str, Mapping[str, TaxonomyEntry]], out: Path) -> None:
    """Write the tree as YAML."""
    with atomic_path(out) as temporary:
        text = yaml.safe_dump(tree(sections), sort_keys=False, allow_unicode=True)
        temporary.write_text(HEAD + text, encoding="utf-8")


def read_tree(path: Path) -> dict[str, Any]:
    """Return a tree from a YAML file.

    Raises
    ------
    ConfigError : the file cannot be read, or a branch of it is none of tdtax's
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: no class tree can be read ({error})") from error
    _check(document, path)
    content: dict[str, Any] = document
    return content


def outline(node: Mapping[str, Any], depth: int = 0) -> str:
    """Return a tree as lines, a class each, indented below its parent."""
    lines = ["  " * depth + str(node["class"])]
    lines += [outline(branch, depth + 1) for branch in node.get("subclasses") or []]
    return "\n".join(lines)


def _check(node: Any, path: Path) -> None:
    if not isinstance(node, dict) or not isinstance(node.get("class"), str):
        raise ConfigError(f"{path}: a branch has no 'class': {str(node)[:80]}")
    unknown = sorted(set(map(str, node)) - KEYS)
    if unknown:
        raise ConfigError(
            f"{path}: {node['class']} has {', '.join(unknown)}; tdtax has {', '.join(sorted(KEYS))}"
        )
    for branch in node.get("subclasses") or []:
        _check(branch, path)
