"""The class tree."""

import pytest

from scope.base.errors import ConfigError
from scope.base.params import read_section
from scope.config.taxonomy import Taxonomy, TaxonomyEntry


def entry(name: str, parent: str | None = None) -> TaxonomyEntry:
    return TaxonomyEntry(name=name, parent=parent)


@pytest.fixture
def tree(root) -> Taxonomy:
    return Taxonomy(
        read_section("taxonomy", dict[str, dict[str, TaxonomyEntry]], root / "params.yaml")
    )


def test_ancestors_come_nearest_first_across_sections(tree: Taxonomy) -> None:
    assert tree.ancestors("RR Lyrae ab") == ["RR Lyrae", "pulsator", "variable"]
    assert tree.ancestors("EA") == ["eclipsing", "periodic", "variable"]
    assert tree.ancestors("AGN") == []


def test_a_label_outside_the_tree_implies_nothing(tree: Taxonomy) -> None:
    assert tree.ancestors("non-variable") == []


def test_every_class_of_the_reference_is_in_the_tree(tree: Taxonomy, root) -> None:
    classes = read_section("training.classes", dict, root / "params.yaml")
    assert {known["label"] for known in classes.values()} <= set(tree.labels)


def test_an_absent_parent_is_passed_over_for_its_own_parent(tree: Taxonomy) -> None:
    assert tree.implications(["EA", "variable", "AGN"]) == [("EA", "variable")]


def test_a_parent_that_is_no_class_is_refused() -> None:
    with pytest.raises(ConfigError, match="parent 'x' of 'ea' is unknown"):
        Taxonomy({"ontological": {"ea": entry("EA", "x")}})


def test_a_circle_is_refused() -> None:
    circle = {"a": entry("A", "b"), "b": entry("B", "a")}
    with pytest.raises(ConfigError, match="descends from itself"):
        Taxonomy({"ontological": circle})


def test_a_name_that_stands_twice_is_refused() -> None:
    twice = {"phenomenological": {"ea": entry("EA")}, "ontological": {"e2": entry("EA")}}
    with pytest.raises(ConfigError, match="'EA' stands twice"):
        Taxonomy(twice)
