"""The maps of the convolutional branch: their sizes, and the memory one worker keeps for them.

Maps are stored a channel a row, the positions of the histogram behind one another with the stride
of the layer's input. A 3 x 3 kernel then is nine shifts of a whole row, which the compiler turns
into vector instructions, and the step from channel to channel is one matrix product. The shifts
run over the right edge; these positions mean nothing in the forward pass, where no valid one reads
them, and are zero in the gradient.

Rows of a gradient end in as many zeros as the largest shift, and one such stretch of zeros stands
before the first row: so `row[p - shift]` reads zeros before a row's start.
"""

from typing import NamedTuple

import numpy as np

from scope.models.networks.layout import FILTERS, SIDE, Array

POOLED = (SIDE - 4) // 2  # 11
SHIFT = 2 * SIDE + 2  # of the last tap of a kernel, at the stride of the histogram
POOLED_SHIFT = 2 * POOLED + 2
CELLS = SIDE * SIDE
N_1 = CELLS - SHIFT  # positions, those without meaning among them, of the maps of layers 1 to 4
N_2 = N_1 - SHIFT
N_3 = POOLED * POOLED - POOLED_SHIFT
N_4 = N_3 - POOLED_SHIFT
LAST = POOLED - 4  # 7, side of the last maps


class Maps(NamedTuple):
    """Scratch of one worker: `depth_k` the maps after the depthwise, `map_k` after the pointwise
    convolution of layer k; `grad_*` their gradients; `flat_*` the same with the zeros before.
    """

    cells: Array
    depth_1: Array
    map_1: Array
    depth_2: Array
    map_2: Array
    pooled: Array
    depth_3: Array
    map_3: Array
    depth_4: Array
    map_4: Array
    grad_1: Array
    grad_depth_1: Array
    grad_2: Array
    flat_depth_2: Array
    grad_depth_2: Array
    grad_pooled: Array
    grad_3: Array
    flat_depth_3: Array
    grad_depth_3: Array
    grad_4: Array
    flat_depth_4: Array
    grad_depth_4: Array


def new_maps() -> Maps:
    """Return scratch for one worker, all zero (what is not written must read as zero)."""
    one, two, three, four = FILTERS

    def zeros(*shape: int) -> Array:
        return np.zeros(shape, np.float32)

    def led(channels: int, length: int, shift: int) -> tuple[Array, Array]:
        flat = zeros(shift + channels * length)
        return flat, flat[shift:].reshape(channels, length)

    size = POOLED * POOLED
    return Maps(
        *(zeros(CELLS), zeros(N_1), zeros(one, N_1), zeros(one, N_1), zeros(two, N_1)),
        *(zeros(two, size), zeros(two, size), zeros(three, size)),
        *(zeros(three, N_3), zeros(four, N_3)),
        *(zeros(one, N_1), zeros(N_1), zeros(two, N_1), *led(one, N_1, SHIFT)),
        *(zeros(two, size), zeros(three, size), *led(two, size, POOLED_SHIFT)),
        *(zeros(four, N_3), *led(three, N_3, POOLED_SHIFT)),
    )
