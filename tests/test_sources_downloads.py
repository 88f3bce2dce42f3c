"""Data sets at gs:// and https://: downloaded whole, pinned, kept, asked for again."""

import hashlib
import random
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from bucket_server import Faults, free_port
from web_server import running_web

from scope.base.errors import ConfigError, DataError
from scope.base.params import read_params, read_section
from scope.buckets.errors import BucketError, BucketNotFoundError
from scope.config.compose import compose
from scope.config.dataset import DatasetParams, SourceFiles
from scope.config.features import FeatureParams
from scope.config.taxonomy import label_names
from scope.data import web
from scope.data.addresses import local_file
from scope.data.downloads import LOCK, copy_of
from scope.data.fetch import fetch, wanted_columns

FIRST, SECOND = (random.Random(k).randbytes(300_000) for k in (1, 2))
SUFFIX = "_ELS_ECE_EAOV"


def md5(content):
    return hashlib.md5(content).hexdigest()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Copies are kept in a folder of the test."""
    monkeypatch.setenv("SCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(web, "FIRST_PAUSE_S", 0.01)


class Place:
    """One address, in a bucket or on the web, and what is there."""

    def __init__(self, address, put, n_sent):
        self.address, self.put, self.n_sent = address, put, n_sent


@pytest.fixture
def server(tmp_path, monkeypatch):
    with running_web(tmp_path) as (running, bundle):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
        yield running


@pytest.fixture(params=["https", "gs"])
def place(request):
    """The same address in both ways."""
    if request.param == "https":
        server = request.getfixturevalue("server")
        put = lambda content: server.files.update({"/sets/t.csv": content})  # noqa: E731
        return Place(f"{server.url}/sets/t.csv?download=1", put, lambda: server.sent)
    buckets, proxy = (request.getfixturevalue(name) for name in ("buckets", "proxy"))
    return Place(
        "gs://ztf-scope/sets/t.csv",
        lambda content: buckets.put("ztf-scope", "sets/t.csv", content),
        lambda: proxy.faults.sent,
    )


def test_a_file_is_downloaded_under_its_name(place):
    place.put(FIRST)
    path = local_file(place.address)
    assert (path.name, path.read_bytes()) == ("t.csv", FIRST)
    assert not [one for one in path.parent.iterdir() if one.name.startswith(".t.csv.1")]


def test_what_is_here_already_is_asked_for_but_not_sent_again(place):
    place.put(FIRST)
    local_file(place.address)
    n_sent = place.n_sent()
    assert local_file(place.address).read_bytes() == FIRST
    assert place.n_sent() == n_sent == len(FIRST)


def test_something_newer_is_taken_unless_the_old_is_pinned(place):
    place.put(FIRST)
    local_file(place.address)
    place.put(SECOND)
    assert local_file(place.address, md5(FIRST)).read_bytes() == FIRST
    assert local_file(place.address).read_bytes() == SECOND


def test_a_wrong_hash_names_both_and_leaves_the_old_file(place):
    place.put(FIRST)
    path = local_file(place.address, md5(FIRST))
    place.put(SECOND)
    pinned = "0" * 32
    with pytest.raises(DataError, match=rf"md5 is {md5(SECOND)}, dataset\.md5 pins {pinned}"):
        local_file(place.address, pinned)
    assert path.read_bytes() == FIRST
    assert {one.name for one in path.parent.iterdir()} <= {"t.csv", ".t.csv.json", LOCK}


def test_an_absent_file_is_named(place):
    with pytest.raises(BucketNotFoundError, match=r"t\.csv"):
        local_file(place.address)


def test_a_pinned_copy_needs_no_server(place, monkeypatch):
    place.put(FIRST)
    local_file(place.address, md5(FIRST))
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setattr(web, "_session", lambda: pytest.fail("the server was asked"))
    assert local_file(place.address, md5(FIRST).upper()).read_bytes() == FIRST


def test_a_broken_connection_is_taken_up_where_it_broke(server):
    server.files["/t.csv"] = FIRST
    server.cut_after, server.n_cuts = 100_000, 1
    assert local_file(f"{server.url}/t.csv").read_bytes() == FIRST
    (wanted,) = [one["Range"] for one in server.asked if "Range" in one]
    assert 0 < int(wanted.removeprefix("bytes=").removesuffix("-")) <= 100_000


def test_a_server_that_always_breaks_off_leaves_no_file_and_a_rerun_goes_on(server):
    server.files["/t.csv"] = FIRST
    server.cut_after, server.n_cuts = 1000, 99
    address = f"{server.url}/t.csv"
    with pytest.raises(BucketError, match="it goes on where it stopped"):
        local_file(address)
    assert not copy_of(address).exists()
    server.n_cuts, before = 0, server.sent
    assert local_file(address).read_bytes() == FIRST
    assert server.sent - before < 2 * len(FIRST)


def test_parts_of_two_versions_are_never_joined(server):
    server.files["/t.csv"] = FIRST
    server.cut_after, server.n_cuts = 1000, 99
    with pytest.raises(BucketError):
        local_file(f"{server.url}/t.csv")
    server.files["/t.csv"], server.n_cuts = SECOND, 0
    assert local_file(f"{server.url}/t.csv").read_bytes() == SECOND


@pytest.mark.parametrize(("status", "said"), [(403, "does not let anybody read"), (418, "418")])
def test_a_refusal_is_explained(server, status, said):
    server.files["/t.csv"], server.status = FIRST, status
    with pytest.raises(BucketError, match=said):
        local_file(f"{server.url}/t.csv")


def test_a_server_that_is_down_is_said_to_be():
    with pytest.raises(BucketError, match="does not answer or broke off"):
        local_file(f"https://127.0.0.1:{free_port()}/t.csv")


def test_a_way_open_to_anybody_needs_a_pin():
    with pytest.raises(ConfigError, match=r"not https; pin its checksum with dataset\.md5"):
        local_file("http://example.org/t.csv")


@pytest.mark.parametrize("address", ["ftp://example.org/t.csv", "https://example.org/", "gs://b/"])
def test_an_address_of_no_file_is_refused(address):
    with pytest.raises(ConfigError, match="is no address of a file"):
        local_file(address)


def test_a_bucket_that_forbids_reading_says_what_to_do(buckets, proxy):
    buckets.put("ztf-scope", "t.csv", FIRST)
    proxy.faults = Faults(
        refusal=(403, "Anonymous caller does not have storage.objects.get access")
    )
    with pytest.raises(BucketError, match=r"lacks storage\.objects\.get on the bucket ztf-scope"):
        local_file("gs://ztf-scope/t.csv")


def zenodo_table(params: DatasetParams) -> pd.DataFrame:
    """A table with columns as SCoPe publishes them."""
    chance = np.random.default_rng(5)
    names = dict.fromkeys(name for names in params.feature_sets.values() for name in names)
    rows = {name: chance.uniform(1.0, 2.0, 20) for name in names}
    periodic = [name for name in rows if name.startswith("f1_")] + ["period", "significance"]
    renamed = {name + SUFFIX if name in periodic else name: rows[name] for name in rows}
    tags = {tag: (np.arange(20) % 2).astype(float) for tag in params.classes}
    frame = pd.DataFrame({"ztf_id": np.arange(20) + 10**13, **renamed, **tags})
    return frame.assign(dmdt=[np.full((26, 26), 1 / 26).tolist()] * 20)


def test_the_public_training_set_is_fetched_from_its_address(root, server, tmp_path):
    path = tmp_path / "params.yaml"
    compose(["dataset=zenodo", "class=vnv"], path, root)
    params = read_section("dataset", DatasetParams, path)
    table = zenodo_table(params)
    table.to_parquet(tmp_path / "training_set.parquet")
    content = (tmp_path / "training_set.parquet").read_bytes()
    server.files["/records/8410825/files/training_set.parquet"] = content
    address = params.training.table.replace("https://zenodo.org", server.url)
    wanted = wanted_columns(params, label_names(params, path), dmdt=True)
    features = read_section("features", FeatureParams, path)
    source = SourceFiles(table=address)
    fetched = fetch(source, replace(params, training=source), features, wanted, md5=md5(content))
    made = fetched.table
    assert made["_id"].to_list() == table["ztf_id"].to_list()
    np.testing.assert_array_equal(made["period"], table["period" + SUFFIX])
    np.testing.assert_array_equal(made["f1_power"], table["f1_power" + SUFFIX])
    classes = read_params(path)["training"]["classes"]
    for tag in params.classes:
        np.testing.assert_array_equal(made[classes[tag]["label"]], table[tag])
    assert not [name for name in made if SUFFIX in name]


def test_the_pipeline_does_not_ask_the_web_whether_a_data_set_has_changed(root, tmp_path):
    compose(["dataset=zenodo"], tmp_path / "params.yaml", root)
    inputs = read_params(tmp_path / "params.yaml")["inputs"]
    assert not [name for name in inputs.values() if "://" in name]
    assert (root / inputs["training"]).is_file()
    assert len({inputs["training"], inputs["training_lightcurves"]}) == 2
