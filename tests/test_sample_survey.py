"""The simulated survey: sky, nights, errors, catalogues and labels."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import AltAz, EarthLocation, SkyCoord, get_sun
from astropy.time import Time

from scope.sample import catalogues
from scope.sample.cadence import Exposures, clear_nights, moonlight, observe_field
from scope.sample.kinds import BY_NAME, KINDS
from scope.sample.labels import LABELS, PARENTS, annotate, close_upward, confidence
from scope.sample.photometry import Brightness, count_alerts, magnitude_error, observe
from scope.sample.signals_irregular import constant
from scope.sample.sky import draw_place, field_weights, fields, galactic_latitude, iau_name
from scope.sample.variation import Band, Variation

STEADY = constant(np.random.default_rng(0))
PALOMAR = EarthLocation(lat=33.3563 * u.deg, lon=-116.8650 * u.deg, height=1712 * u.m)


@pytest.fixture(scope="module")
def survey():
    rng = np.random.default_rng(7)
    clear = clear_nights(rng)
    return [observe_field(rng, field, clear) for field in fields()[::4]]


def flat_exposures(n, depth=20.5):
    return Exposures(58200.0 + np.arange(n) * 0.9, np.full(n, depth))


def appearance(**changes):
    values = {
        "g_mag": 16.5, "r_mag": 16.0, "bp_rp": 0.9, "distance_kpc": 1.0, "spread_mag": 0.0
    }  # fmt: skip
    return catalogues.Appearance(**{**values, **changes})


def test_galactic_latitudes_agree_with_astropy():
    for ra, dec in [(280.1, -12.3), (0.0, 80.0), (192.86, 27.13), (83.8, -5.4)]:
        expected = SkyCoord(ra, dec, unit="deg").galactic.b.deg
        assert galactic_latitude(ra, dec) == pytest.approx(expected, abs=1e-3)


def test_names_are_truncated_not_rounded():
    # 280.096650 deg is 18h40m23.196s, -12.123456 deg is -12d07m24.44s
    assert iau_name(280.096650, -12.123456) == "ZTFJ184023.19-120724.4"
    assert iau_name(0.0, 0.0) == "ZTFJ000000.00+000000.0"


def test_sources_lie_in_the_field_they_are_said_to():
    rng = np.random.default_rng(1)
    for index, field in enumerate(fields()):
        place = draw_place(rng, index)
        assert place.field == field.number
        assert abs(place.dec - field.dec) < 3.6
        east = (place.ra - field.ra + 180.0) % 360.0 - 180.0
        assert abs(east * np.cos(np.radians(place.dec))) < 3.61
        assert 1 <= place.ccd <= 16
        assert 1 <= place.quad <= 4


def test_the_camera_has_sixteen_ccds_in_four_rows_of_declination():
    rng = np.random.default_rng(2)
    places = [draw_place(rng, 20) for _ in range(300)]
    assert {place.ccd for place in places} == set(range(1, 17))
    lowest = [place.dec for place in places if place.ccd <= 4]
    highest = [place.dec for place in places if place.ccd > 12]
    assert max(lowest) < min(highest)


def test_agn_avoid_the_galactic_plane_and_miras_prefer_it():
    latitude = np.abs([field.latitude for field in fields()])
    agn, mira = (field_weights(*BY_NAME[name].sky) for name in ("AGN", "Mira"))
    assert agn[latitude < 15].sum() == 0.0
    assert mira[latitude < 15].sum() > 0.6


def test_the_moon_was_full_on_the_last_of_october_2020():
    full = Time("2020-10-31T14:49:00").mjd
    assert moonlight(np.array([full, full + 14.77]))[0] > 0.99
    assert moonlight(np.array([full, full + 14.77]))[1] < 0.01


def test_every_exposure_is_taken_in_the_dark_with_the_field_up(survey):
    for field, bands in zip(fields()[::4], survey, strict=True):
        times = Time(bands[Band.R].mjd, format="mjd")
        frame = AltAz(obstime=times, location=PALOMAR)
        assert get_sun(times).transform_to(frame).alt.deg.max() < -10.0
        target = SkyCoord(field.ra, field.dec, unit="deg")
        assert target.transform_to(frame).alt.deg.min() > 15.0


def test_exposures_repeat_at_the_same_hour_so_that_daily_aliases_are_real(survey):
    for bands in survey:
        window = np.abs(np.mean(np.exp(2j * np.pi * bands[Band.R].mjd)))
        assert window > 0.5


def test_exposures_stay_within_the_dm_dt_bins_and_leave_seasonal_gaps(survey):
    spans = [np.ptp(bands[Band.R].mjd) for bands in survey]
    gaps = [np.diff(bands[Band.R].mjd).max() for bands in survey]
    assert min(spans) > 600.0
    assert max(spans) < 1001.0
    assert np.median(gaps) > 60.0


def test_moonlight_costs_depth(survey):
    exposures = [bands[Band.G] for bands in survey]
    depth = np.concatenate([one.depth for one in exposures])
    light = np.concatenate([moonlight(one.mjd) for one in exposures])
    assert np.median(depth[light < 0.2]) - np.median(depth[light > 0.9]) > 0.5


def test_errors_grow_with_magnitude_from_a_floor_to_a_fifth_at_the_limit():
    mag = np.arange(12.0, 20.6, 0.1)
    error = magnitude_error(mag, np.full(len(mag), 20.5))
    assert np.all(np.diff(error) > 0)
    assert error[0] == pytest.approx(0.010, abs=1e-4)
    at_limit = magnitude_error(np.array([20.5]), np.array([20.5]))[0]
    assert at_limit == pytest.approx(np.hypot(0.01, 0.2))


def test_a_constant_star_scatters_as_its_errors_say():
    rng = np.random.default_rng(3)
    brightness = Brightness({Band.G: 17.0, Band.R: 16.5}, noise_scale=1.2)
    seen = observe(rng, STEADY, brightness, flat_exposures(4000), Band.R)
    good = seen.catflags == 0
    pulls = (seen.mag[good] - 16.5) / seen.magerr[good]
    low, high = np.percentile(pulls, [16, 84])
    assert (high - low) / 2.0 == pytest.approx(1.2, rel=0.05)


def test_points_below_the_limit_are_lost():
    rng = np.random.default_rng(4)
    exposures = flat_exposures(1000)
    bright = observe(rng, STEADY, Brightness({Band.R: 17.0}), exposures, Band.R)
    faint = observe(rng, STEADY, Brightness({Band.R: 20.5}), exposures, Band.R)
    assert len(bright.mag) > 940
    assert 300 < len(faint.mag) < 650
    assert faint.mag.max() < 20.5


def test_a_few_points_in_a_hundred_are_flagged():
    rng = np.random.default_rng(5)
    seen = observe(rng, STEADY, Brightness({Band.R: 17.0}), flat_exposures(5000), Band.R)
    assert np.mean(seen.catflags != 0) == pytest.approx(0.015, abs=0.005)


def test_a_star_that_moves_by_a_magnitude_raises_alerts_and_a_constant_one_hardly_any():
    rng = np.random.default_rng(6)
    loud = Variation(lambda time, band: np.sin(time))
    exposures, brightness = flat_exposures(300), Brightness({Band.R: 16.0})
    assert count_alerts(rng, observe(rng, loud, brightness, exposures, Band.R)) > 100
    assert count_alerts(rng, observe(rng, STEADY, brightness, exposures, Band.R)) < 10


def test_gaia_parallaxes_scatter_about_the_inverse_distance_by_their_errors():
    rng = np.random.default_rng(7)
    body = BY_NAME["rotator"].body
    entries = [catalogues.gaia(rng, body, appearance(distance_kpc=0.5)) for _ in range(800)]
    parallax = np.array([one["Gaia_EDR3__parallax"] for one in entries])
    error = np.array([one["Gaia_EDR3__parallax_error"] for one in entries])
    pulls = (parallax - 2.0) / error
    assert np.nanmean(pulls) == pytest.approx(0.0, abs=0.12)
    assert np.nanstd(pulls) == pytest.approx(1.0, abs=0.1)


def test_some_sources_have_no_gaia_match_and_then_no_gaia_value_at_all():
    rng = np.random.default_rng(8)
    body = BY_NAME["rotator"].body
    entries = [catalogues.gaia(rng, body, appearance()) for _ in range(1000)]
    missing = [all(np.isnan(value) for value in one.values()) for one in entries]
    partly = [any(np.isnan(value) for value in one.values()) for one in entries]
    assert missing == partly
    assert 10 < sum(missing) < 60


def test_quasars_are_redder_than_stars_in_the_wise_bands():
    rng = np.random.default_rng(9)

    def colour(name):
        entries = [catalogues.allwise(rng, BY_NAME[name].body, appearance()) for _ in range(200)]
        return np.nanmedian([one["AllWISE__w1mpro"] - one["AllWISE__w2mpro"] for one in entries])

    assert colour("AGN") > 0.6  # Stern et al. 2012: W1 - W2 >= 0.8 for most
    assert abs(colour("rotator")) < 0.1


def test_wise_upper_limits_have_no_error():
    entry = catalogues.allwise(np.random.default_rng(10), BY_NAME["rotator"].body, appearance())
    assert entry["AllWISE__w4mpro"] < catalogues.WISE_LIMIT_MAG[3]
    assert np.isnan(entry["AllWISE__w4sigmpro"])


def test_pan_starrs_colours_follow_the_stellar_locus():
    rng = np.random.default_rng(11)
    body = BY_NAME["rotator"].body
    entries = [
        catalogues.pan_starrs(rng, body, appearance(r_mag=15.0, bp_rp=0.82)) for _ in range(200)
    ]
    r_minus_i = [one["PS1_DR1__rMeanPSFMag"] - one["PS1_DR1__iMeanPSFMag"] for one in entries]
    # the Sun: BP-RP = 0.82 (Casagrande & VandenBerg 2018), r-i a little above 0.1 (Willmer 2018)
    assert np.nanmedian(r_minus_i) == pytest.approx(0.13, abs=0.05)


def test_alerts_of_artefacts_score_lower_than_those_of_stars():
    rng = np.random.default_rng(12)
    real = [catalogues.mean_braai(rng, 50, 0) for _ in range(200)]
    false = [catalogues.mean_braai(rng, 0, 50) for _ in range(200)]
    assert np.median(real) > np.median(false) + 0.3
    assert catalogues.mean_braai(rng, 0, 0) == 0.0


def test_a_parent_is_raised_to_its_strongest_child():
    closed = close_upward({"EW": 0.75, "eclipsing": 0.25})
    raised = {label: value for label, value in closed.items() if value}
    assert raised == {"EW": 0.75, "eclipsing": 0.75, "periodic": 0.75, "variable": 0.75}


def test_the_tree_has_no_unknown_parent():
    assert {parent for parent in PARENTS.values() if parent} <= set(LABELS)


def test_a_weak_signal_makes_scanners_less_sure():
    assert [confidence(s) for s in (0.5, 1.5, 2.5, 10.0)] == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_labels_of_every_kind_are_quarters_and_obey_the_tree(kind):
    confused = BY_NAME[kind.confused_with].labels if kind.confused_with else {}
    for seed in range(100):
        labels = annotate(np.random.default_rng([13, seed]), kind.labels, confused, seed / 10)
        assert set(labels.values()) <= {0.0, 0.25, 0.5, 0.75, 1.0}
        assert all(labels[p] >= labels[child] for child, p in PARENTS.items() if p)


def test_scanners_slip_in_two_or_three_cases_in_a_hundred():
    habits, confused = {"variable": (1.0,), "EW": (1.0,)}, {"variable": (1.0,), "EB": (1.0,)}
    rng = np.random.default_rng(14)
    wrong = [annotate(rng, habits, confused, 50.0)["EW"] < 1.0 for _ in range(6000)]
    assert 0.018 < np.mean(wrong) < 0.032
