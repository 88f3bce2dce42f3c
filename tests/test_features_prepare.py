"""Which points are used and which light curves are dropped."""

import numpy as np
import pytest

from scope.lightcurves.curves import LightCurve
from scope.lightcurves.points import prepare

TIMES = np.arange(10.0) + 58000.0


def judge(time=TIMES, mag=None, magerr=None, min_points=4, min_gap_days=0.0):
    mag = np.linspace(15.0, 16.0, len(time)) if mag is None else np.asarray(mag, float)
    magerr = np.full(len(time), 0.1) if magerr is None else np.asarray(magerr, float)
    return prepare(
        LightCurve(np.asarray(time, float), mag, magerr),
        min_points=min_points,
        min_gap_days=min_gap_days,
        time_range=(15000.0, 100000.0),
    )


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
        ("NaN or infinite times, magnitudes or errors", {"mag": with_value(np.nan)}),
        ("NaN or infinite times, magnitudes or errors", {"magerr": with_value(np.inf)}),
        ("NaN or infinite times, magnitudes or errors", {"time": TIMES + with_value(np.nan)}),
        ("non-positive errors", {"magerr": with_value(0.0)}),
        ("non-positive errors", {"magerr": with_value(-0.1)}),
        ("non-positive errors", {"magerr": with_value(1e-200)}),
        ("", {}),
    ],
)
def test_a_fault_is_named(reason, fault):
    assert judge(**fault).reason == reason


def test_no_points_at_all_are_too_few():
    assert judge(time=[]).reason == "fewer than 4 points"


def test_points_that_are_no_dates_are_left_out_and_counted():
    time = TIMES.copy()
    time[4] = -2.4e6
    prepared = judge(time)
    assert prepared.outside_range == 1
    assert prepared.curve.time.tolist() == np.delete(TIMES, 4).tolist()


def test_a_point_repeated_in_all_its_values_counts_once():
    prepared = judge([58000, 58001, 58001, 58002, 58003], [15, 16, 16, 17, 18])
    assert (prepared.repeated, prepared.curve.mag.tolist()) == (1, [15, 16, 17, 18])


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
    assert prepared.within_gap == 3
