"""The simulated signals obey the physics they are named after."""

import numpy as np
import pytest

from scope.sample import signals_eclipsing as eclipsing
from scope.sample import signals_irregular as irregular
from scope.sample import signals_pulsating as pulsating
from scope.sample.catalogues import absolute_magnitude
from scope.sample.kinds import CEPHEID, DELTA_SCUTI, QUASAR, RR_LYRAE
from scope.sample.variation import Band, add, damped_random_walk, fold, log_uniform

PHASE = np.arange(1000) / 1000.0
TIME = np.arange(0.0, 1000.0, 0.37)


def draws(draw, n=40):
    return [draw(np.random.default_rng([11, k])) for k in range(n)]


def harmonics(shape):
    """Amplitudes and phases of a sine series, by FFT."""
    spectrum = np.fft.rfft(shape) / len(shape) * 2.0
    return np.abs(spectrum), np.angle(spectrum * 1j)


def test_an_rr_lyrae_ab_star_rises_faster_than_it_declines():
    shape = pulsating.rr_lyrae_ab_shape(PHASE)
    rise = (PHASE[shape.argmin()] - PHASE[shape.argmax()]) % 1.0  # from faintest to brightest
    assert 0.05 < rise < 0.25


def test_rr_lyrae_ab_amplitudes_follow_the_parabola_of_m3():
    # by hand at 0.55 d: log P = -0.25964; -3.123 + 6.8365 - 2.4169
    assert pulsating.rr_lyrae_ab_amplitude(0.55) == pytest.approx(1.2966, abs=1e-3)


def test_rr_lyrae_ab_amplitudes_fall_with_period():
    stars = draws(pulsating.rr_lyrae_ab, 150)
    periods = np.array([star.period_days for star in stars])
    amplitudes = np.array([np.ptp(star.curve(TIME, Band.G)) for star in stars])
    assert np.corrcoef(periods, amplitudes)[0, 1] < -0.5


def test_the_fourier_phase_of_rr_lyrae_ab_stars_is_that_of_the_literature():
    _, phases = harmonics(pulsating.rr_lyrae_ab_shape(PHASE))
    phi_21 = (phases[2] - 2.0 * phases[1]) % (2.0 * np.pi)
    assert phi_21 == pytest.approx(2.4, abs=1e-6)


def test_an_rr_lyrae_c_star_is_more_sinusoidal_than_an_ab_star():
    def ratio(shape):
        amplitudes, _ = harmonics(shape)
        return amplitudes[2] / amplitudes[1]

    overtone = pulsating.unit_series(PHASE, pulsating.RRC_RATIOS, pulsating.RRC_PHASES)
    assert ratio(overtone) < 0.5 * ratio(pulsating.rr_lyrae_ab_shape(PHASE))


def test_an_rr_lyrae_d_star_has_two_modes_at_the_petersen_ratio():
    for star in draws(pulsating.rr_lyrae_d, 5):
        time = np.arange(0.0, 400.0, 0.02)
        power = np.abs(np.fft.rfft(star.curve(time, Band.G) * np.hanning(len(time))))
        frequency = np.fft.rfftfreq(len(time), 0.02)
        overtone = 1.0 / star.period_days
        near = (frequency > 0.70 * overtone) & (frequency < 0.79 * overtone)
        fundamental = frequency[near][power[near].argmax()]
        assert fundamental / overtone == pytest.approx(0.745, abs=0.005)


def test_pulsators_vary_more_in_g_than_in_r():
    for draw in (pulsating.rr_lyrae_ab, pulsating.cepheid, pulsating.delta_scuti, pulsating.mira):
        for star in draws(draw, 5):
            assert np.ptp(star.curve(TIME, Band.G)) > np.ptp(star.curve(TIME, Band.R))


def test_the_second_harmonic_of_cepheids_is_weakest_at_ten_days():
    def ratio(period):
        amplitudes, _ = harmonics(pulsating.cepheid_shape(PHASE, period))
        return amplitudes[2] / amplitudes[1]

    assert ratio(10.0) < ratio(5.0)
    assert ratio(10.0) < ratio(30.0)
    assert ratio(10.0) == pytest.approx(0.12, abs=1e-6)


def test_every_mira_varies_by_more_than_two_and_a_half_magnitudes():
    for star in draws(pulsating.mira):
        for band in Band:
            assert np.ptp(star.curve(TIME, band)) > 2.5


def test_delta_scuti_periods_are_shorter_than_six_hours():
    assert all(0.03 < star.period_days < 0.25 for star in draws(pulsating.delta_scuti))


def test_semi_regular_giants_do_not_repeat_exactly_and_cepheids_do():
    for semi_regular, cepheid in zip(
        draws(pulsating.semi_regular, 10), draws(pulsating.cepheid, 10), strict=True
    ):
        for star, repeats in ((semi_regular, False), (cepheid, True)):
            time = TIME[: int((1000.0 - star.period_days) / 0.37)]
            later = star.curve(time + star.period_days, Band.G)
            assert np.allclose(star.curve(time, Band.G), later, atol=1e-9) is repeats


def test_an_eclipse_is_deepest_in_the_middle_and_over_by_quadrature():
    profile = eclipsing.eclipse_profile(np.array([0.0, 0.25, 0.5]), 0.03, 1.0)
    assert profile == pytest.approx([1.0, 0.0, 0.0], abs=1e-9)


def test_contact_binaries_have_two_minima_and_two_maxima_a_period():
    for star in draws(eclipsing.contact):
        mag = star.curve(PHASE * star.period_days, Band.G)
        turns = np.sign(np.diff(mag, append=mag[0], prepend=mag[-1]))
        assert np.sum((turns[:-1] > 0) & (turns[1:] <= 0)) == 2


def test_semi_detached_minima_differ_more_than_contact_minima():
    def difference(star):
        mag = star.curve(PHASE * star.period_days, Band.G)
        deepest = int(mag.argmax())
        other = np.roll(mag, -deepest)[400:600].max()
        return (mag.max() - other) / np.ptp(mag)

    contact = np.median([difference(star) for star in draws(eclipsing.contact)])
    semi = np.median([difference(star) for star in draws(eclipsing.semi_detached)])
    assert semi > 3.0 * contact


def test_detached_binaries_are_flat_between_eclipses():
    for star in draws(eclipsing.detached):
        mag = star.curve(PHASE * star.period_days, Band.R)
        assert np.mean(mag < 0.035) > 0.65


def test_binary_depths_are_the_sum_of_tides_and_eclipse_at_conjunction():
    binary = eclipsing.Binary(primary=0.6, secondary=0.2, width=0.02, ellipsoidal=0.1)
    depths = eclipsing.binary_curve(np.array([0.0, 0.5, 0.25]), binary)
    assert depths == pytest.approx([0.7, 0.3, 0.0], abs=1e-9)


def test_the_structure_function_of_a_damped_random_walk_is_the_exponential_law():
    tau, sigma = 150.0, 0.2
    walks = np.array(
        [damped_random_walk(np.random.default_rng([3, k]), tau, sigma, 2.0) for k in range(400)]
    )
    for lag in (10, 60, 300):
        steps = lag // 2
        measured = np.sqrt(np.mean((walks[:, steps:] - walks[:, :-steps]) ** 2))
        assert measured == pytest.approx(sigma * np.sqrt(2 * (1 - np.exp(-lag / tau))), rel=0.05)


def test_agn_change_little_in_a_night_and_much_in_a_year():
    stars = draws(irregular.agn)

    def typical(lag):
        start = np.arange(0.0, 1000.0 - lag, 7.0)
        steps = [star.curve(start + lag, Band.G) - star.curve(start, Band.G) for star in stars]
        return np.median(np.abs(steps))

    assert typical(0.5) < 0.1 * typical(365.0)
    assert typical(365.0) > 0.08


def test_young_stars_change_faster_than_agn():
    def night_over_year(draw):
        curves = [star.curve(TIME, Band.G) for star in draws(draw)]
        return np.median([np.std(np.diff(mag)) / np.std(mag) for mag in curves])

    assert night_over_year(irregular.young_star) > 3.0 * night_over_year(irregular.agn)


def test_a_dwarf_nova_rises_faster_than_it_fades():
    age = np.arange(-1.0, 40.0, 0.01)
    shape = irregular.outburst_shape(age, 1.0, 2.0, 3.0)
    assert shape[age < 0].max() == 0.0
    assert age[shape >= 0.999].min() == pytest.approx(1.0, abs=0.02)
    assert shape[np.searchsorted(age, 6.0)] == pytest.approx(np.exp(-1.0), rel=0.02)


def test_cataclysmic_variables_brighten_more_than_they_fade():
    stars = [star.curve(TIME, Band.G) for star in draws(irregular.cataclysmic)]
    skews = [np.median(mag) - mag.min() > mag.max() - np.median(mag) for mag in stars]
    assert np.mean(skews) > 0.7


def test_flares_are_brightenings_stronger_in_the_blue():
    time = np.arange(0.0, 200.0, 0.005)
    for star in draws(irregular.flare_star, 10):
        g, r = star.curve(time, Band.G), star.curve(time, Band.R)
        assert np.median(g) - g.min() > 5.0 * (g.max() - np.median(g))
        assert np.median(g) - g.min() > 1.5 * (np.median(r) - r.min())


def test_slow_trends_need_months_to_show():
    for star in draws(irregular.slow_trend):
        mag = star.curve(np.arange(0.0, 1000.0), Band.R)
        assert np.std(np.diff(mag)) < 0.1 * np.std(mag)


def test_spots_drift_on_rs_cvn_stars_and_stay_on_rotators():
    def change(star):
        phases = np.arange(100) / 100.0 * star.period_days
        late = star.period_days * np.floor(900.0 / star.period_days)
        early, final = star.curve(phases, Band.R), star.curve(phases + late, Band.R)
        return np.std(final - early) / np.std(early)

    assert np.median([change(star) for star in draws(irregular.spotted_binary)]) > 0.2
    assert max(change(star) for star in draws(irregular.rotator)) < 1e-6


def test_a_constant_star_stays_constant():
    assert not irregular.constant(np.random.default_rng(1)).curve(TIME, Band.G).any()


def test_artefacts_do_not_agree_between_the_bands():
    pairs = [(s.curve(TIME, Band.G), s.curve(TIME, Band.R)) for s in draws(irregular.artefact)]
    assert np.median([np.corrcoef(g, r)[0, 1] for g, r in pairs]) < 0.6


def test_the_sum_of_two_variations_keeps_the_first_period():
    star = draws(eclipsing.contact, 1)[0]
    trend = draws(irregular.slow_trend, 1)[0]
    both = add(star, trend)
    assert both.period_days == star.period_days
    expected = star.curve(TIME, Band.G) + trend.curve(TIME, Band.G)
    assert both.curve(TIME, Band.G) == pytest.approx(expected)


def test_cepheids_are_more_luminous_than_delta_scuti_stars():
    # McNamara 2011 at 0.1 d and Fouque et al. 2007 at 10 d, by hand
    assert absolute_magnitude(DELTA_SCUTI, 0.1) == pytest.approx(1.63)
    assert absolute_magnitude(CEPHEID, 10.0) == pytest.approx(-3.96)


def test_rr_lyrae_luminosity_does_not_depend_on_period():
    assert absolute_magnitude(RR_LYRAE, 0.4) == absolute_magnitude(RR_LYRAE, 0.7) == 0.6


def test_a_source_without_a_period_has_the_mean_luminosity_of_its_kind():
    assert absolute_magnitude(QUASAR, float("nan")) == QUASAR.absolute_mag[0]


def test_phases_lie_between_zero_and_one():
    assert fold(np.array([-0.25, 0.0, 2.5]), 1.0).tolist() == [0.75, 0.0, 0.5]


def test_log_uniform_draws_have_the_geometric_mean_as_median():
    rng = np.random.default_rng(5)
    assert np.median([log_uniform(rng, 1.0, 100.0) for _ in range(4000)]) == pytest.approx(
        10, rel=0.1
    )
