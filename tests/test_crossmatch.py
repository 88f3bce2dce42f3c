"""Positions close together and the names of positions, against astropy."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import Angle, SkyCoord

from scope.data.sky import is_near, mean_position, sexagesimal, source_name


def random_sky(n, seed):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))


def test_neighbours_are_those_that_astropy_finds_within_the_radius():
    ra, dec = random_sky(300, 1)
    rng = np.random.default_rng(2)
    others = SkyCoord(ra * u.deg, dec * u.deg).directional_offset_by(
        rng.uniform(0, 360, 300) * u.deg, rng.uniform(0, 4, 300) * u.arcsec
    )
    separation = SkyCoord(ra * u.deg, dec * u.deg).match_to_catalog_sky(others)[1].arcsec
    assert 100 < (separation <= 2).sum() < 200
    near = is_near(ra, dec, (others.ra.deg, others.dec.deg), 2.0)
    np.testing.assert_array_equal(near, separation <= 2)


def test_positions_on_both_sides_of_ra_zero_are_neighbours():
    others = (np.array([0.0001]), np.array([0.0]))
    assert is_near(np.array([359.9999]), np.array([0.0]), others, 2.0).all()


def test_a_place_that_is_not_known_is_near_to_nothing():
    others = (np.array([np.nan]), np.array([0.0]))
    assert not is_near(np.array([0.0]), np.array([0.0]), others, 2.0).any()


def test_names_are_those_of_astropy_rounded():
    ra, dec = random_sky(500, 3)
    for one_ra, one_dec in zip(ra, dec, strict=True):
        hms = Angle(one_ra, "deg").to_string(unit="hourangle", sep="", precision=2, pad=True)
        dms = Angle(one_dec, "deg").to_string(sep="", precision=1, pad=True, alwayssign=True)
        assert source_name(one_ra, one_dec) == f"ZTFJ{hms}{dms}"


@pytest.mark.parametrize(
    ("ra", "dec", "expected"),
    [
        (0.0, -0.5, ("00:00:00.00", "-00:30:00.0")),
        (359.9999999, 89.99999999, ("00:00:00.00", "+90:00:00.0")),
        (15.0 * (1 + 59.9999 / 3600), -1.0 / 3600 * 59.99, ("01:01:00.00", "-00:01:00.0")),
    ],
)
def test_seconds_never_come_out_as_60_and_the_sign_of_a_small_dec_stays(ra, dec, expected):
    assert sexagesimal(ra, dec) == expected


def test_the_mean_of_places_round_ra_zero_lies_at_zero():
    ra, dec = mean_position(np.array([359.9998, 0.0002]), np.array([10.0, 10.0]))
    assert min(ra, 360 - ra) < 1e-9
    assert dec == pytest.approx(10.0)
