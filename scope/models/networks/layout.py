"""Where each weight of ScopeNet stands in one flat vector, in the order that Keras has."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SIDE = 26  # cells of the dm-dt histogram along magnitude and along time
FEATURE_UNITS = (256, 32)
FILTERS = (16, 16, 32, 32)
HEAD_UNITS = 16
TAPS = 9  # of a 3 x 3 kernel

Shape = tuple[int, ...]
Array = NDArray[np.float32]


class Views(NamedTuple):
    """The weights (or their gradients) as views of one flat vector; kernels as (in, out).

    The depthwise kernels `taps_*` have shape (9, channels). The arrays of a branch that is off
    are empty.
    """

    features_1: Array
    features_1_bias: Array
    features_2: Array
    features_2_bias: Array
    taps_1: Array
    points_1: Array
    bias_1: Array
    taps_2: Array
    points_2: Array
    bias_2: Array
    taps_3: Array
    points_3: Array
    bias_3: Array
    taps_4: Array
    points_4: Array
    bias_4: Array
    head_1: Array
    head_1_bias: Array
    head_2: Array
    head_2_bias: Array


def keras_shapes(n_features: int, dense_branch: bool, conv_branch: bool) -> list[Shape]:
    """Return the shapes of ScopeNet's weights as Keras has them, in its order."""
    shapes: list[Shape] = []
    if dense_branch:
        first, second = FEATURE_UNITS
        shapes += [(n_features, first), (first,), (first, second), (second,)]
    if conv_branch:
        for inward, outward in zip((1, *FILTERS), FILTERS, strict=False):
            shapes += [(3, 3, inward, 1), (1, 1, inward, outward), (outward,)]
    width = FEATURE_UNITS[-1] * dense_branch + FILTERS[-1] * conv_branch
    return [*shapes, (width, HEAD_UNITS), (HEAD_UNITS,), (HEAD_UNITS, 1), (1,)]


def views(flat: Array, n_features: int, dense_branch: bool, conv_branch: bool) -> Views:
    """Return the parts of a flat vector, in the order of `keras_shapes`, as the kernels take them.

    Only (3, 3, c, 1) and (1, 1, c, d) change shape, to (9, c) and (c, d).
    """
    arrays: list[Array] = []
    position = 0
    for shape in keras_shapes(n_features, dense_branch, conv_branch):
        size = math.prod(shape)
        arrays.append(flat[position : position + size].reshape(_flattened(shape)))
        position += size
    nothing = [np.empty((0, 0), np.float32), np.empty(0, np.float32)]
    if not dense_branch:
        arrays = 2 * nothing + arrays
    if not conv_branch:
        arrays[4:4] = 4 * [nothing[0], *nothing]
    return Views(*arrays)


def _flattened(shape: Shape) -> Shape:
    if len(shape) != 4:
        return shape
    return (TAPS, shape[2]) if shape[0] == 3 else shape[2:]
