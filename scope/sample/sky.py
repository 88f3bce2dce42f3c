"""Where on the sky a source lies, and on which part of the camera: field, CCD, quadrant."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from scope.sample.variation import Array

STRIP_HEIGHT_DEG = 7.2  # spacing of ZTF's field rows; the camera sees 7.5 deg by 7.5 deg
FIELD_WIDTH_DEG = 6.85
SOUTHERN_LIMIT_DEG = -28.0
N_FIELDS = 40
POLE_RA_DEG, POLE_DEC_DEG = 192.859508, 27.128336  # north Galactic pole, J2000


@dataclass(frozen=True)
class Field:
    """A pointing of the survey: number, centre [deg, J2000] and Galactic latitude [deg]."""

    number: int
    ra: float
    dec: float
    latitude: float


@dataclass(frozen=True)
class Place:
    """A position [deg, J2000, rounded to 1e-6 deg] and the detector it falls on."""

    ra: float
    dec: float
    field: int
    ccd: int
    quad: int


def galactic_latitude(ra: float, dec: float) -> float:
    """Return the Galactic latitude [deg] of a position [deg, J2000]."""
    ra_offset = np.radians(ra - POLE_RA_DEG)
    # The cosine rule of the triangle between the source, the equator's pole and the Galaxy's.
    height = np.sin(np.radians(dec)) * np.sin(np.radians(POLE_DEC_DEG))
    height += np.cos(np.radians(dec)) * np.cos(np.radians(POLE_DEC_DEG)) * np.cos(ra_offset)
    return float(np.degrees(np.arcsin(height)))


@cache
def fields() -> tuple[Field, ...]:
    """Return the pointings of the sample, spread evenly over the northern sky.

    Numbers run along strips of declination from the south pole up, as in ZTF's primary grid.
    """
    grid: list[Field] = []
    number = 0
    for strip in range(25):
        dec = round((strip - 12) * STRIP_HEIGHT_DEG + 4.55, 2)
        if abs(dec) > 86.0:
            continue
        n_in_strip = max(1, round(360.0 * float(np.cos(np.radians(dec))) / FIELD_WIDTH_DEG))
        for column in range(n_in_strip):
            number += 1
            ra = round(360.0 * column / n_in_strip, 4)
            if SOUTHERN_LIMIT_DEG < dec < 81.0:
                grid.append(Field(number, ra, dec, round(galactic_latitude(ra, dec), 2)))
    return tuple(grid[len(grid) * k // N_FIELDS] for k in range(N_FIELDS))


def field_weights(scale_deg: float, avoid_deg: float) -> Array:
    """Return the chance of each field, shape (n_fields,), for a population of the Galaxy or beyond.

    Surface density falls as exp(-|b| / scale_deg); fields with |b| < avoid_deg are excluded.
    """
    latitude = np.abs(np.array([field.latitude for field in fields()]))
    density = np.exp(-latitude / scale_deg) * (latitude >= avoid_deg)
    return np.asarray(density / density.sum())


def draw_place(rng: np.random.Generator, index: int) -> Place:
    """Draw a position in the field of this index, and find its CCD (1-16) and quadrant (1-4)."""
    field = fields()[index]
    across, up = rng.uniform(0.01, 0.99, 2)  # in units of the 7.2 deg square
    east = (across - 0.5) * STRIP_HEIGHT_DEG
    dec = round(field.dec + (up - 0.5) * STRIP_HEIGHT_DEG, 6)
    ra = round((field.ra + east / float(np.cos(np.radians(dec)))) % 360.0, 6)
    column, row = int(4 * across), int(4 * up)
    half_column, half_row = int(8 * across) % 2, int(8 * up) % 2
    return Place(ra, dec, field.number, 4 * row + column + 1, 2 * half_row + half_column + 1)


def iau_name(ra: float, dec: float) -> str:
    """Return the name of a position [deg]: ZTFJhhmmss.ss+ddmmss.s, truncated as the IAU asks."""
    # Whole numbers all along: a float just below a whole second would be cut to the one before.
    hundredths = round(ra * 1e6) * 24_000 // 1_000_000
    tenths = round(abs(dec) * 1e6) * 36_000 // 1_000_000
    hours, rest = divmod(hundredths, 360_000)
    degrees, arc = divmod(tenths, 36_000)
    sign = "-" if dec < 0 else "+"
    return (
        f"ZTFJ{hours:02d}{rest // 6000:02d}{rest % 6000 // 100:02d}.{rest % 100:02d}"
        f"{sign}{degrees:02d}{arc // 600:02d}{arc % 600 // 10:02d}.{arc % 10}"
    )
