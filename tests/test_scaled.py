"""Scaled arrays: written whole, opened in no time."""

import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from scope.base.errors import DataError
from scope.config.dataset import union_of
from scope.data.scaling import FeatureScaling, Scaling
from scope.models.shared.scaled import ScaledData, open_scaled, write_scaled

SCALING = Scaling((FeatureScaling("period", 0.0, 0.5, 1.0, 2.0),), -10.0, 10.0)


@pytest.fixture
def data() -> ScaledData:
    rng = np.random.default_rng(0)
    return ScaledData(
        ids=np.arange(4, dtype=np.int64) + 2**60,
        sources=np.array([0, 0, 1, 2]),
        split=np.array([0, 0, 1, 2], dtype=np.int8),
        features=rng.normal(size=(4, 1)).astype(np.float32),
        feature_names=["period"],
        dmdt=rng.random((4, 26, 26), dtype=np.float32),
        labels=np.array([[0, 1], [0.5, np.nan], [0, 0], [1, 1]], dtype=np.float32),
        label_names=["variable", "EA"],
    )


def test_what_is_written_comes_back(data: ScaledData, tmp_path: Path) -> None:
    write_scaled(data, SCALING, tmp_path / "scaled")
    again = open_scaled(tmp_path / "scaled")
    for field in fields(ScaledData):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(data, field.name))
    assert again.features.dtype == np.float32
    assert Scaling.from_json(tmp_path / "scaled" / "feature_stats.json") == SCALING


def test_arrays_are_mapped_and_read_only(data: ScaledData, tmp_path: Path) -> None:
    write_scaled(data, SCALING, tmp_path / "scaled")
    again = open_scaled(tmp_path / "scaled")
    assert isinstance(again.dmdt, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        again.dmdt[0] = 0.0


def test_writing_twice_gives_the_same_bytes(data: ScaledData, tmp_path: Path) -> None:
    fortran = replace(data, dmdt=np.asfortranarray(data.dmdt), labels=data.labels.astype(float))
    write_scaled(data, SCALING, tmp_path / "one")
    write_scaled(fortran, SCALING, tmp_path / "two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) == 8
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_writing_replaces_the_folder_as_a_whole(data: ScaledData, tmp_path: Path) -> None:
    (tmp_path / "scaled").mkdir()
    (tmp_path / "scaled" / "stale.npy").touch()
    write_scaled(data, SCALING, tmp_path / "scaled")
    assert not (tmp_path / "scaled" / "stale.npy").exists()


def test_arrays_that_do_not_fit_are_refused(data: ScaledData, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"features has shape \(4, 1\)"):
        write_scaled(replace(data, feature_names=["a", "b"]), SCALING, tmp_path / "scaled")
    assert not list(tmp_path.iterdir())


def test_a_table_without_labels_is_refused(data: ScaledData, tmp_path: Path) -> None:
    bare = replace(data, labels=np.empty((4, 0), dtype=np.float32), label_names=[])
    with pytest.raises(DataError, match="labels is empty"):
        write_scaled(bare, SCALING, tmp_path / "scaled")


@pytest.mark.parametrize("name", ["dmdt.npy", "ids.npy", "columns.json"])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut off"])
def test_a_damaged_folder_is_refused(
    name: str, damage: str, data: ScaledData, tmp_path: Path
) -> None:
    folder = tmp_path / "scaled"
    write_scaled(data, SCALING, folder)
    whole = (folder / name).read_bytes()
    (folder / name).unlink()
    if damage != "missing":
        (folder / name).write_bytes(whole[: 0 if damage == "empty" else -5])
    with pytest.raises(DataError, match="run the stage scale again"):
        open_scaled(folder)


def test_the_union_of_feature_sets_keeps_their_order() -> None:
    assert union_of({"z": ["skew", "ad"], "a": ["ad", "period", "skew"]}) == [
        "skew",
        "ad",
        "period",
    ]


def test_opening_needs_neither_pandas_nor_pyarrow() -> None:
    code = (
        "import sys, scope.models.shared.scaled; "
        "assert not {'pandas', 'pyarrow', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
