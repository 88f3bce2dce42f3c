"""Export: what is written in any form comes back as it was."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from datasets import dataset

from scope.base.errors import ConfigError, DataError
from scope.cli.main import main
from scope.data.columns import Wanted
from scope.data.export import export
from scope.data.feature_table import read_feature_table
from scope.tables import rows
from scope.tables.histograms import dmdt_of, with_dmdt
from scope.tables.parquet import write_table
from scope.tables.reading import read_table

N_ROWS = 100
FORMS = [("csv", "t.csv"), ("csv", "t.csv.gz"), ("parquet", "t.parquet"), ("hdf5", "t.h5")]
WANTED = Wanted(features=("skew", "n_ztf_alerts"), labels=("EA", "non-variable"))


def any_bits(n: int, kind: type) -> np.ndarray:
    """Finite numbers of all sizes, each pattern of bits as likely as another."""
    size = np.dtype(kind).itemsize
    bits = np.random.default_rng(n).integers(0, 256, n * size, dtype=np.uint8).view(kind)
    return np.where(np.isfinite(bits), bits, kind(0.1))


def contract_table(**changes: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "_id": np.arange(N_ROWS) + 2**62,
            "obj_id": [f'ZTF,"{row}é' if row % 2 else None for row in range(N_ROWS)],
            "ra": np.linspace(0, 359, N_ROWS),
            "dec": 0.1,
            "period": np.where(np.arange(N_ROWS) % 7, 1 / 3, np.nan),
            "filter": "r",
            "field": np.arange(N_ROWS) % 900,
            "skew": any_bits(N_ROWS, np.float64),
            "n_ztf_alerts": pd.array([*range(N_ROWS - 1), None], dtype="Int64"),
            "EA": 0.25,
            "non-variable": np.where(np.arange(N_ROWS) % 2, 1.0, np.nan),
        }
    ).assign(**changes)
    return with_dmdt(frame, any_bits(N_ROWS * 676, np.float32).reshape(-1, 676))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Let fewer rows than there are be written at a time."""
    monkeypatch.setattr(rows, "ROWS_AT_ONCE", 33)


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("table") / "training.parquet"
    write_table(contract_table(), path)
    return path


@pytest.mark.parametrize(("form", "name"), FORMS)
def test_features_come_back_to_the_last_bit_and_names_whole(form, name, written, tmp_path):
    assert export(written, tmp_path / name, form) == N_ROWS
    back = read_feature_table(tmp_path / name, dataset(), WANTED)
    expected = read_feature_table(written, dataset(), WANTED)
    pd.testing.assert_frame_equal(back.drop(columns="dmdt"), expected.drop(columns="dmdt"))


@pytest.mark.parametrize(("form", "name"), FORMS)
def test_histograms_come_back_to_the_last_bit(form, name, written, tmp_path):
    export(written, tmp_path / name, form)
    back = dmdt_of(read_feature_table(tmp_path / name, dataset(), WANTED))
    np.testing.assert_array_equal(back, dmdt_of(read_table(written)))


def test_a_row_of_csv_is_what_pandas_and_json_make_of_it(written, tmp_path):
    export(written, tmp_path / "t.csv", "csv")
    plain = pd.read_csv(tmp_path / "t.csv", nrows=3)
    assert list(plain) == list(contract_table())
    histogram = np.array(json.loads(plain["dmdt"][2]), dtype=np.float32)
    np.testing.assert_array_equal(histogram, dmdt_of(read_table(written))[2])


def test_names_of_sources_are_left_out_where_none_is_known(tmp_path):
    nameless = contract_table(obj_id=pd.array([None] * N_ROWS, dtype="str"))
    write_table(nameless.head(3), tmp_path / "t.parquet")
    export(tmp_path / "t.parquet", tmp_path / "t.csv", "csv")
    assert "obj_id" not in pd.read_csv(tmp_path / "t.csv")


@pytest.mark.parametrize(("form", "name"), FORMS)
def test_the_same_table_gives_the_same_bytes(form, name, written, tmp_path):
    export(written, tmp_path / name, form)
    first = (tmp_path / name).read_bytes()
    export(written, tmp_path / name, form)
    assert (tmp_path / name).read_bytes() == first


@pytest.mark.parametrize(("form", "name"), FORMS)
def test_a_histogram_that_is_not_finite_stops_it_and_the_old_file_stays(form, name, tmp_path):
    wrong = contract_table().head(5)
    histograms = dmdt_of(wrong).copy()
    histograms[3, 0, 0] = np.nan
    write_table(with_dmdt(wrong, histograms), tmp_path / "wrong.parquet")
    (tmp_path / name).write_text("old")
    with pytest.raises(DataError, match="a dmdt is not finite"):
        export(tmp_path / "wrong.parquet", tmp_path / name, form)
    assert (tmp_path / name).read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_name_of_another_format_is_refused(written, tmp_path):
    with pytest.raises(ConfigError, match=r"the name of a hdf5 file ends in \.h5"):
        export(written, tmp_path / "t.csv", "hdf5")


def test_a_table_without_histograms_is_refused(tmp_path):
    contract_table().head(3).drop(columns="dmdt").to_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match="no column dmdt"):
        export(tmp_path / "t.parquet", tmp_path / "t.csv", "csv")


def test_the_command_writes_the_pipelines_table(written, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("build").mkdir()
    Path("build/training.parquet").write_bytes(written.read_bytes())
    done = CliRunner().invoke(main, ["export"])
    assert done.exit_code == 0
    assert Path("data/training/dataset.d15.csv").is_file()


def test_the_command_names_the_stage_that_makes_an_absent_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["export", "--format", "parquet", "--out", "t.parquet"])
    assert done.exit_code == 1
    assert "build/training.parquet: no such file; run `dvc repro fetch`" in done.output
