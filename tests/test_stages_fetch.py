"""The stages fetch and fetch_catalogue, run as the pipeline runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from scope.base.errors import ScopeError
from scope.base.params import read_params
from scope.config.compose import compose
from scope.tables.histograms import dmdt_of
from scope.tables.reading import read_table
from stages import configure, fetch, fetch_catalogue

N_ROWS = 60


@pytest.fixture
def project(root, tmp_path, monkeypatch) -> Path:
    """The working folder, with params.yaml of a small table and a catalogue in long form."""
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"_id": np.arange(N_ROWS), "ra": rng.uniform(0, 360, N_ROWS), "dec": 0.0})
    frame["period"], frame["skew"], frame["EA"] = 1.5, rng.normal(size=N_ROWS), frame["_id"] % 2
    frame.to_csv(tmp_path / "table.csv", index=False)
    write_catalogue(tmp_path)
    compose(
        [
            "dataset.training={table: table.csv}",
            "dataset.catalogue={objects: objects.csv, lightcurves: points.csv}",
            "training.conv_branch=false",
        ],
        tmp_path / "params.yaml",
        root,
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_catalogue(folder: Path) -> None:
    mjd = 58000 + np.arange(60) ** 1.1
    points = pd.DataFrame({"id": 5, "mjd": mjd, "mag": 15 + np.sin(mjd), "magerr": 0.01})
    points.to_csv(folder / "points.csv", index=False)
    pd.DataFrame({"id": [5, 6], "ra": [1.0, 2.0], "dec": 0.0}).to_csv(
        folder / "objects.csv", index=False
    )


def override(project: Path, old: str, new: str) -> None:
    path = project / "params.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_fetch_writes_the_training_table_and_an_empty_list_of_losses(project):
    fetch.main("build/out.parquet", "build/dropped.csv")
    table = read_table(project / "build/out.parquet")
    assert table["_id"].to_list() == list(range(N_ROWS))
    assert dmdt_of(table).shape == (N_ROWS, 26, 26)
    assert (project / "build/dropped.csv").read_text() == "_id,reason,points\n"


def test_fetch_catalogue_writes_features_of_light_curves_and_what_was_dropped(project):
    fetch_catalogue.main("build/out.parquet", "build/dropped.csv")
    assert read_table(project / "build/out.parquet")["_id"].to_list() == [5]
    assert (project / "build/dropped.csv").read_text() == "_id,reason,points\n6,no light curve,\n"


def test_fetch_catalogue_takes_the_test_split_where_there_is_no_catalogue(project):
    fetch.main("training.parquet", "build/dropped.csv")
    document = read_params()
    document["dataset"]["catalogue"] = None
    document["inputs"]["catalogue"] = "training.parquet"
    (project / "params.yaml").write_text(yaml.safe_dump(document))
    fetch_catalogue.main("build/out.parquet", "build/dropped.csv")
    assert 0 < len(read_table(project / "build/out.parquet")) < N_ROWS / 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("table: table.csv", "table: absent.csv", "absent.csv: no such file"),
        ("conv_branch: false", "conv_branch: true", "table.csv: no column 'dmdt'"),
    ],
)
def test_fetch_stops_at_a_wrong_file_and_leaves_nothing(old, new, message, project):
    override(project, old, new)
    with pytest.raises(ScopeError, match=message):
        fetch.main("build/out.parquet", "build/dropped.csv")
    assert not list(project.glob("build/*"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("epochs: ", "epochs: -", "training.epochs is -"),
        ("epochs: ", "epoches: ", "params.yaml: training"),
    ],
)
def test_configure_stops_at_a_wrong_parameter_and_leaves_nothing(old, new, message, project):
    override(project, old, new)
    with pytest.raises(ScopeError, match=message):
        configure.main("build/params")
    assert not list(project.glob("build/*"))


def test_configure_hands_on_all_parameters(project):
    configure.main("build/params")
    assert json.loads((project / "build/params/report.json").read_text()) == read_params()


def test_a_stage_ends_with_one_line_and_status_1(root, project):
    override(project, "table.csv", "absent.csv")
    command = [sys.executable, "-m", "stages.fetch", "build/out.parquet", "build/dropped.csv"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: absent.csv: no such file")
    assert "Traceback" not in done.stderr
