"""When the survey looks: nights, seasons, weather, Moon, and how deep each exposure is.

All exposures of a field are shared by the sources in it, as on the real camera.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scope.sample.sky import Field
from scope.sample.variation import BASELINE_DAYS, Array, Band

START_MJD = 58200.0
MIDNIGHT_UT_DAYS = 0.3246  # local midnight at Palomar, 116.86 deg west
EQUINOX_MJD = 58197.68  # 2018 March 20
YEAR_DAYS, SYNODIC_MONTH_DAYS, FULL_MOON_MJD = 365.25, 29.530588, 58208.53
HALF_NIGHT_HOURS = 4.6
HIGHEST_HOUR_ANGLE = 3.5
CLEAR_NIGHTS = 0.72
DEPTH_MAG = {Band.G: 20.8, Band.R: 20.6}  # 5 sigma, dark time: Bellm et al. 2019, PASP 131, 018002
MOONLIGHT_MAG = {Band.G: 0.9, Band.R: 0.5}  # depth lost at full Moon
MEDIAN_EXPOSURES = {Band.G: 155.0, Band.R: 190.0}


@dataclass(frozen=True)
class Exposures:
    """The exposures of a field in one band, in time order.

    Attributes
    ----------
    mjd : mid-exposure [MJD, rounded to 1e-5 d], shape (n,)
    depth : 5-sigma limiting magnitude, shape (n,)
    """

    mjd: Array
    depth: Array


def clear_nights(rng: np.random.Generator) -> Array:
    """Return 1.0 for clear nights and 0.0 for lost ones, shape (n_nights,): weather lasts days."""
    stays = 0.8  # chance that tomorrow is like today, beyond what the average asks
    draws = rng.random((2, int(BASELINE_DAYS)))
    fresh = draws[0] < CLEAR_NIGHTS
    clear = np.empty(len(fresh), dtype=np.float64)
    today = 1.0
    for night in range(len(fresh)):
        if draws[1, night] > stays:
            today = float(fresh[night])
        clear[night] = today
    return clear


def moonlight(mjd: Array) -> Array:
    """Return the lit fraction of the Moon, 0 to 1, shape (n,)."""
    phase = (mjd - FULL_MOON_MJD) / SYNODIC_MONTH_DAYS
    return np.asarray(0.5 + 0.5 * np.cos(2.0 * np.pi * phase))


def transit_hours(field: Field, nights: Array) -> Array:
    """Return when a field crosses the meridian [h from local midnight, -12 to 12] each night."""
    sun_ra_hours = 24.0 * (nights - EQUINOX_MJD) / YEAR_DAYS
    return np.mod(field.ra / 15.0 - sun_ra_hours, 24.0) - 12.0


def windows(field: Field, nights: Array) -> tuple[Array, Array]:
    """Return the first and the last hour from midnight at which a field is up in the dark."""
    season = np.cos(2.0 * np.pi * (nights - EQUINOX_MJD + 90.0) / YEAR_DAYS)
    half_night = HALF_NIGHT_HOURS + 0.8 * season
    transit = transit_hours(field, nights)
    # A northern field stays above the same airmass for longer.
    reach = HIGHEST_HOUR_ANGLE + 0.02 * field.dec
    return np.maximum(-half_night, transit - reach), np.minimum(half_night, transit + reach)


def observe_field(rng: np.random.Generator, field: Field, clear: Array) -> Mapping[Band, Exposures]:
    """Draw the exposures of a field in g and r over the baseline."""
    nights = START_MJD + np.arange(BASELINE_DAYS)
    first, last = windows(field, nights)
    usable = clear * (last - first > 0.5)
    crowded = abs(field.latitude) < 15.0
    return {
        band: _exposures(rng, band, (nights, first, last, usable), crowded)
        for band in (Band.G, Band.R)
    }


def _exposures(
    rng: np.random.Generator,
    band: Band,
    season: tuple[Array, Array, Array, Array],
    crowded: bool,
) -> Exposures:
    nights, first, last, usable = season
    total = MEDIAN_EXPOSURES[band] * float(np.exp(rng.normal(0.0, 0.4))) * (1.2 if crowded else 1)
    # Near full Moon surveys turn to redder filters.
    dark = 1.0 - 0.5 * moonlight(nights) * (band is Band.G)
    chance = usable * dark
    visits = rng.poisson(np.minimum(total * chance / max(chance.sum(), 1.0), 4.0))
    night = np.repeat(np.arange(len(nights)), visits)
    middle = 0.5 * (first + last)[night]
    reach = 0.5 * (last - first)[night]
    # a triangle over the window: most exposures are taken near the meridian
    hours = middle + reach * (rng.random(len(night)) + rng.random(len(night)) - 1.0)
    mjd = np.round(nights[night] + MIDNIGHT_UT_DAYS + hours / 24.0, 5)
    if crowded and band is Band.R:
        mjd = np.concatenate([mjd, _continuous_run(rng, season)])
    # Sorted, and no two exposures at one time: there is one camera.
    mjd = np.unique(mjd)
    moon_loss = MOONLIGHT_MAG[band] * moonlight(mjd) ** 2
    seeing = np.abs(rng.normal(0.0, 0.25, len(mjd)))
    return Exposures(mjd, np.round(DEPTH_MAG[band] - moon_loss - seeing, 3))


def _continuous_run(rng: np.random.Generator, season: tuple[Array, Array, Array, Array]) -> Array:
    """Return a run of exposures every 2.5 minutes in one night, as ZTF made in the plane [MJD]."""
    nights, first, last, usable = season
    length = usable * (last - first)
    best = int(np.argmax(length * rng.random(len(nights))))
    start = nights[best] + MIDNIGHT_UT_DAYS + (first[best] + 0.2) / 24.0
    return np.asarray(np.round(start + np.arange(24) * 2.5 / 1440.0, 5))
