"""The sample data set as written."""

import hashlib

import numpy as np
import pyarrow.parquet as pq
import pytest

from scope.base.errors import ConfigError
from scope.sample import SampleParams, generate
from scope.sample.generate import stream
from scope.sample.kinds import KINDS
from scope.sample.labels import LABELS, PARENTS, close_upward
from scope.sample.population import allot, choose_kinds
from scope.sample.variation import Band

SMALL = SampleParams(n_training=60, n_catalogue=30, shared_fraction=0.1)
FILES = [
    f"{part}/{name}.parquet"
    for part in ("training", "catalogue")
    for name in ("objects", "lightcurves")
]
THRESHOLDS = {"variable": 0.9, "periodic": 0.9, "long timescale": 0.9}
CLASSES = (
    "variable", "periodic", "long timescale", "irregular", "flaring", "EW", "EB", "EA",
    "eclipsing", "AGN", "binary star", "Beta Lyr", "Cepheid", "Delta Scu", "LPV", "Mira",
    "pulsator", "RR Lyrae", "RS CVn", "SRV", "W Uma", "YSO",
)  # fmt: skip


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    out = tmp_path_factory.mktemp("sample") / "sample"
    generate(SMALL, out)
    return out


def read(sample, name):
    return pq.read_table(sample / name).to_pandas()


def digests(folder):
    return [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES]


def test_the_same_seed_gives_the_same_bytes(sample, tmp_path):
    generate(SMALL, tmp_path / "again")
    assert digests(tmp_path / "again") == digests(sample)


def test_another_seed_gives_other_bytes(sample, tmp_path):
    generate(SampleParams(60, 30, seed=43, shared_fraction=0.1), tmp_path / "other")
    assert not set(digests(tmp_path / "other")) & set(digests(sample))


def test_the_folder_holds_the_four_files_and_nothing_else(sample):
    found = sorted(str(path.relative_to(sample)) for path in sample.rglob("*.*"))
    assert found == sorted(FILES)


def test_no_file_carries_pandas_metadata(sample):
    for name in FILES:
        assert pq.read_schema(sample / name).metadata is None


def test_only_training_objects_have_labels(sample):
    training, catalogue = (read(sample, f"{p}/objects.parquet") for p in ("training", "catalogue"))
    assert set(LABELS) <= set(training.columns)
    assert not set(LABELS) & set(catalogue.columns)
    assert [c for c in training.columns if c not in LABELS] == list(catalogue.columns)


def test_written_labels_obey_the_tree(sample):
    objects = read(sample, "training/objects.parquet")
    for child, parent in PARENTS.items():
        if parent:
            assert (objects[parent] >= objects[child]).all()
    assert set(np.unique(objects[list(LABELS)])) <= {0.0, 0.25, 0.5, 0.75, 1.0}


def test_every_light_curve_has_one_object_and_every_object_one_light_curve(sample):
    for part in ("training", "catalogue"):
        ids = read(sample, f"{part}/objects.parquet")["id"]
        assert ids.is_unique
        assert list(read(sample, f"{part}/lightcurves.parquet")["id"].unique()) == list(ids)


def test_g_and_r_of_a_source_share_its_name_and_place(sample):
    objects = read(sample, "training/objects.parquet")
    by_source = objects.groupby("obj_id")
    assert (by_source["filter"].apply(list).map(lambda bands: bands == [1, 2])).all()
    assert (by_source[["ra", "dec"]].nunique() == 1).all(axis=None)
    assert len(by_source) == SMALL.n_training


def test_points_are_in_time_order_with_believable_values(sample):
    points = read(sample, "training/lightcurves.parquet")
    steps = points.groupby("id")["mjd"].diff().dropna()
    assert (steps > 0).all()
    assert points["mjd"].between(58200, 59201).all()
    assert points["mag"].between(8, 21.5).all()
    assert points["magerr"].between(0.0099, 0.6).all()


def test_magnitudes_are_whole_tenths_of_a_millimagnitude(sample):
    points = read(sample, "training/lightcurves.parquet")
    for column in ("mag", "magerr"):
        expected = np.round(points[column].to_numpy(np.float64), 4).astype(np.float32)
        assert (points[column].to_numpy() == expected).all()


def test_some_catalogue_sources_are_training_sources(sample):
    training, catalogue = (read(sample, f"{p}/objects.parquet") for p in ("training", "catalogue"))
    shared = set(training["obj_id"]) & set(catalogue["obj_id"])
    assert len(shared) == round(SMALL.shared_fraction * SMALL.n_catalogue)
    both = catalogue[catalogue["obj_id"].isin(shared)].set_index("id")
    columns = list(both.columns)
    assert both.equals(training.set_index("id").loc[both.index, columns])


def test_every_class_has_a_hundred_sources_to_be_expected():
    kinds = choose_kinds(np.random.default_rng(1), SampleParams().n_training, catalogue=False)
    counts = dict.fromkeys(CLASSES, 0)
    for kind in kinds:
        for label in CLASSES:
            certain = close_upward({name: min(odds) for name, odds in kind.labels.items()})
            lucky = np.mean([p > THRESHOLDS.get(label, 0.7) for p in kind.labels.get(label, [0])])
            counts[label] += max(lucky, certain[label] > THRESHOLDS.get(label, 0.7))
    assert min(counts.values()) > 105, counts


def test_a_fifth_to_a_third_of_the_training_sources_do_not_vary():
    kinds = choose_kinds(np.random.default_rng(1), 4000, catalogue=False)
    constant = sum("non-variable" in kind.labels and "bogus" not in kind.labels for kind in kinds)
    assert 0.25 < constant / 4000 < 0.32


def test_the_catalogue_has_more_odd_mixtures_than_the_training_set():
    odd = [kind for kind in KINDS if kind.catalogue_share > kind.share]
    share = sum(kind.catalogue_share for kind in odd) / sum(k.catalogue_share for k in KINDS)
    assert share > 2.0 * sum(kind.share for kind in odd) / sum(kind.share for kind in KINDS)


def test_sources_are_allotted_by_largest_remainder():
    # 7 of weights 5:3:2 are 3.5, 2.1, 1.4: whole parts 3, 2, 1 and one more for the first
    names = allot(7, {"a": 5, "b": 3, "c": 2})
    assert [names.count(name) for name in "abc"] == [4, 2, 1]


def test_a_source_does_not_depend_on_the_others():
    first, second = stream(42, 5, 17).random(3), stream(42, 5, 17).random(3)
    assert (first == second).all()
    assert not (stream(42, 5, 18).random(3) == first).any()


def test_a_sample_without_sources_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="n_training=0"):
        generate(SampleParams(n_training=0), tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_an_impossible_shared_fraction_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"1\.5"):
        generate(SampleParams(shared_fraction=1.5), tmp_path / "none")


def test_filters_are_numbered_as_in_ztf():
    assert (int(Band.G), int(Band.R)) == (1, 2)
