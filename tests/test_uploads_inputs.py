"""The table a tool is given."""

import numpy as np
import pandas as pd
import pytest

from scope.base.errors import DataError
from scope.fritz.uploads.inputs import check_ids, periods_of, read_rows


def write(path, **columns):
    table = {"_id": [11, 12, 13], "ra": [10.0, 10.0002, 20.0], "dec": [0.0, 0.0, 45.0]}
    pd.DataFrame(table | columns).to_csv(path, index=False)
    return path


def test_rows_within_the_radius_are_one_source_named_after_their_mean_position(tmp_path):
    rows = read_rows(write(tmp_path / "a.csv"), 2.0)
    assert rows.source.tolist() == [0, 0, 1]
    # 10.0001 deg are 0 h 40 m 0.024 s
    assert [one.name for one in rows.places] == ["ZTFJ004000.02+000000.0", "ZTFJ012000.00+450000.0"]
    assert [one.light_curves for one in rows.places] == [(11, 12), (13,)]
    assert [one.tolist() for one in rows.rows_of()] == [[0, 1], [2]]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"ra": [10.0, None, 20.0]}, "ra in"),
        ({"ra": [10.0, 400.0, 20.0]}, "400"),
        ({"dec": [0.0, -95.0, 45.0]}, "dec in"),
        ({"ra": ["1h", 2, 3]}, "1h"),
    ],
)
def test_a_row_without_a_place_on_the_sky_is_named(tmp_path, columns, message):
    with pytest.raises(DataError, match=message):
        read_rows(write(tmp_path / "a.csv", **columns), 2.0)


def test_a_file_that_is_no_table_is_refused(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"no table")
    with pytest.raises(DataError, match="Parquet"):
        read_rows(tmp_path / "a.parquet", 2.0)


def test_a_table_without_rows_or_positions_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("ra,dec\n")
    with pytest.raises(DataError, match="no rows"):
        read_rows(tmp_path / "a.csv", 2.0)
    (tmp_path / "b.csv").write_text("RA,dec\n1,2\n")
    with pytest.raises(DataError, match="no column ra"):
        read_rows(tmp_path / "b.csv", 2.0)


def test_a_results_table_can_be_read_again(tmp_path):
    path = write(tmp_path / "a.csv")
    path.write_text("# pipeline 0.1.0\n# server x\n" + path.read_text())
    assert len(read_rows(path, 2.0).table) == 3


@pytest.mark.parametrize("period", [None, -1.0, 0.0, np.inf])
def test_a_period_that_is_none_is_named(tmp_path, period):
    rows = read_rows(write(tmp_path / "a.csv", period=[0.5, period, 2.0]), 2.0)
    with pytest.raises(DataError, match=r"positive period \[d\]: _id 12"):
        periods_of(rows.table, tmp_path)


def test_a_table_without_periods_has_none(tmp_path):
    rows = read_rows(write(tmp_path / "a.csv"), 2.0)
    assert np.isnan(periods_of(rows.table, tmp_path)).all()


def test_a_light_curve_that_stands_twice_is_named(tmp_path):
    rows = read_rows(write(tmp_path / "a.csv", _id=[11, 12, 11]), 2.0)
    with pytest.raises(DataError, match="_id 11"):
        check_ids(rows.table, tmp_path)
