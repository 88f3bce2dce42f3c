"""From true magnitudes to measured ones: noise, outliers, flags, and points lost in the noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scope.sample.cadence import START_MJD, Exposures
from scope.sample.variation import Array, Band, Variation

CALIBRATION_FLOOR_MAG = 0.010  # Masci et al. 2019, PASP 131, 018003
ERROR_AT_LIMIT_MAG = 0.20  # 5 sigma
OUTLIER_FRACTION = 0.006
FLAGGED_FRACTION = 0.015
LOST_FRACTION = 0.03  # chip gaps, failed calibrations
# Bits of the ZTF mask (Masci et al. 2019): satellite track, ghost, cosmic ray, saturated
FLAG_BITS = np.array([1, 32, 128, 256], dtype=np.int16)


@dataclass(frozen=True)
class Photometry:
    """The measured light curve of one source in one band, in time order.

    Attributes
    ----------
    mjd : mid-exposure [MJD], shape (n,)
    mag, magerr : [mag, rounded to 1e-4], shape (n,)
    catflags : 0 for good points, shape (n,)
    signal_range : range of the true magnitude over the points [mag]
    """

    mjd: Array
    mag: Array
    magerr: Array
    catflags: NDArray[np.int16]
    signal_range: float


@dataclass(frozen=True)
class Brightness:
    """Mean magnitude of a source in each band, and how its errors are really distributed.

    Attributes
    ----------
    mean : mean magnitude by band [mag]
    noise_scale : true scatter over reported error
    blending : extra outliers, as a fraction of the points (artefacts have many)
    """

    mean: dict[Band, float]
    noise_scale: float = 1.0
    blending: float = 0.0


def magnitude_error(mag: Array, depth: Array) -> Array:
    """Return the photometric error [mag], shape (n,): a floor, and sky noise as 1 / flux.

    `mag` is the magnitude, `depth` the 5-sigma limiting magnitude, each of shape (n,).
    """
    sky = ERROR_AT_LIMIT_MAG * 10.0 ** (0.4 * (mag - depth))
    return np.asarray(np.sqrt(CALIBRATION_FLOOR_MAG**2 + sky**2))


def observe(
    rng: np.random.Generator,
    variation: Variation,
    brightness: Brightness,
    exposures: Exposures,
    band: Band,
) -> Photometry:
    """Draw the light curve that the survey would measure of a source."""
    n = len(exposures.mjd)
    true = brightness.mean[band] + variation.curve(exposures.mjd - START_MJD, band)
    # Capped a magnitude below the limit, where 10^(0.4 x) would run away; such points are lost.
    error = magnitude_error(np.minimum(true, exposures.depth + 1.0), exposures.depth)
    mag = true + brightness.noise_scale * error * rng.standard_normal(n)
    flags = _flags(rng, n)
    bad = rng.random(n) < OUTLIER_FRACTION + brightness.blending
    # Most flagged points are really wrong, so that a pipeline gains by leaving them out.
    bad |= (flags != 0) & (rng.random(n) < 0.6)
    mag = mag + bad * rng.laplace(0.0, 0.25, n)
    mag, error = np.round(mag, 4), np.round(error, 4)
    seen = (mag < exposures.depth) & (rng.random(n) >= LOST_FRACTION)
    return Photometry(
        exposures.mjd[seen],
        mag[seen],
        error[seen],
        flags[seen],
        round(float(np.ptp(true[seen])), 4) if seen.any() else 0.0,
    )


def _flags(rng: np.random.Generator, n: int) -> NDArray[np.int16]:
    flagged = rng.random(n) < FLAGGED_FRACTION
    return np.where(flagged, FLAG_BITS[rng.integers(len(FLAG_BITS), size=n)], 0).astype(np.int16)


def count_alerts(rng: np.random.Generator, photometry: Photometry) -> int:
    """Draw how many alerts a light curve raised: points more than 5 sigma from the median.

    ZTF keeps about two thirds of them after its own cuts.
    """
    if len(photometry.mag) == 0:
        return 0
    departure = np.abs(photometry.mag - np.median(photometry.mag))
    return int(rng.binomial(int(np.sum(departure > 5.0 * photometry.magerr)), 0.65))
