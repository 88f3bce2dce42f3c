"""The data set d15: the embedded sample, exported in its form, is a source like any other."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from scope.base.params import read_params
from scope.cli.main import main
from scope.config.compose import compose
from scope.data.contract_check import check
from scope.sample import SampleParams, generate
from scope.tables.histograms import dmdt_of
from scope.tables.reading import read_table
from stages import fetch, validate


@pytest.fixture(scope="module")
def tables(root, tmp_path_factory) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """The table made of light curves, that made of its export, and what the latter breaks."""
    folder = tmp_path_factory.mktemp("d15")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        generate(SampleParams(n_training=60, n_catalogue=1, seed=1), Path("data/sample"))
        compose(["class=vnv"], Path("params.yaml"), root)
        fetch.main("build/training.parquet", "build/dropped.csv")
        assert CliRunner().invoke(main, ["export"]).exit_code == 0
        compose(["dataset=d15", "class=vnv"], Path("params.yaml"), root)
        fetch.main("build/again.parquet", "build/dropped.csv")
        report = check(read_table(Path("build/again.parquet")), validate.read_contract())
        broken = [finding.rule.column for finding in report.broken("critical")]
        return *(
            read_table(Path(f"build/{name}.parquet")) for name in ("training", "again")
        ), broken


def test_the_22_classes_of_scope_are_trained(root, tmp_path):
    compose(["dataset=d15"], tmp_path / "params.yaml", root)
    document = read_params(tmp_path / "params.yaml")
    assert document["classes"] == read_params(root / "params.yaml")["classes"]
    assert document["inputs"]["training"] == "data/training/dataset.d15.csv"


def test_a_subclass_of_rr_lyrae_is_trained_by_name(root, tmp_path):
    compose(["dataset=d15", "class=rrab"], tmp_path / "params.yaml", root)
    assert read_params(tmp_path / "params.yaml")["classes"] == ["rrab"]


def test_an_exported_sample_is_fetched_as_it_was(tables):
    made, again, _ = tables
    assert set(again) == set(made)
    pd.testing.assert_frame_equal(
        again.drop(columns="dmdt")[list(made.drop(columns="dmdt"))],
        made.drop(columns="dmdt"),
        check_dtype=False,
    )
    np.testing.assert_array_equal(dmdt_of(again), dmdt_of(made))


def test_an_exported_sample_keeps_to_the_contract(tables):
    assert tables[2] == []
