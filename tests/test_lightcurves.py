"""Flat arrays of light curves."""

import numpy as np

from scope.lightcurves.curves import LightCurves


def three_curves() -> LightCurves:
    points = np.arange(6.0)
    return LightCurves(np.array([0, 2, 2, 6]), points, points + 10, points + 20)


def test_a_curve_is_its_own_points():
    assert three_curves()[2].mag.tolist() == [12, 13, 14, 15]


def test_a_curve_without_points_is_empty():
    assert three_curves()[1].time.size == 0
