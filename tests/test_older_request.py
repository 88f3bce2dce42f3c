"""Where each value of `scope train` is from."""

import pytest
import yaml
from d15 import feature_sets

from scope.base.errors import ConfigError
from scope.older.flags import all_flags
from scope.older.request import defaults, resolve


@pytest.fixture
def params(root, tmp_path):
    """Write params.yaml with changes below `training`; return its path."""
    document = yaml.safe_load((root / "params.yaml").read_text())

    def write(**changes):
        document["training"] |= changes
        path = tmp_path / "params.yaml"
        path.write_text(yaml.safe_dump(document))
        return path

    return write


def test_a_value_is_of_its_flag_before_the_class_before_older_before_training(params):
    path = params(epochs=77, epoch_rows=999)
    found = resolve("vnv", {"threshold": 0.6}, path).settings
    assert (found["threshold"].value, found["threshold"].source) == (0.6, "--threshold")
    assert found["weight_per_class"].source == "training.classes.vnv"
    assert (found["epoch_rows"].value, found["epoch_rows"].source) == (1, "training.older")
    assert (found["epochs"].value, found["epochs"].source) == (77, "training")


def test_the_request_holds_what_was_resolved(params):
    request = resolve("vnv", {"learning_rate": 0.5, "epochs": 3, "beta_1": 0.8}, params())
    assert (request.training.learning_rate, request.training.epochs) == (0.5, 3)
    assert request.training.epoch_rows == request.older.epoch_rows == 1
    assert request.older.beta_1 == 0.8
    assert request.params.label == "variable"


def test_features_are_a_set_or_a_list(params):
    path = params()
    assert resolve("vnv", {}, path).feature_names == feature_sets()["phenomenological"]
    assert resolve("vnv", {"features": ["ontological"]}, path).feature_names[1] == "ccd"
    assert resolve("vnv", {"features": ["skew", "ad"]}, path).feature_names == ["skew", "ad"]


def test_every_plain_parameter_of_training_has_a_flag(params):
    document = yaml.safe_load(params().read_text())["training"]
    plain = {name for name, value in document.items() if isinstance(value, int | float | str)}
    plain |= {name for name, value in document["classes"]["vnv"].items()}
    assert plain | set(document["older"]) <= {flag.name for flag in all_flags()}


def test_every_flag_has_a_default_with_its_source(params):
    assert {flag.name for flag in all_flags()} <= set(defaults("vnv", params()))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epochs": 0}, "training.epochs is 0; it must be a whole number of at least 1"),
        ({"threshold": 1.0}, "threshold is 1.0; .* \\(given by --threshold\\)"),
        ({"balance": -1.0}, "balance is -1.0"),
        ({"optimizer": "newton"}, "optimizer is 'newton' .* one of adam"),
        ({"scale_features": "log"}, "scale_features"),
        ({"features": ["ad", "ad"]}, "different names"),
        ({"dense_branch": False, "conv_branch": False}, "conv_branch is false"),
        ({"test_size": 1.5}, "training.older.test_size is 1.5"),
    ],
)
def test_a_value_out_of_range_is_refused(params, given, message):
    with pytest.raises(ConfigError, match=message):
        resolve("vnv", given, params())


def test_an_unknown_class_is_refused_with_those_known(params):
    with pytest.raises(ConfigError, match="'xyz' is unknown; choose among agn"):
        resolve("xyz", {}, params())


def test_without_params_yaml_the_folder_is_to_blame(tmp_path):
    with pytest.raises(ConfigError, match="run in the project's folder"):
        resolve("vnv", {}, tmp_path / "params.yaml")


def test_a_quick_try_has_two_epochs_at_most(params):
    path = params()
    assert resolve("vnv", {"test": True, "epochs": 50}, path).training.epochs == 2
    assert resolve("vnv", {"test": True, "epochs": 1}, path).training.epochs == 1
