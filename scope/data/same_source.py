"""Which light curves are of one source: those that share its name or its place."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from scope.data.sky import chord_of, unit_vectors


def source_numbers(frame: pd.DataFrame, radius_arcsec: float) -> NDArray[np.int64]:
    """Return the source of each row of a contract table, as `group_sources` numbers them."""
    ra, dec = (frame[name].to_numpy(np.float64) for name in ("ra", "dec"))
    return group_sources(frame.get("obj_id"), ra, dec, radius_arcsec)


def group_sources(
    obj_id: pd.Series | None,
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
    placed = np.flatnonzero(np.isfinite(ra) & np.isfinite(dec))
    vectors = unit_vectors(ra[placed], dec[placed])
    # One vector a place, else many light curves of one place would make pairs by the square.
    places, first, place = np.unique(vectors, axis=0, return_index=True, return_inverse=True)
    pairs = np.empty((0, 2), dtype=np.intp)
    if len(places) > 1:
        pairs = cKDTree(places).query_pairs(chord_of(radius_arcsec), output_type="ndarray")
    return np.concatenate([placed[first[pairs.T]], placed[_same_value(place.ravel())]], axis=1)


def _same_value(codes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return pairs of neighbours in sorted order, shape (2, n_pairs), of equal code >= 0."""
    order = np.argsort(codes, kind="stable")
    values = codes[order]
    same = (values[1:] == values[:-1]) & (values[1:] >= 0)
    return np.stack([order[:-1][same], order[1:][same]])
