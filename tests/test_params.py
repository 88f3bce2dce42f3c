"""Parameters: what is allowed is read, everything else is named and refused."""

import shutil
from pathlib import Path

import pytest
import yaml

from scope.base.errors import ConfigError
from scope.base.params import read_params, read_section
from scope.config.compose import compose
from scope.config.scale import ScaleParams
from scope.config.split import SplitParams
from scope.config.training import ClassParams, read_class, read_training

REFERENCE_TAGS = (
    "vnv pnp longt i fla ew eb ea e agn bis blyr ceph dscu lpv mir puls rrlyr rscvn srv wuma yso"
)


@pytest.fixture
def params_file(root, tmp_path) -> Path:
    return Path(shutil.copy(root / "params.yaml", tmp_path))


def edit(path: Path, **sections: dict[str, object]) -> Path:
    document = yaml.safe_load(path.read_text())
    for name, values in sections.items():
        document[name] |= values
    path.write_text(yaml.safe_dump(document))
    return path


def test_params_yaml_is_what_conf_composes_to(root, tmp_path):
    compose([], tmp_path / "params.yaml", root)
    assert (tmp_path / "params.yaml").read_text() == (root / "params.yaml").read_text()


def test_all_classes_of_the_sample_are_the_22_of_the_reference(root):
    assert read_params(root / "params.yaml")["classes"] == REFERENCE_TAGS.split()


def test_one_tag_selects_one_class(root, tmp_path):
    compose(["class=vnv"], tmp_path / "params.yaml", root)
    assert read_params(tmp_path / "params.yaml")["classes"] == ["vnv"]


def test_a_group_selects_what_the_data_set_has_of_it(root, tmp_path):
    compose(["class=phenomenological", "dataset=crts"], tmp_path / "params.yaml", root)
    assert read_params(tmp_path / "params.yaml")["classes"] == ["ew", "ea", "e"]


def test_an_unknown_class_is_named_with_all_that_are_allowed(root, tmp_path):
    with pytest.raises(ConfigError, match=r"'foo' is unknown.*phenomenological.*rrlyr"):
        compose(["class=foo"], tmp_path / "params.yaml", root)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_data_set_is_answered_with_the_known_ones(root, tmp_path):
    with pytest.raises(ConfigError, match=r"(?s)dataset/nowhere.*crts.*linear.*sample"):
        compose(["dataset=nowhere"], tmp_path / "params.yaml", root)


def test_an_override_of_an_unknown_key_is_refused(root, tmp_path):
    with pytest.raises(ConfigError, match=r"training\.epochz"):
        compose(["training.epochz=3"], tmp_path / "params.yaml", root)


def test_full_training_is_ten_states_of_the_reference(root, tmp_path):
    compose(["training=full"], tmp_path / "params.yaml", root)
    training = read_training(tmp_path / "params.yaml")
    assert training.seeds == [*range(1, 10), 42]
    assert (training.epochs, training.patience, training.batch_size) == (300, 30, 64)


def test_composing_without_conf_says_where_to_go(tmp_path):
    with pytest.raises(ConfigError, match="project's folder"):
        compose([], tmp_path / "params.yaml", tmp_path)


def test_an_unreadable_conf_file_is_named(root, tmp_path):
    shutil.copytree(root / "conf", tmp_path / "conf")
    (tmp_path / "conf/training/default.yaml").write_text("epochs: [1\n")
    with pytest.raises(ConfigError, match=r"training/default"):
        compose([], tmp_path / "params.yaml", tmp_path)


def test_a_catalogue_that_is_a_table_wins_over_the_light_curves_of_the_data_set(root, tmp_path):
    compose(["dataset.catalogue={table: mine.csv}"], tmp_path / "params.yaml", root)
    assert read_params(tmp_path / "params.yaml")["inputs"]["catalogue"] == "mine.csv"


def test_an_unknown_key_is_named_with_the_allowed_ones(params_file):
    with pytest.raises(ConfigError, match=r"split\.test_sise: unknown key.*test_size"):
        read_section("split", SplitParams, edit(params_file, split={"test_sise": 0.1}))


@pytest.mark.parametrize("value", ["0.2", True, [0.2]])
def test_a_value_of_the_wrong_type_is_named(params_file, value):
    with pytest.raises(ConfigError, match=r"split\.val_size.*got"):
        read_section("split", SplitParams, edit(params_file, split={"val_size": value}))


def test_a_value_outside_the_choices_lists_them(params_file):
    with pytest.raises(ConfigError, match=r"scale\.method.*'median_std' or 'min_max'.*'zscore'"):
        read_section("scale", ScaleParams, edit(params_file, scale={"method": "zscore"}))


def test_a_missing_section_lists_those_there_are(params_file):
    with pytest.raises(ConfigError, match=r"scaling is missing.*scale"):
        read_section("scaling", ScaleParams, params_file)


def test_an_unknown_tag_lists_the_known_ones(params_file):
    with pytest.raises(ConfigError, match=r"'rrx' is unknown.*rrlyr"):
        read_class("rrx", params_file)


def test_the_parameters_of_a_class_are_those_of_the_reference(root):
    expected = ClassParams(
        label="variable",
        features="phenomenological",
        threshold=0.9,
        balance=None,
        weight_per_class=True,
        negative="non-variable",
    )
    assert read_class("vnv", root / "params.yaml") == expected


def test_a_params_file_that_is_not_yaml_is_named(tmp_path):
    (tmp_path / "params.yaml").write_text("a: [1\n")
    with pytest.raises(ConfigError, match=r"params\.yaml is not YAML"):
        read_params(tmp_path / "params.yaml")


def test_an_absent_params_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"params\.yaml cannot be read"):
        read_params(tmp_path / "params.yaml")
