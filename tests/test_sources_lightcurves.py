"""Light curves in long form are grouped by object, and what does not fit is named."""

import numpy as np
import pandas as pd
import pytest

from scope.base.errors import DataError
from scope.lightcurves.long_form import read_lightcurves


def points(**changes: object) -> pd.DataFrame:
    """Three light curves, 5, 7 and 9, their points interleaved."""
    columns: dict[str, object] = {
        "_id": [7, 5, 7, 9, 5, 7],
        "mjd": [58000.0, 58001.0, 58002.0, 58003.0, 58004.0, 58005.0],
        "mag": [15.0, 16.0, 15.1, 17.0, 16.1, 15.2],
        "magerr": [0.01, 0.02, 0.01, 0.03, 0.02, 0.01],
    }
    return pd.DataFrame(columns | changes)


@pytest.fixture
def read(tmp_path):
    def write_and_read(frame, objects, columns=None, name="lc.parquet"):
        path = tmp_path / name
        if name.endswith(".csv"):
            frame.to_csv(path, index=False)
        else:
            frame.to_parquet(path)
        return read_lightcurves(path, np.array(objects, dtype=np.int64), columns or {})

    return write_and_read


@pytest.mark.parametrize("name", ["lc.parquet", "lc.csv"])
def test_points_are_grouped_in_the_order_of_the_objects(read, name):
    curves = read(points(), [9, 7, 5], name=name).curves
    assert curves.lengths().tolist() == [1, 3, 2]
    assert curves[1].mag.tolist() == [15.0, 15.1, 15.2]
    assert curves[2].time.tolist() == [58001.0, 58004.0]


def test_grouping_agrees_with_pandas_on_shuffled_points(read):
    rng = np.random.default_rng(3)
    ids = rng.integers(10**15, 10**15 + 40, 2000)
    frame = points().loc[np.zeros(2000, dtype=int)].assign(_id=ids, mag=rng.normal(size=2000))
    objects = rng.permutation(np.unique(ids))
    curves = read(frame, objects).curves
    for number, source_id in enumerate(objects):
        expected = frame["mag"][ids == source_id]
        np.testing.assert_array_equal(curves[number].mag, expected)


def test_objects_without_points_and_points_without_object_are_told_apart(read):
    photometry = read(points(), [8, 7, 4])
    assert photometry.curves.lengths().tolist() == [0, 3, 0]
    assert photometry.unknown_ids.tolist() == [5, 9]


def test_a_file_without_points_gives_empty_curves(read):
    photometry = read(points().iloc[:0].astype({"_id": np.int64}), [1, 2])
    assert photometry.curves.lengths().tolist() == [0, 0]
    assert len(photometry.unknown_ids) == 0


def test_no_objects_leave_all_light_curves_unknown(read):
    assert read(points(), []).unknown_ids.tolist() == [5, 7, 9]


def test_flagged_points_are_left_out_and_counted(read, caplog):
    caplog.set_level("INFO")
    flags = [0, 0, 32768, 0, None, 0]
    curves = read(points(catflags=flags), [5, 7, 9]).curves
    assert curves.lengths().tolist() == [1, 2, 1]
    assert "left out 2 of 6 points: catflags" in caplog.text


@pytest.mark.parametrize("name", ["time", "hjd", "mjd"])
def test_times_go_by_several_names(read, name):
    curves = read(points().rename(columns={"mjd": name, "_id": "id"}), [9]).curves
    assert curves[0].time.tolist() == [58003.0]


def test_columns_take_the_names_of_the_configuration(read):
    frame = points().rename(columns={"_id": "star", "mag": "V", "mjd": "date"})
    curves = read(frame, [9], {"_id": "star", "mag": "V", "mjd": "date"}).curves
    assert curves[0].mag.tolist() == [17.0]


def test_julian_dates_become_modified_ones(read):
    frame = points(mjd=points()["mjd"] + 2_400_000.5).rename(columns={"mjd": "hjd"})
    assert read(frame, [9]).curves[0].time.tolist() == [58003.0]


def test_the_filter_of_each_curve_with_points_is_returned(read):
    filters = read(points(filter=[2, 1, 2, 1, 1, 2]), [9, 8, 7, 5]).filters
    assert filters.to_list() == [1, 2, 1]
    assert filters.dtype == np.int64


def test_two_filters_in_one_light_curve_are_refused(read):
    with pytest.raises(DataError, match="one light curve has one filter, but _id 7 has 2 and 1"):
        read(points(filter=[2, 1, 1, 1, 1, 2]), [5, 7, 9])


@pytest.mark.parametrize("name", ["_id", "mjd", "mag", "magerr"])
def test_a_missing_column_is_named_with_those_that_are_there(read, name):
    with pytest.raises(DataError, match=rf"no column {name}.* among .*; name it in dataset\.col"):
        read(points().drop(columns=name), [5])


def test_text_in_a_magnitude_is_named_by_its_light_curve(read):
    text = ["15", "16", ">20", "17", "16", "15"]
    with pytest.raises(DataError, match=r"1 of 6 rows .*'mag': _id 7 has >20"):
        read(points(mag=text), [5, 7, 9], name="lc.csv")


def test_ids_that_are_text_are_refused(read):
    with pytest.raises(DataError, match="6 of 6 rows lack a whole number in column '_id'"):
        read(points(_id=["a", "b", "a", "c", "b", "a"]), [5])
