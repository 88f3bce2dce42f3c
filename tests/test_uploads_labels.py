"""From a label to the class of a server's taxonomy."""

import math

import pytest

from scope.base.errors import ConfigError, DataError
from scope.base.params import read_section
from scope.config.fritz import LabelMapParams
from scope.fritz.uploads.labels import LabelMap, ServerClass, probability_of, taxonomy_of
from scope.fritz.uploads.tree import ROOT, read_tree

SITEWIDE = {
    "id": 12,
    "name": "Sitewide Taxonomy",
    "isLatest": True,
    "hierarchy": {
        "class": "Time-domain Source",
        "subclasses": [
            {"class": "Pulsating", "subclasses": [{"class": "RR Lyrae"}, {"class": "Mira"}]}
        ],
    },
}
OLDER = SITEWIDE | {"id": 2, "isLatest": False}
PHENOMENOLOGY = {
    "id": 7,
    "name": "SCoPe Phenomenological Taxonomy",
    "hierarchy": {"class": "Time series", "subclasses": [{"class": "variable"}, {"class": "EA"}]},
}
SCOPE = {
    "id": 30,
    "name": "SCoPe",
    "hierarchy": {"class": "SCoPe", "subclasses": [{"class": "pulsator"}, {"class": "RR Lyrae"}]},
}


@pytest.fixture
def params(root):
    return read_section("fritz_labels", LabelMapParams, root / "params.yaml")


@pytest.fixture
def label_map(params):
    return LabelMap(params, [taxonomy_of(one) for one in (OLDER, SITEWIDE, PHENOMENOLOGY)])


def test_ids_are_looked_up_by_name_in_the_latest_version(label_map):
    assert label_map.of_label("pulsator") == ServerClass(12, "Pulsating")
    assert label_map.of_label("EA") == ServerClass(7, "EA")


def test_a_class_that_the_server_lacks_is_named_with_those_alike(label_map):
    with pytest.raises(ConfigError, match="'RRab' is in none of 'Sitewide Taxonomy'"):
        label_map.of_label("RR Lyrae ab")
    with pytest.raises(ConfigError, match="is it RR Lyrae"):
        label_map.of_class("RR lyrae")


def test_a_missing_taxonomy_is_named_with_those_there(params):
    with pytest.raises(ConfigError, match=r"no 'Sitewide Taxonomy' .* 'SCoPe' \(id 30\)"):
        LabelMap(params, [taxonomy_of(SCOPE)]).of_label("Mira")


def test_a_chosen_taxonomy_may_use_the_labels_themselves(params):
    chosen = LabelMap(params, [taxonomy_of(one) for one in (SITEWIDE, SCOPE)], [30])
    assert chosen.of_label("pulsator") == ServerClass(30, "pulsator")
    assert chosen.of_class("RR Lyrae") == ServerClass(30, "RR Lyrae")


def test_a_class_of_several_taxonomies_needs_one_chosen(params):
    both = [taxonomy_of(one | {"name": one["name"] + "!"}) for one in (SITEWIDE, SCOPE)]
    with pytest.raises(ConfigError, match="--taxonomy-id"):
        LabelMap(params, both).of_class("RR Lyrae")


def test_an_unknown_taxonomy_id_is_refused(params):
    with pytest.raises(ConfigError, match="taxonomy 99 is not on the server"):
        LabelMap(params, [taxonomy_of(SCOPE)], [99])


def test_every_label_of_the_class_tree_is_in_the_map(params, root):
    sections = read_section(
        "taxonomy", dict[str, dict[str, dict[str, object]]], root / "params.yaml"
    )
    names = {entry["name"] for tags in sections.values() for entry in tags.values()}
    assert names | {"non-variable"} == set(params.labels)


def test_a_label_of_zero_or_none_is_not_said(label_map):
    assert [probability_of(one, "EA", 0) for one in (0.0, math.nan, 0.25, 1.0)] == [
        *(None, None),
        *(0.25, 1.0),
    ]
    with pytest.raises(DataError, match=r"row 3: EA is 1\.5"):
        probability_of(1.5, "EA", 3)


def test_the_tree_that_post_taxonomy_posts_has_the_classes_of_phenomenology(params, root):
    tree = taxonomy_of(
        {"id": 30, "name": ROOT, "hierarchy": read_tree(root / "conf/tdtax/scope.yaml")}
    )
    label_map = LabelMap(params, [taxonomy_of(SITEWIDE), tree])
    wanted = [name for name, one in params.labels.items() if one.taxonomy == "phenomenology"]
    assert {label_map.of_label(name) for name in wanted} == {
        ServerClass(30, params.labels[name].class_name) for name in wanted
    }


def test_the_first_of_several_names_of_a_taxonomy_is_taken(params):
    both = [taxonomy_of(one) for one in (SITEWIDE, SCOPE, PHENOMENOLOGY)]
    assert LabelMap(params, both).of_label("EA") == ServerClass(7, "EA")
