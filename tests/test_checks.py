"""Checking params.yaml: each wrong value is refused by key, value and what is allowed."""

import shutil
from dataclasses import is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
import yaml

from scope.base.errors import ConfigError
from scope.base.params import read_section
from scope.config.checks import SECTIONS, check_all
from scope.config.compose import compose
from scope.config.dataset import DatasetParams
from scope.config.taxonomy import label_names


@pytest.fixture
def params_file(root, tmp_path) -> Path:
    return Path(shutil.copy(root / "params.yaml", tmp_path))


def change(path: Path, key: str, value: Any) -> None:
    document = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
    inner = document
    for step in key.split(".")[:-1]:
        inner = inner[step]
    inner[key.rsplit(".", maxsplit=1)[-1]] = value
    path.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False))


@pytest.mark.parametrize("name", ["sample", "crts", "linear", "d15"])
def test_every_data_set_of_the_project_passes(name, root, tmp_path):
    compose([f"dataset={name}"], tmp_path / "params.yaml", root)
    check_all(tmp_path / "params.yaml")


def numbers_without_limit(kind: Any) -> set[str]:
    """Return the numbers among the fields of a section, and of sections in it, without a limit."""
    found = set()
    for name, hint in get_type_hints(kind, include_extras=True).items():
        for one in (hint, *get_args(hint)):
            if one in (int, float) and get_origin(hint) is not Annotated:
                found.add(f"{kind.__name__}.{name}")
            elif is_dataclass(one):
                found |= numbers_without_limit(one)
    return found


@pytest.mark.parametrize("kind", [one for one in SECTIONS.values() if is_dataclass(one)])
def test_every_number_has_a_limit_beside_it(kind):
    assert numbers_without_limit(kind) == set()


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("training.epochs", 0, "a whole number of at least 1"),
        ("training.batch_size", -1, "a whole number of at least 1"),
        ("training.learning_rate", 0.0, "a number above 0"),
        ("training.xgb.subsample", 1.5, "a number above 0 and of at most 1"),
        ("training.label_smoothing", 3.0, "a number from 0 to 1"),
        ("training.older.learning_rate", -0.1, "a number above 0"),
        ("training.older.label_smoothing", 3.0, "a number from 0 to 1"),
        ("scale.log_quantile", 1.5, "a number from 0 to 1"),
        ("features.min_points", 3, "a whole number of at least 4"),
        ("features.period.n_peaks", 0, "a whole number of at least 1"),
        ("training.xgb.folds", 1, "a whole number of at least 2"),
        ("training.seeds", [], "a list of different whole numbers"),
        ("training.seeds", [1, 1], "a list of different whole numbers"),
        ("training.classes.ea.features", "both", "one of phenomenological, ontological"),
        ("training.classes.ea.label", "Algol", "one of variable, periodic, .*non-variable"),
        ("training.classes.vnv.negative", "constant", "one of variable"),
        ("training.classes.ea.threshold", 1.0, "a number from 0 to below 1"),
        ("training.classes.ea.balance", 0.0, "a number above 0, or null"),
        ("classes", ["ea", "rrlyra"], "one of vnv, pnp"),
        ("classes", [], "some of vnv, pnp"),
        ("dataset.classes", ["x"], "one of vnv"),
        ("scale.clip", 0.0, "a number above 0"),
        ("split.test_size", 1.0, "a number between 0 and 1"),
        ("split.val_size", 0.9, "below 0.8, 1 - test_size"),
        ("disagreements.high", 1.5, "a number from 0 to 1"),
        ("disagreements.low", 0.96, "below high, 0.95"),
        ("evaluate.confidence", 1.0, "a number between 0 and 1"),
        ("dataset.label_column", "type", "a column if dataset.label_map is given"),
        ("dataset.feature_sets.ontological", [], "a list of different features"),
        ("features.dmdt.dt_edges", [0.0, 1.0], "27 rising numbers"),
        ("features.dmdt.dm_edges", [0.0, 1.0, 2.0], "27 rising numbers"),
    ],
)
def test_a_value_that_is_not_allowed_is_named_with_what_is(key, value, allowed, params_file):
    change(params_file, key, value)
    with pytest.raises(ConfigError, match=rf"{key} is .*; it must be {allowed}"):
        check_all(params_file)


def test_a_value_of_the_wrong_type_is_named_in_any_section(params_file):
    change(params_file, "predict.rows_at_once", "many")
    with pytest.raises(ConfigError, match=r"predict\.rows_at_once: .* got 'many'"):
        check_all(params_file)


def test_both_branches_switched_off_are_refused(params_file):
    change(params_file, "training.dense_branch", False)
    change(params_file, "training.conv_branch", False)
    with pytest.raises(ConfigError, match=r"true where training\.conv_branch is false"):
        check_all(params_file)


def test_reference_statistics_must_cover_the_features(root, tmp_path):
    params_file = tmp_path / "params.yaml"
    compose(["feature_stats=d15"], params_file, root)
    check_all(params_file)
    change(params_file, "dataset.feature_sets.ontological", ["period", "W1"])
    with pytest.raises(ConfigError, match="training: feature_stats lacks W1"):
        check_all(params_file)


def test_labels_are_those_of_the_taxonomy_and_of_the_map(root, tmp_path):
    compose(["dataset=crts"], tmp_path / "params.yaml", root)
    dataset = read_section("dataset", DatasetParams, tmp_path / "params.yaml")
    labels = label_names(dataset, tmp_path / "params.yaml")
    assert {"variable", "CV", "non-variable", "RR Lyrae ab"} <= set(labels)
    assert len(set(labels)) == len(labels)


def test_an_upload_needs_groups(params_file):
    change(params_file, "fritz.mode", "apply")
    with pytest.raises(ConfigError, match=r"fritz\.group_ids is \[\]"):
        check_all(params_file)
    change(params_file, "fritz.group_ids", [3])
    check_all(params_file)


def test_a_label_needs_a_taxonomy_that_has_a_name(params_file):
    change(params_file, "fritz_labels.labels.Mira.taxonomy", "mine")
    with pytest.raises(ConfigError, match=r"labels\.Mira\.taxonomy is 'mine'"):
        check_all(params_file)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"max_depth": [4, 0]}, r"grid\.max_depth is 0; it must be a whole number of at least 1"),
        ({"subsample": [1.5]}, r"grid\.subsample is 1\.5; it must be a number above 0"),
        ({"gamma": [1.0]}, r"grid\.gamma is no parameter; choose among rounds"),
    ],
)
def test_a_grid_may_hold_what_its_parameters_may(grid, message, params_file):
    change(params_file, "training.xgb.grid", grid)
    with pytest.raises(ConfigError, match=message):
        check_all(params_file)
