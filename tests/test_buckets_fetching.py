"""fetch-datasets and fetch-models in a repository of their own, from a real server."""

import hashlib
import shutil
import subprocess

import pytest
import yaml
from bucket_server import Faults
from click.testing import CliRunner
from dvc.repo import Repo

from scope.base.errors import ConfigError
from scope.buckets.address import StoredObject, parse
from scope.buckets.errors import BucketError, BucketNotFoundError
from scope.buckets.fetching import targets
from scope.buckets.versions import DATASETS, read_origins
from scope.cli.main import main

BUCKET = "ztf-scope"
FIRST, SECOND = b"_id,ra\n1,2.0\n", b"_id,ra\n1,2.0\n2,3.0\n"


@pytest.fixture
def folder(root, tmp_path, monkeypatch):
    """A DVC repository of its own, which is the working folder."""
    Repo.init(str(tmp_path), no_scm=True)
    shutil.copy(root / ".dvcignore", tmp_path / ".dvcignore")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def scope(folder, proxy, caplog):
    """Type a command; return its result, with what it logged."""

    def run(*arguments):
        caplog.clear()
        done = CliRunner().invoke(main, [*arguments, "--patience=0"])
        done.log = caplog.text
        return done

    return run


@pytest.fixture
def d15(buckets):
    buckets.put(BUCKET, "datasets/dataset.d15.csv", FIRST)


def tracked(path="data.dvc"):
    return yaml.safe_load((DATASETS.dvc_file.parent / path).read_text())


def listed(name):
    source = f"gs://{BUCKET}/{name}"
    return StoredObject(source=source, generation=1, size=1, md5="", crc32c="", updated="")


def md5(content):
    return hashlib.md5(content).hexdigest()


def test_what_is_fetched_is_tracked_with_its_origin(scope, d15, buckets, folder):
    done = scope("fetch-datasets")
    assert done.exit_code == 0, done.output
    assert (folder / "data/training/dataset.d15.csv").read_bytes() == FIRST
    stored = buckets.client.bucket(BUCKET).get_blob("datasets/dataset.d15.csv")
    assert tracked()["outs"][0]["nfiles"] == 1
    assert tracked()["meta"]["origin"] == {
        "training/dataset.d15.csv": {
            "source": "gs://ztf-scope/datasets/dataset.d15.csv",
            "generation": stored.generation,
            "size": len(FIRST),
            "md5": md5(FIRST),
            "updated": stored.updated.isoformat(timespec="seconds"),
        }
    }


def test_what_is_new_is_printed_with_size_md5_and_generation(scope, d15, buckets):
    line = scope("fetch-datasets").stdout
    generation = buckets.client.bucket(BUCKET).get_blob("datasets/dataset.d15.csv").generation
    assert line.startswith("new      training/dataset.d15.csv  13 bytes  ")
    assert f"md5 {md5(FIRST)}" in line
    assert f"generation {generation}" in line


def test_what_is_equal_is_not_fetched_again_and_data_dvc_stays(scope, d15, proxy, folder):
    scope("fetch-datasets")
    before, n_requests = (folder / "data.dvc").read_bytes(), len(proxy.faults.media_requests)
    done = scope("fetch-datasets")
    assert (done.exit_code, done.stdout) == (0, "")
    assert len(proxy.faults.media_requests) == n_requests
    assert (folder / "data.dvc").read_bytes() == before


def test_equal_bytes_stored_anew_do_not_change_data_dvc(scope, d15, buckets, folder):
    scope("fetch-datasets")
    before = (folder / "data.dvc").read_bytes()
    buckets.put(BUCKET, "datasets/dataset.d15.csv", FIRST)
    assert scope("fetch-datasets").exit_code == 0
    assert (folder / "data.dvc").read_bytes() == before


def test_a_new_version_is_told_of_and_then_fetched(scope, d15, buckets, folder):
    scope("fetch-datasets")
    assert scope("fetch-datasets", "--check").stdout == ""
    generation = buckets.put(BUCKET, "datasets/dataset.d15.csv", SECOND)
    said = scope("fetch-datasets", "--check").stdout
    assert said.startswith("changed  training/dataset.d15.csv")
    assert str(generation) in said
    assert (folder / "data/training/dataset.d15.csv").read_bytes() == FIRST
    assert scope("fetch-datasets").stdout == said
    assert (folder / "data/training/dataset.d15.csv").read_bytes() == SECOND
    assert tracked()["meta"]["origin"]["training/dataset.d15.csv"]["generation"] == generation


def test_check_asks_data_dvc_not_the_files(scope, d15, folder):
    scope("fetch-datasets")
    shutil.rmtree(folder / "data")
    done = scope("fetch-datasets", "--check")
    assert done.stdout == ""
    assert "is tracked, but not here: `dvc pull data/training/dataset.d15.csv`" in done.log
    assert not (folder / "data").exists()


def test_check_tells_what_is_gone_from_the_bucket(scope, d15, buckets):
    buckets.put(BUCKET, "datasets/more.csv", SECOND)
    scope("fetch-datasets")
    buckets.delete(BUCKET, "datasets/dataset.d15.csv")
    assert scope("fetch-datasets", "--check").stdout.startswith("gone     training/dataset.d15.csv")


def test_a_file_of_ones_own_is_replaced_only_by_force(scope, d15, folder, proxy):
    own = folder / "data/training/dataset.d15.csv"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    done = scope("fetch-datasets")
    assert done.exit_code == 1
    assert (
        "did not come from there as it is; move it away, or replace it with --force" in done.output
    )
    assert (own.read_text(), proxy.faults.media_requests) == ("mine", [])
    assert scope("fetch-datasets", "--force").stdout.startswith("changed  training/dataset.d15.csv")
    assert own.read_bytes() == FIRST


def test_a_pattern_chooses_among_the_objects(scope, d15, buckets, folder):
    buckets.put(BUCKET, "datasets/notes/read.txt", "x")
    scope("fetch-datasets", "--pattern", "*.csv")
    assert [path.name for path in (folder / "data").rglob("*.*")] == ["dataset.d15.csv"]
    scope("fetch-datasets", "--gcs_path=gs://ztf-scope/datasets/notes")
    assert (folder / "data/training/read.txt").read_text() == "x"


def test_nothing_is_tracked_when_an_object_fails(scope, d15, buckets, proxy, folder):
    buckets.put(BUCKET, "datasets/other.csv", SECOND)
    proxy.faults = Faults(
        refusal=(404, "gone"), refused="/download/storage/v1/b/ztf-scope/o/datasets%2Fother"
    )
    assert scope("fetch-datasets").exit_code == 1
    assert not (folder / "data.dvc").exists()
    proxy.faults = Faults()
    assert scope("fetch-datasets").exit_code == 0
    assert len(proxy.faults.media_requests) == 1  # the other one is here already
    assert tracked()["outs"][0]["nfiles"] == 2


def test_tracked_files_that_are_not_here_are_not_lost(scope, d15, folder):
    (folder / "data/sample").mkdir(parents=True)
    (folder / "data/sample/objects.csv").write_text("stars")
    with Repo() as repo:
        repo.add("data")
    shutil.rmtree(folder / "data")
    assert scope("fetch-datasets").exit_code == 0
    assert (folder / "data/sample/objects.csv").read_text() == "stars"
    assert tracked()["outs"][0]["nfiles"] == 2


def test_a_fetch_that_would_lose_tracked_files_stops_before_it_downloads(scope, d15, folder, proxy):
    (folder / "data/sample").mkdir(parents=True)
    (folder / "data/sample/objects.csv").write_text("stars")
    with Repo() as repo:
        repo.add("data")
    shutil.rmtree(folder / "data")
    shutil.rmtree(folder / ".dvc/cache")
    before = (folder / "data.dvc").read_bytes()
    done = scope("fetch-datasets")
    assert done.exit_code == 1
    assert "`make sample`" in done.output
    assert "`dvc pull data`" in done.output
    assert proxy.faults.media_requests == []
    assert (folder / "data.dvc").read_bytes() == before
    assert not (folder / "data").exists()


def test_models_are_tracked_apart_from_those_of_the_pipeline(scope, buckets, folder):
    buckets.put(BUCKET, "models/vnv/20210324/vnv.h5", b"weights")
    assert scope("fetch-models").exit_code == 0
    assert (folder / "models/pretrained/vnv/20210324/vnv.h5").read_bytes() == b"weights"
    (name,) = tracked("models/pretrained.dvc")["meta"]["origin"]
    assert name == "vnv/20210324/vnv.h5"


def test_the_file_that_tracks_the_models_is_one_that_git_takes(root):
    ignored = ["git", "check-ignore", "--quiet", "--no-index"]
    for name, status in {
        "models/pretrained.dvc": 1,
        "models/pretrained": 0,
        "models/vnv": 0,
    }.items():
        assert subprocess.run([*ignored, name], cwd=root, check=False).returncode == status


@pytest.mark.parametrize("refused", ["/o?", "/download/"])
def test_a_refusal_ends_with_one_line_and_status_1(scope, d15, proxy, refused):
    proxy.faults = Faults(
        refusal=(403, "a@b.org does not have storage.objects.list access to it"), refused=refused
    )
    done = scope("fetch-datasets")
    assert done.exit_code == 1
    assert done.stderr.count("error: ") == 1
    assert "a@b.org lacks storage.objects.list on the bucket ztf-scope" in done.stderr


def test_an_address_without_objects_is_refused(scope, buckets):
    done = scope("fetch-datasets")
    assert done.exit_code == 1
    assert "gs://ztf-scope/datasets holds no object" in done.output


def test_a_fetch_outside_a_project_is_refused(scope, d15, folder, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    done = scope("fetch-datasets")
    assert (done.exit_code, "run in the project's folder" in done.output) == (1, True)


@pytest.mark.parametrize("address", ["ztf-scope", "s3://ztf-scope/x", "gs://", "gs:///x"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ConfigError, match="gs://BUCKET/PATH"):
        parse(address)


@pytest.mark.parametrize("name", ["../x", "a/../../x", "a//b", "a\\b", "./x"])
def test_a_name_that_leads_out_of_the_folder_is_refused(name, tmp_path):
    stored = listed(f"datasets/{name}")
    with pytest.raises(BucketError, match="is no path of a file"):
        targets([stored], f"gs://{BUCKET}/datasets", ["*"], tmp_path)


def test_a_pattern_that_fits_nothing_is_named(tmp_path):
    stored = listed("datasets/a.csv")
    with pytest.raises(BucketNotFoundError, match=r"no object that fits \*\.h5, of 1"):
        targets([stored], f"gs://{BUCKET}/datasets", ["*.h5"], tmp_path)


def test_an_origin_that_is_written_wrong_is_named(folder):
    (folder / "data.dvc").write_text("meta: {origin: {a.csv: {source: x}}}\nouts: []\n")
    with pytest.raises(ConfigError, match=r"data.dvc: meta.origin.a.csv"):
        read_origins(DATASETS)
