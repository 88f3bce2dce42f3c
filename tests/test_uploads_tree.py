"""The class tree in the form of tdtax."""

import pytest
import yaml

from scope.base.errors import ConfigError
from scope.base.params import read_section
from scope.config.taxonomy import TaxonomyEntry
from scope.fritz.uploads.labels import class_names_in
from scope.fritz.uploads.tree import read_tree, write_tree


@pytest.fixture
def sections(root):
    return read_section("taxonomy", dict[str, dict[str, TaxonomyEntry]], root / "params.yaml")


def test_the_committed_tree_is_in_step_with_the_taxonomy(root, sections, tmp_path):
    write_tree(sections, tmp_path / "tree.yaml")
    committed = (root / "conf/tdtax/scope.yaml").read_text(encoding="utf-8")
    assert (tmp_path / "tree.yaml").read_text(encoding="utf-8") == committed


def test_every_class_is_in_the_tree_once_below_its_parent(root, sections):
    tree = read_tree(root / "conf/tdtax/scope.yaml")
    names = list(class_names_in(tree))
    labels = {entry.name for tags in sections.values() for entry in tags.values()}
    assert sorted(names) == sorted({*labels, "SCoPe", "non-variable"})

    def path_to(node, name):
        below = [path_to(branch, name) for branch in node.get("subclasses", [])]
        found = next((path for path in below if path), [])
        return [node["class"], *found] if found or node["class"] == name else []

    assert path_to(tree, "RR Lyrae ab") == [
        *("SCoPe", "variable", "pulsator"),
        *("RR Lyrae", "RR Lyrae ab"),
    ]


def test_a_branch_that_tdtax_does_not_know_is_named(tmp_path):
    path = tmp_path / "tree.yaml"
    path.write_text(yaml.safe_dump({"class": "a", "subclasses": [{"class": "b", "children": []}]}))
    with pytest.raises(ConfigError, match="b has children"):
        read_tree(path)
