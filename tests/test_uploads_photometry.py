"""Light curves as the photometry that Fritz takes."""

import numpy as np
import pytest

from scope.base.errors import DataError
from scope.fritz.uploads.photometry import Curve, columns_of, filter_name, points_of
from scope.lightcurves.curves import LightCurve


def curve(light_curve, mjd, mag=None, magerr=None, band="ztfr"):
    mjd = np.asarray(mjd, dtype=np.float64)
    mag = np.full(len(mjd), 18.0) if mag is None else np.asarray(mag)
    magerr = np.full(len(mjd), 0.02) if magerr is None else np.asarray(magerr)
    return Curve(light_curve, band, LightCurve(mjd, mag, magerr))


@pytest.mark.parametrize(
    ("value", "name"),
    [(1, "ztfg"), ("zr", "ztfr"), (3.0, "ztfi"), (np.int8(2), "ztfr"), ("ZTFG", "ztfg")],
)
def test_the_filters_of_ztf_get_the_names_of_sncosmo(value, name):
    assert filter_name(value, 1) == name


@pytest.mark.parametrize("value", ["V", None, 4, float("nan")])
def test_other_filters_are_refused(value):
    with pytest.raises(DataError, match="light curve 17: filter"):
        filter_name(value, 17)


def test_points_that_fritz_would_store_as_upper_limits_are_left_out():
    points = points_of("a", [curve(1, [1.0, 2.0, 3.0], [18.0, np.nan, 18.2], [0.1, 0.1, 0.0])])
    assert points["mjd"].tolist() == [1.0]


def test_repeated_points_are_sent_once_and_two_filters_at_one_time_are_both():
    points = points_of("a", [curve(1, [5.0, 5.0]), curve(2, [5.0], band="ztfg")])
    assert points[["filter", "mjd"]].to_numpy().tolist() == [["ztfr", 5.0], ["ztfg", 5.0]]
    assert points["origin"].nunique() == 2


def test_float32_magnitudes_are_sent_as_they_were_written():
    points = points_of("a", [curve(1, [5.0], np.float32([17.155]), np.float32([0.0139]))])
    assert points[["mag", "magerr"]].to_numpy().tolist() == [[17.155, 0.0139]]


def test_points_go_to_the_client_as_lists_with_what_they_share():
    points = points_of("a", [curve(1, np.arange(3) / 7.0)])
    columns = columns_of(points)
    assert columns["obj_id"] == ["a", "a", "a"]
    assert (columns["magsys"], columns["limiting_mag"]) == ("ab", 23.9)
