"""docs/data-contract.md: it says what the code does, and names every column."""

import sys
from fnmatch import fnmatchcase
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from scope.base.params import read_section
from scope.config.disagreements import DisagreementParams
from scope.data.contract_table import CATALOGUES, HISTOGRAM, WHERE_AND_WHAT
from scope.data.scaling import FeatureScaling, Scaling
from scope.disagreements.rule import FOUND, KEYS, find_disagreements
from scope.features.curve import FEATURES
from scope.features.definitions import DEFINITIONS
from scope.models.prediction import CARRIED, SCORES, Classifier, scores_of
from scope.models.shared.calibration import learn
from scope.tables.histograms import with_dmdt

UNITS = {"", "mag", "d", "mag/d", "deg", "mas", "mas/yr"}


@pytest.fixture(scope="module")
def contract_page(root):
    sys.path.insert(0, str(root / "docs"))
    try:
        import contract_page
    finally:
        sys.path.remove(str(root / "docs"))
    return contract_page


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs/data-contract.md").read_text(encoding="utf-8")


def test_the_page_is_what_the_code_says(contract_page, page):
    assert page == contract_page.render(), "write it anew with `make contract`"


def test_every_feature_has_a_definition_and_a_unit():
    assert list(DEFINITIONS) == list(FEATURES)
    assert all(one.formula and one.source and one.unit in UNITS for one in DEFINITIONS.values())


def test_every_column_that_a_table_may_have_is_in_the_page(contract_page, page):
    contract = contract_page.read_contract()
    named = [*contract_page.wanted_features(), *contract.labels, *contract.features]
    assert [
        name for name in named if f"| `{name}` |" not in page and f"*`{name}`*" not in page
    ] == []


def test_every_column_has_one_meaning(contract_page):
    known = {one.name for one in (*WHERE_AND_WHAT, HISTOGRAM)}
    for name in contract_page.wanted_features():
        found = [one for one in CATALOGUES if fnmatchcase(name, one.name)]
        assert len(found) + (name in known or name in DEFINITIONS) == 1, name
    assert all(one.unit in UNITS for one in (*WHERE_AND_WHAT, *CATALOGUES))


def test_every_rule_of_validation_is_in_the_page(contract_page, page):
    contract = contract_page.read_contract()
    for column, rules in contract_page.rules_by_column(contract).items():
        for rule in rules:
            if "column_A" in rule.arguments:
                assert f"| `{column}` | `{rule.arguments['column_A']}` |" in page
            else:
                assert rule.text in page or contract_page._said([rule]) in page, column


def scored(kind):
    """Return the scores of two rows by two networks a class, calibrated by `kind`."""
    truth = np.array([0, 0, 1, 1], dtype=bool)
    calibration = learn(kind, np.array([0.1, 0.2, 0.8, 0.9], np.float32), truth, np.ones(4))
    algorithm = SimpleNamespace(predict=lambda model, *_: np.float32([model, 1 - model]))
    card = SimpleNamespace(features=["skew"])
    classifiers = [
        Classifier(f"ew_{name}", card, algorithm, [0.2, 0.3], [calibration] * 2)
        for name in ("dnn", "xgb")
    ]
    frame = with_dmdt(pd.DataFrame({"skew": [1.0, 2.0]}), np.zeros((2, 676), np.float32))
    scaling = Scaling((FeatureScaling("skew", 0.0, None, 0.0, 1.0),), -9.0, 9.0)
    return scores_of(frame, classifiers, scaling, threads=1)


def test_the_columns_of_the_predictions_are_those_of_the_page():
    known = [name.replace("TAG", "ew") for names in SCORES for name in names.split(", ")]
    assert set(scored("platt")) == set(known)
    assert {one.name for one in WHERE_AND_WHAT} == set(CARRIED)


def test_the_columns_of_the_disagreements_are_those_of_the_page(root):
    params = read_section("disagreements", DisagreementParams, root / "params.yaml")
    scores = {"ew_dnn": [1.0], "ew_xgb": [0.0], "ew_dnn_std": [0.1], "ew_xgb_std": [0.1]}
    table = pd.DataFrame({"_id": [1], "ra": [0.0], "dec": [0.0], "skew": [1.0], **scores})
    found = find_disagreements(table, None, params, "scores")[0]
    assert list(found) == [*KEYS, *FOUND, "skew"]
