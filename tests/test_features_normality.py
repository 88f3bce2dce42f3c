"""Anderson-Darling and Shapiro-Wilk against SciPy."""

import math

import numpy as np
import pytest
import scipy.stats

from scope.features.normality import anderson_darling, shapiro_wilk


def sample(n):
    return np.sort(np.random.default_rng(n).gamma(2.0, 0.3, n) + 5.0)


@pytest.mark.parametrize("n", [4, 5, 6, 7, 11, 12, 50, 501])
def test_shapiro_wilk_is_that_of_scipy(n):
    expected = scipy.stats.shapiro(sample(n)).statistic
    assert shapiro_wilk(sample(n)) == pytest.approx(expected, rel=1e-7)


@pytest.mark.filterwarnings("ignore:.*:FutureWarning")
@pytest.mark.parametrize("n", [4, 50, 501])
def test_anderson_darling_is_that_of_scipy(n):
    expected = scipy.stats.anderson(sample(n), "norm").statistic
    assert anderson_darling(sample(n)) == pytest.approx(expected, rel=1e-9)


def test_equal_values_have_neither_statistic():
    assert math.isnan(anderson_darling(np.full(9, 2.0)))
    assert math.isnan(shapiro_wilk(np.full(9, 2.0)))
