"""Which light curves train, stop and test: whole sources, every label in its share."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.base.errors import ConfigError
from scope.config.split import SplitParams
from scope.data.same_source import source_numbers

CARRIED_ABOVE = 0.5


def label_columns(frame: pd.DataFrame, labels: Sequence[str]) -> list[str]:
    """Return those of `labels` that `frame` has as columns, in their order.

    `labels` are all that the data set may have (scope.config.taxonomy.label_names), whichever
    classes are trained, so that training one class sees the same split as training all.
    """
    return [name for name in labels if name in frame]


def split_table(
    frame: pd.DataFrame, label_columns: Sequence[str], params: SplitParams, seed: int
) -> NDArray[np.int8]:
    """Return the part (TRAIN, VAL or TEST) of each row of a contract table, shape (n_rows,).

    A row carries a label where its value is above 0.5, that is, where it is more likely than not.

    Parameters
    ----------
    frame : `ra` and `dec` [deg], the label columns, `obj_id` where known
    seed : another seed gives another equally good split
    """
    labels = frame[list(label_columns)].to_numpy(np.float64) > CARRIED_ABOVE
    return assign_splits(source_numbers(frame, params.radius_arcsec), labels, params, seed)


def assign_splits(
    sources: NDArray[np.int64], labels: NDArray[np.bool_], params: SplitParams, seed: int
) -> NDArray[np.int8]:
    """Return TRAIN, VAL or TEST for each light curve, shape (n,), the same throughout a source.

    Iterative stratification (Sechidis et al. 2011, ECML PKDD, LNAI 6913, 145) over sources: the
    rarest label left is shared out first, each source going where its label is most wanting. A
    label of at least three sources comes to lie in all three parts, which its last sources are
    kept for (unless labels that share those sources want opposite things).

    Parameters
    ----------
    sources : source number of each light curve, 0 and up
    labels : shape (n, n_labels); a source carries the labels of all its light curves

    Raises
    ------
    ConfigError : the shares are negative or leave nothing to train on
    """
    shares = _shares(params)
    n_sources = int(sources.max()) + 1 if len(sources) else 0
    carried = np.zeros((n_sources, labels.shape[1]), dtype=bool)
    for column in range(labels.shape[1]):
        carried[sources[labels[:, column]], column] = True
    order = np.random.default_rng(seed).permutation(n_sources)
    stratification = _Stratification(carried, shares)
    left = carried[order]
    while left.any():
        counts = left.sum(axis=0)
        rarest = int(np.argmin(np.where(counts > 0, counts, n_sources + 1)))
        for row in np.flatnonzero(left[:, rarest]):
            stratification.place(int(order[row]), rarest)
        left[left[:, rarest]] = False
    for source in order[stratification.part[order] < 0]:
        stratification.place(int(source), None)
    return stratification.part[sources]


def _shares(params: SplitParams) -> tuple[float, float, float]:
    train = 1.0 - params.test_size - params.val_size
    if params.test_size < 0 or params.val_size < 0 or train <= 0:
        raise ConfigError(
            f"split: test_size {params.test_size} and val_size {params.val_size} must not be "
            "negative and must leave something to train on (their sum below 1)"
        )
    return train, params.val_size, params.test_size


class _Stratification:
    """What each part still wants while sources are being shared out."""

    def __init__(self, carried: NDArray[np.bool_], shares: tuple[float, float, float]) -> None:
        self.part = np.full(len(carried), -1, dtype=np.int8)
        self._labels_of = [np.flatnonzero(row).tolist() for row in carried]
        self._parts = [part for part, share in enumerate(shares) if share > 0]
        counts = carried.sum(axis=0).tolist()
        self._wanted = [[count * share for count in counts] for share in shares]
        self._room = [len(carried) * share for share in shares]
        self._unplaced = counts
        self._empty = [set(self._parts) for _ in counts]

    def place(self, source: int, label: int | None) -> None:
        """Put a source where most of `label` is wanting (where most room is, without a label)."""
        labels = self._labels_of[source]

        def claim(part: int) -> tuple[int, float, float]:
            urgent = sum(part in self._empty[i] and self._is_last_chance(i) for i in labels)
            wanted = 0.0 if label is None else self._wanted[part][label]
            return urgent, wanted, self._room[part]

        part = max(self._parts, key=claim)
        self.part[source] = part
        self._room[part] -= 1.0
        for i in labels:
            self._wanted[part][i] -= 1.0
            self._unplaced[i] -= 1
            self._empty[i].discard(part)

    def _is_last_chance(self, label: int) -> bool:
        """Say whether every source of a label that is left is needed to leave no part without."""
        return bool(0 < self._unplaced[label] <= len(self._empty[label]))
