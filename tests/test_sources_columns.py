"""Columns: names, types and labels of a file become those of the data contract."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from datasets import dataset

from scope.base.errors import ConfigError, DataError
from scope.data.columns import Wanted, contract_columns

WHERE = Path("stars.csv")
WANTED = Wanted(features=("skew", "kurt", "field"), labels=("EA", "EW", "non-variable"))


def stars(**columns: object) -> pd.DataFrame:
    position = {"_id": [11, 12, 13], "ra": [1.0, 2.0, 3.0], "dec": [-1.0, 0.0, 1.0]}
    return pd.DataFrame(position | columns)


def test_columns_get_their_contract_names():
    raw = stars().rename(columns={"_id": "number", "ra": "RAJ2000"})
    renames = dataset(columns={"_id": "number", "ra": "RAJ2000"})
    table = contract_columns(raw, renames, WANTED, WHERE)
    assert table["_id"].to_list() == [11, 12, 13]
    assert table["ra"].to_list() == [1.0, 2.0, 3.0]


def test_a_rename_replaces_a_column_that_has_the_contract_name_already():
    raw = stars(skew=[9.0, 9.0, 9.0], skewness=[1.0, 2.0, 3.0])
    table = contract_columns(raw, dataset(columns={"skew": "skewness"}), WANTED, WHERE)
    assert table["skew"].to_list() == [1.0, 2.0, 3.0]


def test_two_columns_can_swap_their_names():
    raw = stars(skew=[1.0, 2.0, 3.0], kurt=[4.0, 5.0, 6.0])
    swap = dataset(columns={"skew": "kurt", "kurt": "skew"})
    assert contract_columns(raw, swap, WANTED, WHERE)["skew"].to_list() == [4.0, 5.0, 6.0]


def test_a_renamed_column_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(DataError, match=r"no column 'skewn', .*columns\.skew .* _id, ra, dec"):
        contract_columns(stars(), dataset(columns={"skew": "skewn"}), WANTED, WHERE)


def test_a_file_that_has_the_contract_name_already_needs_no_renaming():
    table = contract_columns(stars(), dataset(columns={"_id": "id"}), WANTED, WHERE)
    assert table["_id"].to_list() == [11, 12, 13]


def test_a_renamed_label_may_be_absent_from_a_catalogue():
    renames, unlabelled = dataset(columns={"EA": "algol"}), Wanted((), ("EA",), labelled=False)
    assert "EA" not in contract_columns(stars(), renames, unlabelled, WHERE)
    with pytest.raises(DataError, match="no column 'algol'"):
        contract_columns(stars(), renames, WANTED, WHERE)


@pytest.mark.parametrize("name", ["_id", "ra", "dec"])
def test_a_needed_column_that_is_missing_is_named_with_the_remedy(name):
    with pytest.raises(DataError, match=rf"no column '{name}'; set dataset\.columns\.{name}"):
        contract_columns(stars().drop(columns=name), dataset(), WANTED, WHERE)


def test_ids_beyond_the_range_of_floats_stay_exact():
    table = contract_columns(stars(_id=[2**62 + 1, 1, 2]), dataset(), WANTED, WHERE)
    assert table["_id"].dtype == np.int64
    assert table["_id"].iloc[0] == 2**62 + 1


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        (["ZTF1", "ZTF2", "ZTF3"], "3 of 3 rows .* row 0 has ZTF1"),
        ([1.0, 2.5, 3.0], r"1 of 3 rows .* row 1 has 2\.5"),
        ([1.0, np.nan, 3.0], "1 of 3 rows .* row 1 has nan"),
        ([1.0, 2.0**60, 3.0], "1 of 3 rows .* row 1 has"),
        (["1", "2", "3"], "3 of 3 rows"),
        (np.array([1, 2, 2**63], dtype=np.uint64), "1 of 3 rows .* row 2 has 9223372036854775808"),
    ],
)
def test_ids_that_are_no_64_bit_whole_numbers_are_refused(ids, found):
    with pytest.raises(DataError, match=f"{found}"):
        contract_columns(stars(_id=ids), dataset(), WANTED, WHERE)


def test_the_source_is_text_where_known_and_null_elsewhere():
    assert contract_columns(stars(), dataset(), WANTED, WHERE)["obj_id"].isna().all()
    numbered = contract_columns(stars(obj_id=[7.0, np.nan, 8.0]), dataset(), WANTED, WHERE)
    assert numbered["obj_id"].fillna("none").to_list() == ["7", "none", "8"]


def test_features_are_floats_in_the_order_wanted_and_labels_follow():
    raw = stars(EW=[0, 1, 0], kurt=[1, 2, 3], skew=[4, 5, 6], EA=[True, False, False])
    table = contract_columns(raw, dataset(), WANTED, WHERE)
    assert list(table.columns) == ["_id", "obj_id", "ra", "dec", "skew", "kurt", "EA", "EW"]
    assert (table[["skew", "kurt", "EA", "EW"]].dtypes == np.float64).all()
    assert table["EA"].to_list() == [1.0, 0.0, 0.0]


def test_a_column_of_nothing_but_missing_values_passes():
    table = contract_columns(stars(skew=[None] * 3), dataset(), WANTED, WHERE)
    assert np.isnan(table["skew"]).all()


@pytest.mark.parametrize("name", ["skew", "EA", "ra"])
def test_text_in_a_column_of_numbers_is_named_by_its_row(name):
    raw = stars(**{name: ["0.5", "often", None]})
    with pytest.raises(DataError, match=f"1 of 3 rows .* number in column '{name}': _id 12 has"):
        contract_columns(raw, dataset(), WANTED, WHERE)


def test_what_is_neither_feature_nor_label_is_left_out_and_logged(caplog):
    caplog.set_level("INFO")
    table = contract_columns(stars(v_css=[1, 2, 3], note=["a", "b", "c"]), dataset(), WANTED, WHERE)
    assert list(table.columns) == ["_id", "obj_id", "ra", "dec"]
    assert "left out: note, v_css" in caplog.text


def test_derived_columns_are_computed_from_the_columns_of_the_file():
    raw = stars(logP=[0.0, -1.0, 2.0])
    table = contract_columns(raw, dataset(derived={"period": "10 ** logP"}), WANTED, WHERE)
    assert table["period"].to_list() == pytest.approx([1.0, 0.1, 100.0])


@pytest.mark.parametrize("expression", ["10 ** logQ", "10 **", "ra + text", "ra.nothing()"])
def test_an_expression_that_cannot_be_computed_is_named(expression):
    raw = stars(text=["a", "b", "c"])
    with pytest.raises(ConfigError, match=r"dataset\.derived\.period: .* cannot be computed"):
        contract_columns(raw, dataset(derived={"period": expression}), WANTED, WHERE)


CLASSES = {"1": ["EA", "eclipsing"], "2": ["EW", "eclipsing"], "3": []}


@pytest.mark.parametrize("classes", [[1, 2, 3], [1.0, 2.0, 3.0], ["1", "2", "3"]])
def test_a_class_becomes_its_labels_whether_number_or_text(classes):
    mapped = dataset(label_column="type", label_map=CLASSES)
    table = contract_columns(stars(type=classes), mapped, WANTED, WHERE)
    assert table["EA"].to_list() == [1.0, 0.0, 0.0]
    assert table["EW"].to_list() == [0.0, 1.0, 0.0]
    assert table["eclipsing"].to_list() == [1.0, 1.0, 0.0]
    assert "non-variable" not in table


def test_a_star_without_a_class_is_unlabelled():
    mapped = dataset(label_column="type", label_map=CLASSES)
    table = contract_columns(stars(type=[1, None, 3]), mapped, WANTED, WHERE)
    np.testing.assert_array_equal(table["EA"], [1.0, np.nan, 0.0])


def test_a_class_outside_the_map_is_named_with_those_allowed():
    mapped = dataset(label_column="type", label_map=CLASSES)
    with pytest.raises(DataError, match=r"label_map \(1, 2, 3\) in column 'type': _id 13 has 9"):
        contract_columns(stars(type=[1, 2, 9]), mapped, WANTED, WHERE)


def test_a_missing_column_of_classes_is_refused_in_training_only():
    mapped = dataset(label_column="type", label_map=CLASSES)
    with pytest.raises(DataError, match=r"no column 'type', which dataset\.label_column names"):
        contract_columns(stars(), mapped, WANTED, WHERE)
    unlabelled = Wanted(features=(), labels=("EA",), labelled=False)
    assert "EA" not in contract_columns(stars(), mapped, unlabelled, WHERE)


def test_detector_columns_stay_whole_numbers_and_filters_may_be_text():
    raw = stars(field=[296, 296, 297], filter=["g", "r", "g"])
    table = contract_columns(raw, dataset(), WANTED, WHERE)
    assert table["field"].to_list() == [296, 296, 297]
    assert table["filter"].to_list() == ["g", "r", "g"]
