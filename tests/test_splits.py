"""Splits: whole sources on one side, labels in their shares."""

import numpy as np
import pandas as pd
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from scope.base.constants import TEST, TRAIN, VAL
from scope.base.errors import ConfigError
from scope.config.split import SplitParams
from scope.data.same_source import group_sources, source_numbers
from scope.data.splits import assign_splits, label_columns, split_table
from scope.models.shared.examples import redraw_validation

PARAMS = SplitParams(test_size=0.2, val_size=0.1, radius_arcsec=2.0)
PARTS = (TRAIN, VAL, TEST)


def sky(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))


def crowded_table(seed: int) -> pd.DataFrame:
    """Return 1 to 6 light curves of each of 150 sources, some without name, some without place."""
    rng = np.random.default_rng(seed)
    ra, dec = sky(150, rng)
    source = np.repeat(np.arange(150), rng.integers(1, 7, 150))
    rng.shuffle(source)
    named = rng.random(len(source)) < 0.6
    labels = rng.random((len(source), 3)) < [0.5, 0.1, 0.02]
    return pd.DataFrame(
        {
            "obj_id": np.where(named, [f"ZTF{one}" for one in source], None),
            "ra": ra[source] + rng.normal(0, 0.2 / 3600, len(source)),
            "dec": dec[source] + rng.normal(0, 0.2 / 3600, len(source)),
            "source": source,
        }
    ).join(pd.DataFrame(labels.astype(float), columns=["variable", "EA", "Mira"]))


@pytest.mark.parametrize("seed", range(20))
def test_no_source_lies_in_two_parts(seed: int) -> None:
    table = crowded_table(seed)
    table["part"] = split_table(table, ["variable", "EA", "Mira"], PARAMS, seed)
    assert set(table["part"]) == set(PARTS)
    assert (table.groupby("source")["part"].nunique() == 1).all()
    assert (table.groupby("obj_id")["part"].nunique() == 1).all()


def test_no_pair_within_the_radius_lies_in_two_parts() -> None:
    rng = np.random.default_rng(3)
    ra, dec = 10 + rng.uniform(0, 60, 400) / 3600, 89 + rng.uniform(0, 60, 400) / 3600
    sources = group_sources(None, ra, dec, 1.0)
    place = SkyCoord(ra * u.deg, dec * u.deg)
    first, second, _, _ = place.search_around_sky(place, 1.0 * u.arcsec)
    assert len(first) > 400
    assert (sources[first] == sources[second]).all()


def test_light_curves_further_apart_than_the_radius_are_two_sources() -> None:
    ra, dec = np.array([10.0, 10.0]), np.array([0.0, 2.01 / 3600])
    assert group_sources(None, ra, dec, 2.0).tolist() == [0, 1]
    assert group_sources(None, ra, dec, 2.02).tolist() == [0, 0]


def test_positions_either_side_of_zero_right_ascension_are_one_source() -> None:
    ra, dec = np.array([0.0001, 359.9999]), np.array([30.0, 30.0])
    assert group_sources(None, ra, dec, 2.0).tolist() == [0, 0]


def test_close_to_the_pole_right_ascensions_apart_are_one_source() -> None:
    ra, dec = np.array([0.0, 180.0]), np.array([89.9999, 89.9999])
    assert group_sources(None, ra, dec, 2.0).tolist() == [0, 0]


def test_names_and_places_chain_into_one_source() -> None:
    obj_id = pd.Series(["a", "a", None, "b", "c"])
    ra = np.array([0.0, 50.0, 50.0, 50.0, 100.0])
    dec = np.array([0.0, 0.0, 1.5 / 3600, 3.0 / 3600, 0.0])
    assert group_sources(obj_id, ra, dec, 2.0).tolist() == [0, 0, 0, 0, 1]


def test_rows_without_name_or_place_are_sources_of_their_own() -> None:
    obj_id = pd.Series([None, None, "a", "a"])
    nowhere = np.full(4, np.nan)
    assert group_sources(obj_id, nowhere, nowhere, 2.0).tolist() == [0, 1, 2, 2]


def test_a_table_without_names_is_grouped_by_place() -> None:
    table = pd.DataFrame({"ra": [5.0, 6.0, 5.0], "dec": [1.0, 1.0, 1.0]})
    assert source_numbers(table, 2.0).tolist() == [0, 1, 0]


def test_many_light_curves_of_one_place_take_no_time_by_the_square() -> None:
    n = 100_000
    assert group_sources(None, np.zeros(n), np.zeros(n), 2.0).max() == 0


def test_shares_hold_overall_and_in_every_label() -> None:
    rng = np.random.default_rng(0)
    labels = rng.random((4000, 4)) < [0.6, 0.2, 0.05, 0.01]
    part = assign_splits(np.arange(4000), labels, PARAMS, 42)
    for member in (np.ones(4000, dtype=bool), *labels.T):
        counts = np.bincount(part[member], minlength=3)
        assert np.allclose(counts, member.sum() * np.array([0.7, 0.1, 0.2]), atol=2)


@pytest.mark.parametrize("n_sources", [3, 4, 5, 7, 11])
def test_a_label_of_three_sources_or_more_lies_in_all_parts(n_sources: int) -> None:
    labels = np.zeros((200, 2), dtype=bool)
    labels[:n_sources, 0] = True
    labels[:2, 1] = True
    part = assign_splits(np.arange(200), labels, PARAMS, 1)
    assert set(part[:n_sources]) == set(PARTS)


def test_a_source_carries_the_labels_of_all_its_light_curves() -> None:
    sources = np.repeat(np.arange(9), 2)
    labels = np.zeros((18, 1), dtype=bool)
    labels[[1, 2, 5], 0] = True
    part = assign_splits(sources, labels, PARAMS, 0)
    assert set(part[[0, 2, 4]]) == set(PARTS)


def test_a_seed_gives_the_same_split_and_another_seed_another() -> None:
    table = crowded_table(1)
    one, again, other = (split_table(table, ["EA"], PARAMS, seed) for seed in (7, 7, 8))
    assert (one == again).all()
    assert (one != other).any()


def test_a_part_without_a_share_stays_empty() -> None:
    params = SplitParams(test_size=0.25, val_size=0.0, radius_arcsec=2.0)
    part = assign_splits(np.arange(40), np.ones((40, 1), dtype=bool), params, 0)
    assert np.bincount(part, minlength=3).tolist() == [30, 0, 10]


def test_labels_at_a_half_or_unknown_do_not_count_as_carried() -> None:
    half = pd.DataFrame({"ra": np.arange(60.0), "dec": 0.0, "EA": [0.5, np.nan, 0.0] * 20})
    none = half.assign(EA=0.0)
    assert (split_table(half, ["EA"], PARAMS, 0) == split_table(none, ["EA"], PARAMS, 0)).all()


@pytest.mark.parametrize(("test", "val"), [(0.9, 0.1), (-0.1, 0.1), (0.2, -0.1)])
def test_shares_that_leave_nothing_to_train_on_are_refused(test: float, val: float) -> None:
    params = SplitParams(test_size=test, val_size=val, radius_arcsec=2.0)
    with pytest.raises(ConfigError, match="test_size"):
        assign_splits(np.arange(5), np.ones((5, 1), dtype=bool), params, 0)


def test_of_the_possible_labels_those_the_table_has_are_listed() -> None:
    labels = ["variable", "EA", "Mira", "non-variable"]
    frame = pd.DataFrame(columns=["EA", "variable", "non-variable"])
    assert label_columns(frame, labels) == ["variable", "EA", "non-variable"]


def redrawn(seed):
    sources = np.repeat(np.arange(300), 2)
    positive = sources < 60
    split = np.random.default_rng(0).choice([TRAIN, VAL, TEST], 300, p=[0.6, 0.2, 0.2])[sources]
    split = split.astype(np.int8)
    return sources, positive, split, redraw_validation(split, sources, positive, seed)


def test_a_redrawn_validation_split_leaves_the_test_split_alone():
    _, _, split, again = redrawn(1)
    assert np.array_equal(again == TEST, split == TEST)
    assert not np.array_equal(again, split)


def test_a_redrawn_validation_split_has_as_many_sources_of_either_side():
    _, positive, split, again = redrawn(1)
    for side in (positive, ~positive):
        assert np.count_nonzero(again[side] == VAL) == np.count_nonzero(split[side] == VAL)


def test_a_redrawn_validation_split_parts_no_source():
    sources, _, _, again = redrawn(1)
    assert all(len(np.unique(again[sources == source])) == 1 for source in range(300))


def test_a_redrawn_validation_split_follows_the_seed():
    assert np.array_equal(redrawn(1)[3], redrawn(1)[3])
    assert not np.array_equal(redrawn(1)[3], redrawn(2)[3])
