"""The odds of light curves by ScopeNet, and the gradient of the loss over a batch of them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scope.models.networks.convolution import DROPPED_BELOW, KEPT, branch, branch_back, chance
from scope.models.networks.kernels import kernel
from scope.models.networks.layout import FEATURE_UNITS, FILTERS, HEAD_UNITS, Array, Views
from scope.models.networks.maps import Maps

WIDTHS = FEATURE_UNITS[-1], FILTERS[-1]
Target = tuple[np.float32, np.float32]
HEAD_KEPT = np.float32(0.6)
HEAD_DROPPED_BELOW = np.uint32(0.4 * 2**32)


class Rows(NamedTuple):
    """The light curves that train, as in `Part` of the examples, with the weight of each row."""

    features: Array
    dmdt: Array
    truth: Array
    weight: Array


@kernel
def _dense(inward: Array, kernel: Array, bias: Array) -> Array:
    out: Array = np.dot(inward, kernel)
    for row in range(len(out)):
        for unit in range(len(bias)):
            out[row, unit] += bias[unit]
    return out


@kernel
def _rectify(values: Array) -> None:
    for row in range(len(values)):
        for unit in range(values.shape[1]):
            values[row, unit] = max(values[row, unit], np.float32(0))


@kernel
def _drop(values: Array, keys: NDArray[np.uint32]) -> None:
    for row in range(len(values)):
        for unit in range(values.shape[1]):
            keep = chance(keys[row], np.uint32(unit)) >= DROPPED_BELOW
            values[row, unit] = values[row, unit] / KEPT if keep else np.float32(0)


@kernel
def _pass_back(grad: Array, kernel: Array, values: Array) -> Array:
    """Return the gradient before a layer that follows `values`, rectified and dropped out."""
    out: Array = np.dot(grad, kernel.T)
    for row in range(len(out)):
        for unit in range(out.shape[1]):
            alive = values[row, unit] > 0
            out[row, unit] = out[row, unit] / KEPT if alive else np.float32(0)
    return out


@kernel
def _add(values: Array, total: Array) -> None:
    for row in range(len(values)):
        for unit in range(values.shape[1]):
            total[row, unit] += values[row, unit]


@kernel
def _add_kernel(inward: Array, grad: Array, grad_kernel: Array, grad_bias: Array) -> None:
    _add(np.dot(inward.T, grad), grad_kernel)
    for row in range(len(grad)):
        for unit in range(grad.shape[1]):
            grad_bias[unit] += grad[row, unit]


@kernel
def _joined_features(features: Array, w: Views, joined: Array) -> None:
    """Write what the dense branch says to the first columns of `joined`."""
    hidden = _dense(features, w.features_1, w.features_1_bias)
    _rectify(hidden)
    _copy_features(hidden, w, joined)


@kernel
def _copy_features(hidden: Array, w: Views, joined: Array) -> None:
    second = _dense(hidden, w.features_2, w.features_2_bias)
    for row in range(len(second)):
        for unit in range(second.shape[1]):
            joined[row, unit] = max(second[row, unit], np.float32(0))


@kernel
def logits(features: Array, dmdt: Array, w: Views, m: Maps) -> Array:
    """Return the logarithm of the odds of each row, shape (n,), without dropout."""
    dense, conv = len(w.features_1_bias) > 0, len(w.bias_1) > 0
    joined = np.zeros((len(features), WIDTHS[0] * dense + WIDTHS[1] * conv), np.float32)
    if dense:
        _joined_features(features, w, joined)
    if conv:
        first = WIDTHS[0] * dense
        for row in range(len(dmdt)):
            branch(dmdt[row], w, m, np.uint32(0), False, joined[row, first:])
    head = _dense(joined, w.head_1, w.head_1_bias)
    _rectify(head)
    return _dense(head, w.head_2, w.head_2_bias)[:, 0]


@kernel
def _head_row(
    joined: Array, target: Target, key: np.uint32, w: Views, grads: Views, grad_joined: Array
) -> float:
    """Take one row from the branches' outputs to its loss and back; `joined` is dropped out.

    `target` holds the truth and the weight of the row. Returns its loss.
    """
    zero, one = np.float32(0), np.float32(1)
    truth, weight = target
    hidden, grad_hidden = np.empty(HEAD_UNITS, np.float32), np.empty(HEAD_UNITS, np.float32)
    for k in range(HEAD_UNITS):
        hidden[k] = w.head_1_bias[k]
    for unit in range(len(joined)):
        keep = chance(key, np.uint32(unit)) >= HEAD_DROPPED_BELOW
        joined[unit] = joined[unit] / HEAD_KEPT if keep else zero
        for k in range(HEAD_UNITS):
            hidden[k] += joined[unit] * w.head_1[unit, k]
    logit = w.head_2_bias[0]
    for k in range(HEAD_UNITS):
        logit += max(hidden[k], zero) * w.head_2[k, 0]
    grad = weight * (one / (one + np.exp(-logit)) - truth)
    grads.head_2_bias[0] += grad
    for k in range(HEAD_UNITS):
        grads.head_2[k, 0] += grad * max(hidden[k], zero)
        grad_hidden[k] = grad * w.head_2[k, 0] if hidden[k] > zero else zero
        grads.head_1_bias[k] += grad_hidden[k]
    for unit in range(len(joined)):
        back = zero
        for k in range(HEAD_UNITS):
            back += w.head_1[unit, k] * grad_hidden[k]
            grads.head_1[unit, k] += joined[unit] * grad_hidden[k]
        alive = joined[unit] > zero  # the branches end in values of at least zero
        grad_joined[unit] = back / HEAD_KEPT if alive else zero
    loss: float = weight * (max(logit, zero) - logit * truth + np.log1p(np.exp(-abs(logit))))
    return loss


@kernel
def _taken(values: Array, rows: NDArray[np.int32]) -> Array:
    out = np.empty((len(rows), values.shape[1]), np.float32)
    for row in range(len(rows)):
        for unit in range(values.shape[1]):
            out[row, unit] = values[rows[row], unit]
    return out


@kernel
def _columns(values: Array, n: int) -> Array:
    """Return a copy of the first n columns."""
    out = np.empty((len(values), n), np.float32)
    for row in range(len(values)):
        for unit in range(n):
            out[row, unit] = values[row, unit]
    return out


@kernel
def add_gradient(
    rows: NDArray[np.int32], data: Rows, key: np.uint32, w: Views, m: Maps, grads: Views
) -> float:
    """Add the gradient of the weighted cross-entropy, summed over `rows` of `data`, to `grads`.

    Parameters
    ----------
    key : of the dropout; differs from chunk to chunk and from step to step
    w, m : the weights; scratch of this worker alone

    Returns the loss, summed over the rows.
    """
    n, dense, conv = len(rows), len(w.features_1_bias) > 0, len(w.bias_1) > 0
    keys = np.empty(n, np.uint32)
    for row in range(n):
        keys[row] = chance(key, np.uint32(row))
    first = WIDTHS[0] * dense
    joined = np.zeros((n, first + WIDTHS[1] * conv), np.float32)
    grad_joined = np.zeros(joined.shape, np.float32)
    inward = _taken(data.features, rows)
    hidden = np.empty((0, 0), np.float32)
    if dense:
        hidden = _dense(inward, w.features_1, w.features_1_bias)
        _rectify(hidden)
        _drop(hidden, keys)
        _copy_features(hidden, w, joined)
    loss = 0.0
    for row in range(n):
        source = rows[row]
        if conv:
            maps_key = np.uint32(keys[row] ^ np.uint32(0xA511E9B3))
            branch(data.dmdt[source], w, m, maps_key, True, joined[row, first:])
        target = data.truth[source], data.weight[source]
        head_key = np.uint32(keys[row] ^ np.uint32(0x63D83595))
        loss += _head_row(joined[row], target, head_key, w, grads, grad_joined[row])
        if conv:
            branch_back(grad_joined[row, first:], w, m, grads)
    if dense:
        behind = _columns(grad_joined, first)
        _add_kernel(hidden, behind, grads.features_2, grads.features_2_bias)
        before = _pass_back(behind, w.features_2, hidden)
        _add_kernel(inward, before, grads.features_1, grads.features_1_bias)
    return loss


@kernel
def adam(
    weights: Array,
    grad: Array,
    moments: Array,
    step: int,
    rule: tuple[float, float, float, float, bool],
) -> None:
    """Move the weights by one step of Adam (Kingma and Ba 2015, ICLR), as Keras does.

    Parameters
    ----------
    moments : of the gradient, shape (3, n): first, second, largest second so far (for AMSGrad)
    step : counted from 1
    rule : learning rate, beta_1, beta_2, epsilon, whether AMSGrad (Reddi et al. 2018, ICLR)
    """
    first, second, largest = moments[0], moments[1], moments[2]
    rate, beta_1, beta_2, epsilon, amsgrad = rule
    pace = np.float32(rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step))
    new_1, new_2, small = np.float32(1 - beta_1), np.float32(1 - beta_2), np.float32(epsilon)
    for p in range(len(weights)):
        first[p] += (grad[p] - first[p]) * new_1
        second[p] += (grad[p] * grad[p] - second[p]) * new_2
        scale = second[p]
        if amsgrad:
            largest[p] = max(largest[p], second[p])
            scale = largest[p]
        weights[p] -= first[p] * pace / (np.sqrt(scale) + small)
