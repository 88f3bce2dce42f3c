"""The convolutional branch of ScopeNet, forward and backward, one dm-dt histogram at a time.

What dominates in Keras on a processor are the depthwise convolutions and their gradients: called
on a batch, they move each map of 2 MB through memory several times. Here one light curve passes
all layers before the next one, and its maps (160 kB) stay in the second-level cache. How they
are stored is said in maps.py.
"""

import numpy as np

from scope.models.networks.kernels import kernel
from scope.models.networks.layout import SIDE, Array, Views
from scope.models.networks.maps import LAST, N_1, N_2, N_3, N_4, POOLED, Maps

KEPT = np.float32(0.75)  # by dropout
Shape = tuple[int, int]
DROPPED_BELOW = np.uint32(0.25 * 2**32)


@kernel
def chance(key: np.uint32, position: np.uint32) -> np.uint32:
    """Return a number of 32 random bits, the finaliser of MurmurHash3 of a counter."""
    bits = np.uint32(np.uint32(position * np.uint32(0x9E3779B1)) + key)
    bits = np.uint32(bits ^ (bits >> np.uint32(16)))
    bits = np.uint32(bits * np.uint32(0x85EBCA6B))
    bits = np.uint32(bits ^ (bits >> np.uint32(13)))
    bits = np.uint32(bits * np.uint32(0xC2B2AE35))
    return np.uint32(bits ^ (bits >> np.uint32(16)))


@kernel
def _shifted(row: Array, taps: Array, channel: int, first: int, shape: Shape, out: Array) -> None:
    """Apply the 3 x 3 kernel of one channel, from its tap `first`, 0 or 8 (backward), on.

    `shape` is the stride of the rows of a map and the number of positions.
    """
    width, n = shape
    step = 1 - first // 4  # 1 or -1
    t0, t1, t2 = taps[first, channel], taps[first + step, channel], taps[first + 2 * step, channel]
    first += 3 * step
    t3, t4, t5 = taps[first, channel], taps[first + step, channel], taps[first + 2 * step, channel]
    first += 3 * step
    t6, t7, t8 = taps[first, channel], taps[first + step, channel], taps[first + 2 * step, channel]
    for p in range(n):
        q, r = p + width, p + 2 * width
        out[p] = (
            (t0 * row[p] + t1 * row[p + 1] + t2 * row[p + 2])
            + (t3 * row[q] + t4 * row[q + 1] + t5 * row[q + 2])
            + (t6 * row[r] + t7 * row[r + 1] + t8 * row[r + 2])
        )


@kernel
def _depthwise(maps: Array, taps: Array, shape: Shape, out: Array) -> None:
    for channel in range(len(maps)):
        _shifted(maps[channel], taps, channel, 0, shape, out[channel])


@kernel
def _add_taps(row: Array, grad: Array, shape: Shape, channel: int, out: Array) -> None:
    """Add the gradient of one channel's kernel to its column of `out`, shape (9, channels)."""
    width, n = shape
    z = np.float32(0)
    s0, s1, s2, s3, s4, s5, s6, s7, s8 = z, z, z, z, z, z, z, z, z
    for p in range(n):
        g, q, r = grad[p], p + width, p + 2 * width
        s0 += g * row[p]
        s1 += g * row[p + 1]
        s2 += g * row[p + 2]
        s3 += g * row[q]
        s4 += g * row[q + 1]
        s5 += g * row[q + 2]
        s6 += g * row[r]
        s7 += g * row[r + 1]
        s8 += g * row[r + 2]
    for tap, value in enumerate((s0, s1, s2, s3, s4, s5, s6, s7, s8)):
        out[tap, channel] += value


@kernel
def _maps_back(flat: Array, taps: Array, shape: Shape, grad_maps: Array) -> None:
    """Bring the gradient from behind a depthwise convolution to before it.

    `flat` is the gradient behind, zeros before it, in rows of as many positions as `shape` has.
    """
    for channel in range(len(grad_maps)):
        row = flat[channel * shape[1] :]
        _shifted(row, taps, channel, 8, shape, grad_maps[channel])


@kernel
def _taps_back(maps: Array, grad: Array, shape: Shape, grad_taps: Array) -> None:
    for channel in range(len(maps)):
        _add_taps(maps[channel], grad[channel], shape, channel, grad_taps)


@kernel
def _rectified(maps: Array, bias: Array) -> None:
    for channel in range(len(maps)):
        row, shift = maps[channel], bias[channel]
        for p in range(len(row)):
            row[p] = max(row[p] + shift, np.float32(0))


@kernel
def _dropped(maps: Array, key: np.uint32) -> None:
    """Set a quarter of the values to zero and enlarge the others to keep the mean."""
    length = maps.shape[1]
    for channel in range(len(maps)):
        row, first = maps[channel], np.uint32(channel * length)
        for p in range(length):
            kept = chance(key, np.uint32(first + np.uint32(p))) >= DROPPED_BELOW
            row[p] = row[p] / KEPT if kept else np.float32(0)


@kernel
def _pool(maps: Array, pooled: Array) -> None:
    for channel in range(len(maps)):
        row, out = maps[channel], pooled[channel]
        for i in range(POOLED):
            for j in range(POOLED):
                p = 2 * i * SIDE + 2 * j
                above, below = max(row[p], row[p + 1]), max(row[p + SIDE], row[p + SIDE + 1])
                out[i * POOLED + j] = max(above, below)


@kernel
def _pool_back(maps: Array, pooled: Array, grad_pooled: Array, grad: Array) -> None:
    """Give the gradient to the first of the largest, unless it is zero (dropped or rectified)."""
    z = np.float32(0)
    for channel in range(len(maps)):
        row, out, top, back = maps[channel], grad[channel], pooled[channel], grad_pooled[channel]
        for i in range(POOLED):
            for j in range(POOLED):
                p, q = 2 * i * SIDE + 2 * j, i * POOLED + j
                largest = top[q]
                g = back[q] if largest > z else z
                a = row[p] == largest
                b = (row[p + 1] == largest) and not a
                c = (row[p + SIDE] == largest) and not (a or b)
                out[p] = g if a else z
                out[p + 1] = g if b else z
                out[p + SIDE] = g if c else z
                out[p + SIDE + 1] = z if (a or b or c) else g


@kernel
def branch(histogram: Array, w: Views, m: Maps, key: np.uint32, training: bool, out: Array) -> None:
    """Write the mean of each of the last 32 maps of one histogram, shape (26, 26), to `out`."""
    for i in range(SIDE):
        for j in range(SIDE):  # norm 1 -> root mean square 1
            m.cells[i * SIDE + j] = histogram[i, j] * np.float32(SIDE)
    _shifted(m.cells, w.taps_1, 0, 0, (SIDE, N_1), m.depth_1)
    for channel in range(len(m.map_1)):
        scale, row = w.points_1[0, channel], m.map_1[channel]
        for p in range(N_1):
            row[p] = scale * m.depth_1[p]
    _rectified(m.map_1, w.bias_1)
    _depthwise(m.map_1, w.taps_2, (SIDE, N_2), m.depth_2)
    np.dot(w.points_2.T, m.depth_2, m.map_2)
    _rectified(m.map_2, w.bias_2)
    if training:
        _dropped(m.map_2, key)
    _pool(m.map_2, m.pooled)
    _depthwise(m.pooled, w.taps_3, (POOLED, N_3), m.depth_3)
    np.dot(w.points_3.T, m.depth_3, m.map_3)
    _rectified(m.map_3, w.bias_3)
    _depthwise(m.map_3, w.taps_4, (POOLED, N_4), m.depth_4)
    np.dot(w.points_4.T, m.depth_4, m.map_4)
    _rectified(m.map_4, w.bias_4)
    if training:
        _dropped(m.map_4, np.uint32(key ^ np.uint32(0x5BD1E995)))
    for channel in range(len(m.map_4)):
        total = np.float32(0)
        for i in range(LAST):
            for j in range(LAST):
                total += m.map_4[channel, i * POOLED + j]
        out[channel] = total / np.float32(LAST * LAST)


@kernel
def _add_points(maps: Array, grad: Array, grad_points: Array, grad_bias: Array) -> None:
    along = np.dot(maps, grad.T)
    for channel in range(len(along)):
        for unit in range(along.shape[1]):
            grad_points[channel, unit] += along[channel, unit]
    for channel in range(len(grad)):
        row, total = grad[channel], np.float32(0)
        for p in range(len(row)):
            total += row[p]
        grad_bias[channel] += total


@kernel
def _through(maps: Array, grad: Array) -> None:
    """Stop the gradient where the rectifier did."""
    for channel in range(len(maps)):
        row, out = maps[channel], grad[channel]
        for p in range(len(out)):
            out[p] = out[p] if row[p] > 0 else np.float32(0)


@kernel
def branch_back(grad_out: Array, w: Views, m: Maps, grads: Views) -> None:
    """Add the gradients of the weights, given that of what `branch`, called just before, wrote."""
    for channel in range(len(m.grad_4)):
        share = grad_out[channel] / (np.float32(LAST * LAST) * KEPT)
        for i in range(LAST):
            for j in range(LAST):
                p = i * POOLED + j
                m.grad_4[channel, p] = share if m.map_4[channel, p] > 0 else np.float32(0)
    _add_points(m.depth_4, m.grad_4, grads.points_4, grads.bias_4)
    np.dot(w.points_4, m.grad_4, m.grad_depth_4)
    _maps_back(m.flat_depth_4, w.taps_4, (POOLED, N_3), m.grad_3)
    _taps_back(m.map_3, m.grad_depth_4, (POOLED, N_4), grads.taps_4)
    _through(m.map_3, m.grad_3)
    _add_points(m.depth_3, m.grad_3, grads.points_3, grads.bias_3)
    np.dot(w.points_3, m.grad_3, m.grad_depth_3)
    _maps_back(m.flat_depth_3, w.taps_3, (POOLED, POOLED * POOLED), m.grad_pooled)
    _taps_back(m.pooled, m.grad_depth_3, (POOLED, N_3), grads.taps_3)
    for channel in range(len(m.grad_pooled)):
        for q in range(POOLED * POOLED):
            m.grad_pooled[channel, q] /= KEPT
    _pool_back(m.map_2, m.pooled, m.grad_pooled, m.grad_2)
    _add_points(m.depth_2, m.grad_2, grads.points_2, grads.bias_2)
    np.dot(w.points_2, m.grad_2, m.grad_depth_2)
    _maps_back(m.flat_depth_2, w.taps_2, (SIDE, N_1), m.grad_1)
    _taps_back(m.map_1, m.grad_depth_2, (SIDE, N_2), grads.taps_2)
    _through(m.map_1, m.grad_1)
    _first_layer_back(w, m, grads)


@kernel
def _first_layer_back(w: Views, m: Maps, grads: Views) -> None:
    for p in range(N_1):
        m.grad_depth_1[p] = np.float32(0)
    for channel in range(len(m.grad_1)):
        row, scale = m.grad_1[channel], w.points_1[0, channel]
        along, total = np.float32(0), np.float32(0)
        for p in range(N_1):
            along += row[p] * m.depth_1[p]
            total += row[p]
            m.grad_depth_1[p] += scale * row[p]
        grads.points_1[0, channel] += along
        grads.bias_1[channel] += total
    _add_taps(m.cells, m.grad_depth_1, (SIDE, N_1), 0, grads.taps_1)
