"""CSV tables with dm-dt histograms in JSON: as pandas and json read them, block by block."""

import gzip
import json

import numpy as np
import pandas as pd
import pytest

from scope.base.errors import DataError
from scope.tables import csv as csv_tables
from scope.tables.histograms import dmdt_of
from scope.tables.reading import read_table

N_ROWS = 40
HISTOGRAMS = np.random.default_rng(3).random((N_ROWS, 26, 26)) * 10.0 ** np.arange(-13, 13)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Let a block hold two or three rows."""
    monkeypatch.setattr(csv_tables, "BLOCK_BYTES", 1 << 15)


def table() -> pd.DataFrame:
    """One column of each kind that pandas tells apart, the histograms among them."""
    gaps = ["", "NA", "nan", "NULL", "None", "#N/A", "-NaN", "<NA>"] * 5
    return pd.DataFrame(
        {
            "_id": np.arange(N_ROWS) + 2**62,
            "x": np.random.default_rng(1).normal(size=N_ROWS),
            "dmdt": [json.dumps(one.tolist()) for one in HISTOGRAMS],
            "with gaps": ["7", *gaps[1:]],
            "huge": [str(2**64 - 1)] * N_ROWS,
            "flag": ["True", "False"] * 20,
            "flag with gaps": ["true", ""] * 20,
            "late text": ["1"] * 39 + ["a, b\n c"],
            "late number": ["1"] * 39 + ["inf"],
            "date": "2021-03-24",
            "empty": "",
        }
    )


def without_dmdt(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns="dmdt")


def test_histograms_are_those_of_json_and_other_columns_those_of_pandas(tmp_path):
    table().to_csv(tmp_path / "t.csv", index=False)
    found, expected = read_table(tmp_path / "t.csv"), pd.read_csv(tmp_path / "t.csv")
    assert list(found) == list(expected)
    pd.testing.assert_frame_equal(without_dmdt(found), without_dmdt(expected))
    plain = np.array([json.loads(text) for text in expected["dmdt"]], dtype=np.float32)
    np.testing.assert_array_equal(dmdt_of(found), plain)


def test_flat_lists_are_read_as_squares_are(tmp_path):
    flat = [json.dumps(one.reshape(-1).tolist()) for one in HISTOGRAMS]
    table().assign(dmdt=flat).to_csv(tmp_path / "t.csv", index=False)
    read = dmdt_of(read_table(tmp_path / "t.csv"))
    np.testing.assert_array_equal(read, HISTOGRAMS.astype(np.float32))


def test_a_compressed_table_is_read_and_a_cut_one_refused(tmp_path):
    table().to_csv(tmp_path / "t.csv.gz", index=False)
    read = dmdt_of(read_table(tmp_path / "t.csv.gz"))
    np.testing.assert_array_equal(read, HISTOGRAMS.astype(np.float32))
    whole = (tmp_path / "t.csv.gz").read_bytes()
    (tmp_path / "cut.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"cut\.csv\.gz: not a CSV file of one table"):
        read_table(tmp_path / "cut.csv.gz")


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "no JSON",
        "[[1, 2], [3]]",
        json.dumps([[0.0] * 26] * 25),
        json.dumps([[0.0] * 25] + [[0.0] * 26] * 24 + [[0.0] * 27]),
        json.dumps([[0.0]] * 676),
        json.dumps([[[0.0] * 26]] * 26),
        json.dumps([["0.0"] * 26] * 26),
        json.dumps([[None] * 26] * 26),
        json.dumps([[float("nan")] * 26] * 26),
        json.dumps({"a": [[0.0] * 26] * 26}),
        "1",
    ],
)
def test_one_odd_row_leaves_all_as_the_text_that_it_is(odd, tmp_path):
    frame = table()
    frame.loc[N_ROWS - 2, "dmdt"] = odd
    frame.to_csv(tmp_path / "t.csv", index=False)
    found, expected = read_table(tmp_path / "t.csv"), pd.read_csv(tmp_path / "t.csv")
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.999])
def test_a_table_cut_within_a_histogram_is_refused(share, tmp_path):
    table()[["_id", "dmdt"]].to_csv(tmp_path / "t.csv", index=False)
    whole = (tmp_path / "t.csv").read_bytes()
    (tmp_path / "cut.csv").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataError, match=r"cut\.csv: "):
        read_table(tmp_path / "cut.csv")


def test_a_table_cut_before_its_last_histogram_is_refused(tmp_path):
    lines = table()[["_id", "dmdt"]].to_csv(index=False).splitlines()
    (tmp_path / "t.csv").write_text("\n".join([*lines[:-1], "41"]))
    with pytest.raises(DataError, match="cut off in its last line, row 39"):
        read_table(tmp_path / "t.csv")


def test_the_last_line_may_lack_its_end(tmp_path):
    text = table()[["_id", "dmdt"]].to_csv(index=False)
    (tmp_path / "t.csv").write_text(text.rstrip("\n"))
    assert len(dmdt_of(read_table(tmp_path / "t.csv"))) == N_ROWS


@pytest.mark.parametrize("ending", ["\r\n", "\n\n"])
def test_line_ends_of_other_systems_and_blank_lines_do_no_harm(ending, tmp_path):
    text = table()[["_id", "dmdt"]].to_csv(index=False, lineterminator=ending)
    (tmp_path / "t.csv").write_bytes(text.encode())
    read = dmdt_of(read_table(tmp_path / "t.csv"))
    np.testing.assert_array_equal(read, HISTOGRAMS.astype(np.float32))


def test_a_column_without_a_name_gets_the_one_that_pandas_gives_it(tmp_path):
    table()[["_id", "dmdt"]].to_csv(tmp_path / "t.csv")  # the index has no name
    found, expected = read_table(tmp_path / "t.csv"), pd.read_csv(tmp_path / "t.csv")
    pd.testing.assert_frame_equal(without_dmdt(found), without_dmdt(expected))


def test_a_table_of_no_rows_is_empty(tmp_path):
    table().iloc[:0].to_csv(tmp_path / "t.csv", index=False)
    assert list(read_table(tmp_path / "t.csv")) == list(table())


def test_text_that_is_not_utf_8_is_refused(tmp_path):
    content = table()[["_id", "dmdt"]].assign(name="é").to_csv(index=False).encode("latin-1")
    (tmp_path / "t.csv").write_bytes(content)
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(content))
    for name in ("t.csv", "t.csv.gz"):
        with pytest.raises(DataError, match="not a CSV file of one table"):
            read_table(tmp_path / name)
