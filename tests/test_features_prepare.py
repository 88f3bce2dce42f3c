"""Which points are used and which light curves are dropped."""

from dataclasses import replace

import numpy as np
import pytest

from scope.lightcurves.curves import LightCurve
from scope.lightcurves.points import PointRules, prepare

TIMES = np.arange(10.0) + 58000.0


RULES = PointRules(
    time_range=(15000.0, 100000.0), mag_range=(1.0, 35.0), max_magerr=10.0, min_gap_days=0.0
)


def judge(time=TIMES, mag=None, magerr=None, min_points=4, min_gap_days=0.0):
    mag = np.linspace(15.0, 16.0, len(time)) if mag is None else np.asarray(mag, float)
    magerr = np.full(len(time), 0.1) if magerr is None else np.asarray(magerr, float)
    curve = LightCurve(np.asarray(time, float), mag, magerr)
    return prepare(curve, replace(RULES, min_gap_days=min_gap_days), min_points)


def with_value(value, at=3):
    values = np.linspace(0.1, 0.2, 10)
    values[at] = value
    return values


@pytest.mark.parametrize(
    ("reason", "fault"),
    [
        ("fewer than 50 points", {"min_points": 50}),
        ("constant magnitudes", {"mag": np.full(10, 15.0)}),
        ("all points at one time", {"time": np.full(10, 58000.0)}),
        ("", {}),
    ],
)
def test_a_fault_is_named(reason, fault):
    assert judge(**fault).reason == reason


@pytest.mark.parametrize(
    ("cause", "column", "value"),
    [
        ("NaN or infinite time, magnitude or error", "mag", np.nan),
        ("NaN or infinite time, magnitude or error", "mag", -np.inf),
        ("NaN or infinite time, magnitude or error", "magerr", np.inf),
        ("NaN or infinite time, magnitude or error", "time", np.nan),
        ("time outside features.time_range", "time", -2.4e6),
        ("time outside features.time_range", "time", 8203.5),
        ("magnitude outside features.mag_range", "mag", -999.0),
        ("magnitude outside features.mag_range", "mag", 0.0),
        ("magnitude outside features.mag_range", "mag", 99.0),
        ("magnitude outside features.mag_range", "mag", 1e155),
        ("magnitude outside features.mag_range", "mag", 2512.3),
        ("error that is not above 0 and below features.max_magerr", "magerr", 0.0),
        ("error that is not above 0 and below features.max_magerr", "magerr", -0.1),
        ("error that is not above 0 and below features.max_magerr", "magerr", 1e-200),
        ("error that is not above 0 and below features.max_magerr", "magerr", 99.99),
    ],
)
def test_a_point_that_is_no_measurement_costs_itself_and_not_its_star(cause, column, value):
    columns = {"time": TIMES.copy(), "mag": np.linspace(15.0, 16.0, 10), "magerr": np.full(10, 0.1)}
    columns[column][3] = value
    prepared = judge(**columns)
    assert (prepared.reason, prepared.left_out) == ("", {cause: 1})
    assert prepared.curve.time.tolist() == np.delete(TIMES, 3).tolist()


def test_a_point_with_two_faults_is_counted_once():
    mag, magerr = np.linspace(15.0, 16.0, 10), np.full(10, 0.1)
    mag[3], magerr[3] = 99.99, 99.99
    assert judge(mag=mag, magerr=magerr).left_out == {"magnitude outside features.mag_range": 1}


def test_what_is_dropped_tells_where_its_points_went():
    mag = np.linspace(15.0, 16.0, 10)
    mag[:8] = -999.0
    prepared = judge(mag=mag)
    assert prepared.reason == "fewer than 4 points"
    assert prepared.account() == "10 points, 2 left; 8: magnitude outside features.mag_range"


def test_no_points_at_all_are_too_few():
    assert judge(time=[]).reason == "fewer than 4 points"


def test_a_point_repeated_in_all_its_values_counts_once():
    prepared = judge([58000, 58001, 58001, 58002, 58003], [15, 16, 16, 17, 18])
    assert (prepared.left_out, prepared.curve.mag.tolist()) == ({"repeated": 1}, [15, 16, 17, 18])


def test_points_at_one_time_with_different_magnitudes_both_stay():
    prepared = judge([58000, 58001, 58001, 58002], [15, 17, 16, 18])
    assert prepared.curve.mag.tolist() == [15, 16, 17, 18]


def test_the_order_of_the_input_does_not_matter():
    order = np.random.default_rng(1).permutation(10)
    mag = np.linspace(15, 16, 10)
    shuffled = judge(TIMES[order], mag[order])
    assert shuffled.curve.time.tolist() == TIMES.tolist()
    assert shuffled.curve.mag.tolist() == mag.tolist()


def test_points_soon_after_an_earlier_kept_one_are_left_out():
    prepared = judge(58000 + np.array([0, 0.4, 0.8, 1.0, 1.1, 5.0, 7.0]), min_gap_days=0.5)
    assert (prepared.curve.time - 58000).tolist() == pytest.approx([0, 0.8, 5.0, 7.0])
    assert prepared.left_out == {"within features.min_gap_minutes of an earlier one": 3}
