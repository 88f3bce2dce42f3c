"""Which light curves train, stop and test: whole sources, every label in its share."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scope.errors import ConfigError
from scope.params import SplitParams

if TYPE_CHECKING:
    import pandas as pd

TRAIN, VAL, TEST = 0, 1, 2
CARRIED_ABOVE = 0.5
ARCSEC_IN_RADIANS = np.pi / 180.0 / 3600.0


def label_columns(frame: "pd.DataFrame", labels: Sequence[str]) -> list[str]:
    """Return those of `labels` that `frame` has as columns, in their order.

    `labels` are all that the data set may have (scope.taxonomy.label_names), whichever classes are
    being trained, so that training one class sees the same split as training all.
    """
    return [name for name in labels if name in frame]


def split_table(
    frame: "pd.DataFrame", label_columns: Sequence[str], params: SplitParams, seed: int
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


def source_numbers(frame: "pd.DataFrame", radius_arcsec: float) -> NDArray[np.int64]:
    """Return the source of each row of a contract table, as `group_sources` numbers them."""
    ra, dec = (frame[name].to_numpy(np.float64) for name in ("ra", "dec"))
    return group_sources(frame.get("obj_id"), ra, dec, radius_arcsec)


def group_sources(
    obj_id: "pd.Series | None",
    ra: NDArray[np.float64],
    dec: NDArray[np.float64],
    radius_arcsec: float,
) -> NDArray[np.int64]:
    """Return the source number of each light curve, shape (n,), counted in order of appearance.

    Two light curves belong to one source when they share an `obj_id` or lie within
    `radius_arcsec`, or when a chain of such pairs joins them. Neighbours of different `obj_id`
    are joined too: so close, each holds part of the other's light.

    Parameters
    ----------
    obj_id : name of the source, shape (n,), null where unknown; None where no row has one
    ra, dec : [deg], shape (n,); a row without a position is joined by its name alone
    """
    import pandas as pd
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n_rows = len(ra)
    links = [_same_place(ra, dec, radius_arcsec)]
    if obj_id is not None:
        links.append(_same_value(pd.factorize(obj_id)[0]))
    first, second = np.concatenate(links, axis=1)
    graph = coo_array((np.ones(len(first), dtype=bool), (first, second)), shape=(n_rows, n_rows))
    component = connected_components(graph, directed=False)[1]
    number: NDArray[np.int64] = pd.factorize(component)[0].astype(np.int64)
    return number


def _same_place(
    ra: NDArray[np.float64], dec: NDArray[np.float64], radius_arcsec: float
) -> NDArray[np.intp]:
    """Return pairs of rows, shape (2, n_pairs), that join all rows within the radius."""
    from scipy.spatial import cKDTree

    placed = np.flatnonzero(np.isfinite(ra) & np.isfinite(dec))
    longitude, latitude = np.radians(ra[placed]), np.radians(dec[placed])
    vectors = np.column_stack(
        [
            np.cos(latitude) * np.cos(longitude),
            np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
        ]
    )
    # One vector a place, else many light curves of one place would make pairs by the square.
    places, first, place = np.unique(vectors, axis=0, return_index=True, return_inverse=True)
    chord = 2.0 * np.sin(radius_arcsec * ARCSEC_IN_RADIANS / 2.0)
    pairs = np.empty((0, 2), dtype=np.intp)
    if len(places) > 1:
        pairs = cKDTree(places).query_pairs(chord, output_type="ndarray")
    return np.concatenate([placed[first[pairs.T]], placed[_same_value(place.ravel())]], axis=1)


def _same_value(codes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return pairs of neighbours in sorted order, shape (2, n_pairs), of equal code >= 0."""
    order = np.argsort(codes, kind="stable")
    values = codes[order]
    same = (values[1:] == values[:-1]) & (values[1:] >= 0)
    return np.stack([order[:-1][same], order[1:][same]])


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


def redraw_validation(
    split: NDArray[np.int8], sources: NDArray[np.int64], positive: NDArray[np.bool_], seed: int
) -> NDArray[np.int8]:
    """Return another division of the sources that do not test into training and validation.

    As many sources as before validate, of those with a positive light curve and of the others
    each; what is in the test split stays there.

    Parameters
    ----------
    split, sources, positive : part, source number and side of each light curve, shape (n,)
    seed : of the draw
    """
    n_sources = int(sources.max()) + 1 if len(sources) else 0
    part_of, carries = np.full(n_sources, TEST, np.int8), np.zeros(n_sources, dtype=bool)
    part_of[sources] = split
    carries[sources[positive]] = True
    chance = np.random.default_rng([seed, VAL])
    for side in (carries, ~carries):
        drawn = chance.permutation(np.flatnonzero(side & (part_of != TEST)))
        n_val = np.count_nonzero(part_of[drawn] == VAL)
        part_of[drawn] = TRAIN
        part_of[drawn[:n_val]] = VAL
    return part_of[sources]


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
