"""The combinations of a grid."""

from dataclasses import replace

import pytest
from learning import training_params

from scope.base.errors import ConfigError
from scope.config.training import combinations


def trees(**changes):
    return replace(training_params().xgb, **changes)


def test_every_value_meets_every_other():
    grid = {"max_depth": [4, 6], "learning_rate": [0.05, 0.1]}
    assert combinations(trees(grid=grid)) == [
        {"max_depth": 4, "learning_rate": 0.05},
        {"max_depth": 4, "learning_rate": 0.1},
        {"max_depth": 6, "learning_rate": 0.05},
        {"max_depth": 6, "learning_rate": 0.1},
    ]


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"depth": [4]}, r"grid\.depth is no parameter; choose among rounds, .*max_depth"),
        ({"folds": [4]}, r"grid\.folds is no parameter"),
        ({"max_depth": []}, r"grid\.max_depth is \[\]; give at least one value"),
        ({"max_depth": [4.5]}, r"grid\.max_depth: .*integer, got 4\.5"),
    ],
)
def test_a_grid_that_cannot_be_searched_is_refused(grid, message):
    with pytest.raises(ConfigError, match=message):
        combinations(trees(grid=grid))
