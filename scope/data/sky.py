"""Positions on the sky: which lie close to one of others, and the names made from them."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scope.base.constants import ARCSEC_IN_RADIANS


def is_near(
    ra: NDArray[np.float64],
    dec: NDArray[np.float64],
    others: tuple[NDArray[np.float64], NDArray[np.float64]],
    radius_arcsec: float,
) -> NDArray[np.bool_]:
    """Return which positions lie within `radius_arcsec` of one of the others, shape (n,).

    Parameters
    ----------
    ra, dec : [deg], shape (n,), finite
    others : ra and dec [deg], each of shape (m,); those that are not finite are near to nothing
    """
    placed = np.isfinite(others[0]) & np.isfinite(others[1])
    if not len(ra) or not placed.any():
        return np.zeros(len(ra), dtype=bool)
    tree = cKDTree(unit_vectors(others[0][placed], others[1][placed]))
    distance = tree.query(unit_vectors(ra, dec), k=1)[0]
    return np.asarray(distance <= chord_of(radius_arcsec))


def chord_of(angle_arcsec: float) -> float:
    """Return the straight distance between unit vectors that are so far apart on the sky."""
    return 2.0 * float(np.sin(angle_arcsec * ARCSEC_IN_RADIANS / 2.0))


def unit_vectors(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the directions as vectors of length 1, shape (n, 3); ra and dec in degrees."""
    longitude, latitude = np.radians(ra), np.radians(dec)
    across = np.cos(latitude)
    return np.column_stack(
        [across * np.cos(longitude), across * np.sin(longitude), np.sin(latitude)]
    )


def separation_arcsec(ra: float, dec: float, other_ra: float, other_dec: float) -> float:
    """Return the angle between two directions [arcsec], from degrees."""
    one, other = unit_vectors(np.array([ra, other_ra]), np.array([dec, other_dec]))
    chord = float(np.linalg.norm(one - other))
    return 2.0 * float(np.arcsin(min(chord / 2.0, 1.0))) / ARCSEC_IN_RADIANS


def mean_position(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> tuple[float, float]:
    """Return the mean direction [deg, deg] of positions close together, ra in [0, 360)."""
    x, y, z = unit_vectors(ra, dec).mean(axis=0)
    longitude = float(np.degrees(np.arctan2(y, x))) % 360.0
    return longitude % 360.0, float(np.degrees(np.arctan2(z, np.hypot(x, y))))


def sexagesimal(ra: float, dec: float, separator: str = ":") -> tuple[str, str]:
    """Return ra as HH:MM:SS.ss and dec as +DD:MM:SS.s, rounded to the last digit, from degrees.

    Fritz and earlier uploads of SCoPe round as well (the IAU's rule for names would cut off), so
    that a source gets the name it has there. Seconds never come out as 60.
    """
    centiseconds = round((ra % 360.0) * 24000.0) % (24 * 360000)
    tenths = round(abs(dec) * 36000.0)
    hours, rest = divmod(centiseconds, 360000)
    minutes, hundredths = divmod(rest, 6000)
    degrees, rest_dec = divmod(tenths, 36000)
    arcmin, tenths_left = divmod(rest_dec, 600)
    sign = "-" if dec < 0 and tenths else "+"
    seconds = f"{hundredths // 100:02d}.{hundredths % 100:02d}"
    arcsec = f"{tenths_left // 10:02d}.{tenths_left % 10}"
    return (
        separator.join([f"{hours:02d}", f"{minutes:02d}", seconds]),
        sign + separator.join([f"{degrees:02d}", f"{arcmin:02d}", arcsec]),
    )


def source_name(ra: float, dec: float) -> str:
    """Return the name ZTFJHHMMSS.ss+DDMMSS.s of a position in degrees."""
    return "ZTFJ" + "".join(sexagesimal(ra, dec, ""))
