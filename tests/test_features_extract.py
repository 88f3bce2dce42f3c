"""From light curves to tables, on one process and on several."""

import logging

import numpy as np
import pytest

from scope.base.errors import ConfigError, DataError
from scope.config.features import DmdtParams, FeatureParams, PeriodParams
from scope.features import parallel
from scope.features.curve import FEATURES
from scope.features.extract import extract
from scope.features.fourier import best_fit
from scope.lightcurves.curves import LightCurve, LightCurves

DMDT = DmdtParams(dm_edges=[-8.0, -0.2, 0.0, 0.2, 8.0], dt_edges=[0.0, 1.0, 10.0, 2000.0])
PARAMS = FeatureParams(min_points=30, period=PeriodParams(max_frequency=4.0), dmdt=DMDT)
WAVE_PERIOD = 1.3791
OFFSETS = ("f1_a", "median", "wmean")
BRIGHTNESS = (*OFFSETS, "norm_peak_to_peak_amp", "norm_excess_var", "ad", "sw")


def make_curve(seed, n=40, noise=0.05):
    rng = np.random.default_rng(seed)
    time = 58000 + np.sort(rng.choice(200, n, replace=False)) + rng.uniform(0.1, 0.4, n)
    wave = 0.3 * np.cos(2 * np.pi * time / WAVE_PERIOD) + 0.12 * np.sin(
        4 * np.pi * time / WAVE_PERIOD
    )
    return LightCurve(time, 16 + wave + noise * rng.normal(size=n), np.full(n, noise))


def join(curves):
    offsets = np.cumsum([0, *(len(curve.time) for curve in curves)])
    columns = [
        np.concatenate([getattr(curve, name) for curve in curves])
        for name in ("time", "mag", "magerr")
    ]
    return LightCurves(offsets.astype(np.int64), *columns)


def spoiled():
    """Return five light curves: numbers 1 and 2 cannot be used, a point of number 4 cannot."""
    short, constant, bad = make_curve(11, n=12), make_curve(12), make_curve(13)
    constant.mag[:] = 16.0
    bad.magerr[5] = 0.0
    return join([make_curve(1), short, constant, make_curve(2), bad])


def test_every_feature_is_there_and_finite():
    table = extract(join([make_curve(1)]), PARAMS, workers=1).table
    assert list(table.columns) == ["curve", *FEATURES]
    assert np.isfinite(table.to_numpy()).all()


def test_the_light_curves_that_cannot_be_used_are_listed_with_the_reason():
    extracted = extract(spoiled(), PARAMS, workers=1)
    assert extracted.table["curve"].tolist() == [0, 3, 4]
    assert extracted.dropped["curve"].tolist() == [1, 2]
    assert extracted.dropped["reason"].tolist() == ["fewer than 30 points", "constant magnitudes"]
    assert extracted.dropped["points"].tolist()[0] == "12 points, 12 left"


def test_what_is_dropped_is_counted_in_the_log(caplog):
    with caplog.at_level(logging.INFO):
        extract(spoiled(), PARAMS, workers=1)
    assert "dropped 1 of 5 light curves: constant magnitudes" in caplog.text


def test_points_that_are_left_out_are_counted_in_the_log(caplog):
    with caplog.at_level(logging.INFO):
        extract(spoiled(), PARAMS, workers=1)
    assert "left out 1 of" in caplog.text
    assert "points: error that is not above 0 and below features.max_magerr" in caplog.text


@pytest.mark.parametrize(
    "sentinel", [(-999.0, 0.1), (99.99, 99.99), (np.nan, np.nan), (1e155, 1.0)]
)
def test_a_tenth_of_the_points_without_measurement_changes_no_feature(sentinel):
    clean = make_curve(1, n=100)
    dirty = LightCurve(
        np.append(clean.time, clean.time[:10] + 0.3),
        np.append(clean.mag, np.full(10, sentinel[0])),
        np.append(clean.magerr, np.full(10, sentinel[1])),
    )
    both = extract(join([clean, dirty]), PARAMS, workers=1)
    features = both.table[list(FEATURES)].to_numpy()
    assert np.array_equal(features[0], features[1])
    assert np.array_equal(both.dmdt[0], both.dmdt[1])


def test_one_row_of_the_histograms_belongs_to_each_row_of_the_table():
    extracted = extract(spoiled(), PARAMS, workers=1)
    assert extracted.dmdt.shape == (3, 12)
    assert extracted.dmdt.dtype == np.float32
    assert (extracted.dmdt.astype(float) ** 2).sum(axis=1) == pytest.approx([1, 1, 1], rel=1e-6)


def test_nothing_kept_gives_empty_tables_with_all_columns():
    extracted = extract(join([make_curve(1, n=12)]), PARAMS, workers=1)
    assert extracted.table.shape == (0, 1 + len(FEATURES))
    assert extracted.dmdt.shape == (0, 12)


def test_no_light_curves_give_empty_tables():
    nothing = LightCurves(np.zeros(1, np.int64), np.empty(0), np.empty(0), np.empty(0))
    extracted = extract(nothing, PARAMS)
    assert (len(extracted.table), len(extracted.dropped)) == (0, 0)


def test_two_processes_give_the_same_bits_as_one(monkeypatch):
    curves = join([make_curve(seed, n=30 + seed) for seed in range(8)])
    alone = extract(curves, PARAMS, workers=1)
    monkeypatch.setattr(parallel, "CHUNK", 3)
    shared = extract(curves, PARAMS, workers=2)
    assert alone.table.to_numpy().tobytes() == shared.table.to_numpy().tobytes()
    assert alone.dmdt.tobytes() == shared.dmdt.tobytes()


def test_a_light_curve_has_the_same_bits_in_any_company():
    curves = [make_curve(seed, n=30 + 20 * seed) for seed in range(4)]
    together = extract(join(curves), PARAMS, workers=1).table.drop(columns="curve").to_numpy()
    backwards = extract(join(curves[::-1]), PARAMS, workers=1).table.drop(columns="curve")
    assert together.tobytes() == backwards.to_numpy()[::-1].tobytes()


def test_known_periods_are_kept_and_others_searched():
    curves = join([make_curve(1), make_curve(2)])
    table = extract(curves, PARAMS, periods=np.array([0.777, np.nan]), workers=1).table
    assert table["period"][0] == 0.777
    assert table["period"][1] == pytest.approx(WAVE_PERIOD, rel=3e-3)


def test_the_fourier_features_are_those_of_the_period_in_the_table():
    curve = make_curve(3)
    row = extract(join([curve]), PARAMS, workers=1).table.iloc[0]
    expected = best_fit(curve, row["period"]).features()
    assert row[list(expected)].to_dict() == expected


def test_a_shift_of_magnitudes_changes_only_features_of_the_brightness():
    curve = make_curve(4)
    shifted = LightCurve(curve.time, curve.mag + 1.5, curve.magerr)
    table = extract(join([curve, shifted]), PARAMS, workers=1).table
    for name in set(FEATURES) - set(BRIGHTNESS):
        assert table[name][1] == pytest.approx(table[name][0], rel=1e-4, abs=1e-6), name
    for name in OFFSETS:
        assert table[name][1] - table[name][0] == pytest.approx(1.5, abs=1e-5), name


def test_unsorted_points_give_the_features_of_sorted_ones():
    curve = make_curve(5)
    order = np.random.default_rng(0).permutation(len(curve.time))
    shuffled = LightCurve(curve.time[order], curve.mag[order], curve.magerr[order])
    values = extract(join([curve, shuffled]), PARAMS, workers=1).table[list(FEATURES)].to_numpy()
    assert values[0].tobytes() == values[1].tobytes()


def test_odd_light_curves_never_stop_the_others():
    steep = LightCurve(58000 + np.arange(30.0), np.geomspace(1.0, 35.0, 30), np.full(30, 1e-3))
    burst = LightCurve(58000 + 1e-9 * np.arange(30.0), 1.0 + np.arange(30.0), np.full(30, 9.0))
    whole_days = LightCurve(58000 + np.arange(30.0), np.tile([15.0, 16.0], 15), np.full(30, 0.1))
    few = make_curve(6, n=4)
    params = FeatureParams(min_points=4, period=PARAMS.period, dmdt=DMDT)
    extracted = extract(join([steep, burst, whole_days, few]), params, workers=1)
    assert len(extracted.table) == 4
    assert np.isfinite(extracted.table["period"]).all()


@pytest.mark.parametrize("periods", [[1.0], [1.0, -2.0], [1.0, 0.0], [np.inf, 1.0]])
def test_periods_that_cannot_be_are_refused(periods):
    curves = join([make_curve(1), make_curve(2)])
    with pytest.raises(DataError, match="periods"):
        extract(curves, PARAMS, periods=np.array(periods), workers=1)


def test_fewer_than_four_points_are_refused():
    with pytest.raises(ConfigError, match="min_points is 3; it must be"):
        FeatureParams(min_points=3, dmdt=DMDT)


def test_a_range_of_times_that_holds_none_is_refused():
    with pytest.raises(ConfigError, match="time_range"):
        FeatureParams(time_range=[60000.0, 50000.0], dmdt=DMDT)
