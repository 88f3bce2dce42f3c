"""Tables: what is read, what is refused and by which words, what is written."""

import json

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scope.base.errors import DataError
from scope.tables.histograms import dmdt_of, with_dmdt
from scope.tables.parquet import write_table
from scope.tables.reading import column_names, read_table

LARGE_ID = 2**62 + 1  # not exact as a float


@pytest.fixture
def frame() -> pd.DataFrame:
    histograms = np.random.default_rng(1).random((3, 26, 26)).astype(np.float32)
    plain = pd.DataFrame(
        {"_id": [LARGE_ID, 2, 3], "obj_id": ["ZTF1", None, "ZTF3"], "x": [0.1, np.nan, 3e-300]}
    )
    return with_dmdt(plain, histograms)


def test_what_is_written_comes_back(frame, tmp_path):
    write_table(frame, tmp_path / "t.parquet")
    back = read_table(tmp_path / "t.parquet")
    assert list(back.columns) == ["_id", "obj_id", "x", "dmdt"]
    assert back["_id"].to_list() == [LARGE_ID, 2, 3]
    assert back["obj_id"].isna().to_list() == [False, True, False]
    np.testing.assert_array_equal(back["x"], [0.1, np.nan, 3e-300])
    np.testing.assert_array_equal(dmdt_of(back), dmdt_of(frame))


def test_equal_frames_give_equal_bytes_whatever_their_index(frame, tmp_path):
    write_table(frame, tmp_path / "a.parquet")
    write_table(frame.set_axis([7, 5, 3]), tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_written_table_carries_no_pandas_metadata_and_dmdt_as_676_floats(frame, tmp_path):
    write_table(frame, tmp_path / "t.parquet")
    schema = pq.read_schema(tmp_path / "t.parquet")
    assert not schema.metadata
    assert schema.field("dmdt").type == pa.list_(pa.float32(), 676)


def test_dmdt_written_as_lists_of_numbers_is_the_same_file(frame, tmp_path):
    lists = [list(map(float, row.reshape(-1))) for row in dmdt_of(frame)]
    write_table(frame, tmp_path / "a.parquet")
    write_table(frame.assign(dmdt=pd.Series(lists, dtype=object)), tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_dmdt_follows_the_rows_that_are_chosen(frame):
    chosen = dmdt_of(frame.iloc[[2, 0]])
    np.testing.assert_array_equal(chosen, dmdt_of(frame)[[2, 0]])


def test_a_table_of_several_row_groups_gives_every_histogram(tmp_path):
    n_rows = 65_537  # one more than a row group holds
    histograms = np.zeros((n_rows, 676), dtype=np.float32)
    histograms[:, 0] = np.arange(n_rows)
    write_table(
        with_dmdt(pd.DataFrame({"_id": np.arange(n_rows)}), histograms), tmp_path / "t.parquet"
    )
    back = dmdt_of(read_table(tmp_path / "t.parquet"))
    np.testing.assert_array_equal(back[:, 0, 0], np.arange(n_rows, dtype=np.float32))


def test_a_dmdt_of_another_length_is_named_by_its_id(frame):
    short = [np.zeros(676), np.zeros(675), np.zeros(676)]
    with pytest.raises(DataError, match=r"1 of 3 rows lack a dmdt of 676 numbers: _id 2 has 675"):
        dmdt_of(frame.assign(dmdt=pd.Series(short, dtype=object)))


def test_a_missing_dmdt_in_arrow_form_is_named_by_its_id(frame):
    lists = pa.array([[0.0] * 676, None, [1.0] * 676], pa.list_(pa.float32(), 676))
    column = pd.array(lists, dtype=pd.ArrowDtype(lists.type))
    with pytest.raises(DataError, match=r"1 of 3 rows .* _id 2;"):
        dmdt_of(frame.assign(dmdt=column))


def test_a_frame_without_dmdt_is_refused_with_its_columns():
    with pytest.raises(DataError, match="no column 'dmdt' among _id, x"):
        dmdt_of(pd.DataFrame({"_id": [1], "x": [2.0]}))


def test_columns_come_in_the_order_asked_for(frame, tmp_path):
    for name in ("t.parquet", "t.csv"):
        path = tmp_path / name
        if path.suffix == ".csv":
            frame.drop(columns="dmdt").to_csv(path, index=False)
        else:
            write_table(frame, path)
        assert list(read_table(path, ["x", "_id"]).columns) == ["x", "_id"]
        assert column_names(path)[:3] == ["_id", "obj_id", "x"]


@pytest.mark.parametrize("name", ["t.parquet", "t.csv", "t.h5"])
def test_a_missing_column_is_named_with_those_that_are_there(name, tmp_path):
    plain = pd.DataFrame({"_id": [1, 2], "mag": [15.0, 16.0]})
    if name == "t.parquet":
        write_table(plain, tmp_path / name)
    elif name == "t.csv":
        plain.to_csv(tmp_path / name, index=False)
    else:
        plain.to_hdf(tmp_path / name, key="t")
    with pytest.raises(DataError, match=rf"{name}: no column magerr; .* are _id, mag"):
        read_table(tmp_path / name, ["_id", "magerr"])


def test_csv_floats_are_read_to_the_last_bit_and_ids_whole(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(f"_id,x\n{LARGE_ID},0.30000000000000004\n")
    table = read_table(path)
    assert table["_id"].iloc[0] == LARGE_ID
    assert table["x"].iloc[0] == 0.1 + 0.2


@pytest.mark.parametrize("name", ["t.parquet", "t.csv", "t.h5"])
def test_a_missing_file_is_named(name, tmp_path):
    with pytest.raises(DataError, match=rf"{name}: no such file"):
        read_table(tmp_path / name)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_cut_parquet_file_is_refused(share, frame, tmp_path):
    write_table(frame, tmp_path / "t.parquet")
    whole = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataError, match=r"cut\.parquet: not a whole Parquet file"):
        read_table(tmp_path / "cut.parquet")


def test_a_csv_file_cut_in_its_last_line_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("_id,x,y\n1,2,3\n4,5")
    with pytest.raises(DataError, match="cut off in its last line, row 1"):
        read_table(tmp_path / "t.csv")


def test_a_csv_file_cut_within_a_quoted_dmdt_is_refused(tmp_path):
    text = f'_id,dmdt\n1,"{json.dumps([[0.0] * 26] * 26)}"\n'
    (tmp_path / "t.csv").write_text(text[:200])
    with pytest.raises(DataError, match="not a CSV file of one table"):
        read_table(tmp_path / "t.csv")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x81" * 50, b"a,b\n1,2\n1,2,3\n"])
def test_a_csv_file_that_holds_no_table_is_refused(content, tmp_path):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(DataError, match="not a CSV file of one table"):
        read_table(tmp_path / "t.csv")


def test_a_column_that_stands_twice_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("_id,x,x\n1,2,3\n")
    pq.write_table(pa.table([[1], [2]], names=["x", "x"]), tmp_path / "t.parquet")
    for name in ("t.csv", "t.parquet"):
        with pytest.raises(DataError, match="column x stands there twice"):
            read_table(tmp_path / name)


def test_a_file_of_another_kind_is_refused_with_the_kinds_that_are_read(tmp_path):
    (tmp_path / "t.txt").write_text("1")
    with pytest.raises(DataError, match=r"must end in one of \.parquet"):
        read_table(tmp_path / "t.txt")


def test_a_folder_is_no_table(tmp_path):
    (tmp_path / "t.parquet").mkdir()
    (tmp_path / "t.csv").mkdir()
    (tmp_path / "t.h5").mkdir()
    for name in ("t.parquet", "t.csv", "t.h5"):
        with pytest.raises(DataError, match=f"{name}: not a"):
            read_table(tmp_path / name)


def test_hdf5_written_by_pandas_is_read(tmp_path):
    plain = pd.DataFrame({"_id": [LARGE_ID, 2], "x": [0.5, np.nan]})
    plain.to_hdf(tmp_path / "t.h5", key="anything", format="table")
    pd.testing.assert_frame_equal(read_table(tmp_path / "t.h5"), plain)


def test_hdf5_with_a_data_set_a_column_is_read(tmp_path):
    histograms = np.random.default_rng(2).random((2, 26, 26)).astype(np.float32)
    with h5py.File(tmp_path / "t.h5", "w") as file:
        file["_id"] = [LARGE_ID, 2]
        file["name"] = np.array(["ab", "c"], dtype="S2")
        file["dmdt"] = histograms
    table = read_table(tmp_path / "t.h5")
    assert table["_id"].to_list() == [LARGE_ID, 2]
    assert table["name"].to_list() == ["ab", "c"]
    np.testing.assert_array_equal(dmdt_of(table), histograms)


def test_hdf5_with_one_compound_data_set_is_read(tmp_path):
    with h5py.File(tmp_path / "t.h5", "w") as file:
        file["table"] = np.rec.fromarrays([[1, 2], [0.5, 1.5]], names="_id,x")
    assert read_table(tmp_path / "t.h5").to_dict("list") == {"_id": [1, 2], "x": [0.5, 1.5]}


def test_hdf5_columns_of_unequal_length_are_refused(tmp_path):
    with h5py.File(tmp_path / "t.h5", "w") as file:
        file["_id"] = [1, 2]
        file["x"] = [1.0]
    with pytest.raises(DataError, match=r"not one table: .* 2 columns of 2 lengths"):
        read_table(tmp_path / "t.h5")


def test_an_hdf5_column_that_cannot_be_read_is_named(tmp_path):
    with h5py.File(tmp_path / "t.h5", "w") as file:
        file["_id"] = [1, 2]
        file["name"] = ["a", "bc"]  # text of variable length
    with pytest.raises(DataError, match="cannot be read: name"):
        read_table(tmp_path / "t.h5")


def test_two_tables_in_one_hdf5_file_are_refused(tmp_path):
    for key in ("a", "b"):
        pd.DataFrame({"_id": [1]}).to_hdf(tmp_path / "t.h5", key=key)
    with pytest.raises(DataError, match="keep one table"):
        read_table(tmp_path / "t.h5")


def test_a_cut_hdf5_file_is_refused(tmp_path):
    pd.DataFrame({"_id": np.arange(1000)}).to_hdf(tmp_path / "t.h5", key="t", format="table")
    whole = (tmp_path / "t.h5").read_bytes()
    (tmp_path / "cut.h5").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="not a whole HDF5 file"):
        read_table(tmp_path / "cut.h5")


def test_a_failed_write_leaves_the_old_file_and_nothing_half_written(frame, tmp_path):
    path = tmp_path / "t.parquet"
    write_table(frame, path)
    before = path.read_bytes()
    with pytest.raises(DataError):
        write_table(frame.assign(dmdt=[[1.0]] * 3), path)
    with pytest.raises(pa.ArrowInvalid):
        write_table(frame.assign(x=[1.0, "two", None]), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
