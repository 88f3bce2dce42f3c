"""Objects of a bucket, downloaded from a real server, with and without faults on the way."""

import hashlib
import random
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from bucket_server import Faults, free_port

from scope.buckets import client
from scope.buckets.address import StoredObject
from scope.buckets.client import Reader
from scope.buckets.download import download, fetch_all, partial_path
from scope.buckets.errors import BucketError, BucketNotFoundError
from scope.buckets.partial import of_file

CHUNK = 1 << 16
CONTENT = random.Random(1).randbytes(5 * CHUNK + 77)
NAME = "datasets/dataset.d15.csv"
BUCKET = "ztf-scope"


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(client, "RANGE_BYTES", CHUNK)


@pytest.fixture
def put(buckets):
    """Store an object, and return what a bucket says of it."""

    def store(content=CONTENT, name=NAME) -> StoredObject:
        buckets.put(BUCKET, name, content)
        return Reader(patience_s=0.0).look(f"gs://{BUCKET}/{name}")

    return store


def get(stored, target, patience_s=5.0) -> str:
    return download(Reader(patience_s=patience_s), stored, target, lambda _: None)


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, len(CONTENT)])
def test_an_object_comes_byte_for_byte(proxy, put, tmp_path, size):
    md5 = get(put(CONTENT[:size]), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == CONTENT[:size]
    assert md5 == hashlib.md5(CONTENT[:size]).hexdigest()
    assert names(tmp_path) == ["a.csv"]


def test_the_checksums_are_those_of_the_server(proxy, put, tmp_path):
    stored = put()
    (tmp_path / "a.csv").write_bytes(CONTENT)
    assert of_file(tmp_path / "a.csv").differences(stored) == []


def test_an_object_without_an_md5_is_told_by_its_crc32c(proxy, put, tmp_path):
    composed = replace(put(), md5="")
    get(composed, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == CONTENT
    with pytest.raises(BucketError, match=rf"crc32c is {composed.crc32c}, not 00000000"):
        get(replace(composed, crc32c="00000000"), tmp_path / "a.csv")


def test_a_connection_that_breaks_once_is_taken_up_again(proxy, put, tmp_path):
    stored = put()
    proxy.faults = Faults(cut_after=1, times=1)
    get(stored, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == CONTENT


def test_what_is_cut_off_never_has_the_name_of_the_file(proxy, put, tmp_path):
    stored = put()
    (tmp_path / "a.csv").write_text("old")
    proxy.faults = Faults(before_media=broken_from(4, proxy))
    with pytest.raises(BucketError, match="goes on where it stopped"):
        get(stored, tmp_path / "a.csv", patience_s=0.0)
    partial = partial_path(tmp_path / "a.csv", stored)
    assert names(tmp_path) == [partial.name, "a.csv"]
    assert (tmp_path / "a.csv").read_text() == "old"
    assert CONTENT.startswith(partial.read_bytes())
    assert partial.stat().st_size >= CHUNK


def broken_from(number, proxy):
    """Let every answer be cut off from the one of this number on."""

    def before(request):
        if request >= number:
            proxy.faults.cut_after = 1

    return before


def test_a_download_that_is_stopped_leaves_a_beginning_of_the_file(
    proxy, put, tmp_path, monkeypatch
):
    monkeypatch.setattr("scope.buckets.download.BLOCK_BYTES", CHUNK // 2)
    stored, n_left = put(), iter([True] * 4)

    def stopped(_):
        if not next(n_left, False):
            raise BucketError("stopped")

    with pytest.raises(BucketError, match="stopped"):
        download(Reader(), stored, tmp_path / "a.csv", stopped)
    begun = partial_path(tmp_path / "a.csv", stored).read_bytes()
    assert CONTENT.startswith(begun)
    assert 0 < len(begun) < 2 * CHUNK


def test_a_download_goes_on_where_it_stopped(proxy, put, tmp_path):
    stored = put()
    partial_path(tmp_path / "a.csv", stored).write_bytes(CONTENT[: 2 * CHUNK + 5])
    get(stored, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == CONTENT
    assert proxy.faults.sent == len(CONTENT) - 2 * CHUNK - 5
    assert min(int(one.split("=")[1].split("-")[0]) for one in proxy.faults.media_requests) == (
        2 * CHUNK + 5
    )


def test_a_part_of_another_version_is_thrown_away(proxy, put, tmp_path):
    old = put(CONTENT[::-1])
    partial = partial_path(tmp_path / "a.csv", old)
    partial.write_bytes(CONTENT[::-1][:CHUNK])
    new = put()
    get(new, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == CONTENT
    assert names(tmp_path) == ["a.csv"]


def test_a_damaged_part_is_found_out_and_the_download_starts_anew(proxy, put, tmp_path):
    stored = put()
    partial_path(tmp_path / "a.csv", stored).write_bytes(bytes(CHUNK))
    get(stored, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == CONTENT


def test_a_wrong_hash_is_named_and_the_old_file_stays(proxy, put, tmp_path):
    stored = put()
    (tmp_path / "a.csv").write_text("old")
    proxy.faults = Faults(flip=True)
    with pytest.raises(BucketError) as error:
        get(stored, tmp_path / "a.csv")
    assert hashlib.md5(CONTENT).hexdigest() in str(error.value)
    assert str(error.value).count("md5 is ") == 1
    assert names(tmp_path) == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "old"
    proxy.faults = Faults()
    get(stored, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == CONTENT


def test_an_object_that_comes_short_is_not_taken_for_whole(proxy, put, tmp_path):
    stored = put()
    proxy.faults = Faults(shorten=3)
    with pytest.raises(BucketError, match="bytes came of"):
        get(stored, tmp_path / "a.csv", patience_s=0.0)
    assert not (tmp_path / "a.csv").exists()
    proxy.faults = Faults()
    get(stored, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == CONTENT


def test_versions_of_an_object_are_never_mixed(proxy, put, buckets, tmp_path):
    stored = put()
    other = CONTENT[::-1]

    def replace(number):
        if number == 3:
            buckets.put(BUCKET, NAME, other)

    proxy.faults = Faults(before_media=replace)
    with pytest.raises(BucketError, match="replaced while it was being read") as error:
        get(stored, tmp_path / "a.csv")
    now = Reader().look(f"gs://{BUCKET}/{NAME}")
    assert str(stored.generation) in str(error.value)
    assert str(now.generation) in str(error.value)
    assert names(tmp_path) == []
    get(now, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == other
    assert names(tmp_path) == ["a.csv"]


def test_an_object_that_is_deleted_while_it_is_read_is_said_to_be(proxy, put, buckets, tmp_path):
    stored = put()
    proxy.faults = Faults(
        before_media=lambda number: buckets.delete(BUCKET, NAME) if number == 3 else None
    )
    with pytest.raises(BucketNotFoundError, match="deleted while it was being read"):
        get(stored, tmp_path / "a.csv")


def test_one_that_fails_does_not_keep_the_others_from_coming(proxy, put, buckets, tmp_path):
    several = [put(CONTENT[:k], f"datasets/{k}.csv") for k in (10, 20, 30)]
    buckets.delete(BUCKET, "datasets/20.csv")
    wanted = [(one, tmp_path / one.source.removeprefix(f"gs://{BUCKET}/")) for one in several]
    with pytest.raises(BucketError, match=r"1 of 3 objects failed"):
        fetch_all(Reader(), wanted)
    assert names(tmp_path / "datasets") == ["10.csv", "30.csv"]


def test_several_objects_come_at_once(proxy, put, tmp_path):
    wanted = [(put(b"x", f"datasets/{k}"), tmp_path / str(k)) for k in range(3)]
    together = threading.Barrier(3, timeout=10.0)  # broken unless three requests are there at once
    proxy.faults = Faults(before_media=lambda _: together.wait())
    assert len(fetch_all(Reader(), wanted)) == 3


def test_a_server_that_is_down_is_said_to_be(monkeypatch):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(BucketError) as error:
        Reader(patience_s=0.0).objects(f"gs://{BUCKET}/datasets")
    assert "cannot list gs://ztf-scope/datasets: the server at http://127.0.0.1:" in str(
        error.value
    )
    assert "refused" in str(error.value)


def test_a_server_that_recovers_in_time_is_waited_for(proxy, put):
    put()
    proxy.faults = Faults(refusal=(503, "busy"))
    threading.Timer(0.5, lambda: setattr(proxy, "faults", Faults())).start()
    assert len(Reader(patience_s=20.0).objects(f"gs://{BUCKET}/datasets")) == 1


@pytest.mark.parametrize(
    ("said", "account"),
    [
        ("who@example.org does not have {} access to the bucket.", "who@example.org lacks {}"),
        ("Anonymous caller does not have {} access to the bucket.", "anonymous account"),
    ],
)
@pytest.mark.parametrize("permission", ["storage.objects.list", "storage.objects.get"])
def test_a_refusal_names_permission_account_bucket_and_remedy(
    proxy, put, tmp_path, said, account, permission
):
    stored = put()
    where = "/download/" if permission.endswith("get") else "/o?"
    proxy.faults = Faults(refusal=(403, said.format(permission)), refused=where)
    with pytest.raises(BucketError) as error:
        reader = Reader()
        reader.objects(f"gs://{BUCKET}/datasets")
        get(stored, tmp_path / "a.csv")
    message = str(error.value)
    assert account.format(permission) in message
    for part in (
        permission,
        "on the bucket ztf-scope",
        "gcloud auth",
        "roles/storage.objectViewer",
    ):
        assert part in message
    assert not (tmp_path / "a.csv").exists()


def test_a_bucket_that_is_not_there_is_named(proxy):
    with pytest.raises(BucketNotFoundError, match="gs://no-such-bucket/x: not found"):
        Reader().objects("gs://no-such-bucket/x")


LIMITED = """
import resource, sys
from pathlib import Path
from scope.buckets.client import Reader
from scope.buckets.download import download
from scope.base.errors import ScopeError

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
reader = Reader()
try:
    stored = reader.look(f"gs://ztf-scope/{sys.argv[1]}")
    download(reader, stored, Path(sys.argv[2]), lambda _: None)
except ScopeError as error:
    sys.exit(f"error: {error}")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of file sizes")
def test_a_quota_that_is_full_is_said_to_be_and_the_rest_comes_later(proxy, put, tmp_path):
    stored = put()
    target = tmp_path / "a.csv"
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, NAME, str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "the disk or the quota is full" in done.stderr
    assert "make room in" in done.stderr
    assert not target.exists()
    before = proxy.faults.sent
    get(stored, target)
    assert target.read_bytes() == CONTENT
    assert proxy.faults.sent - before <= len(CONTENT) - 90_000


def test_a_folder_that_cannot_be_made_is_named(proxy, put, tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(BucketError, match=r"cannot be written to .*/data: "):
        get(put(), tmp_path / "data/a.csv")


def test_a_disk_too_small_is_found_out_before_anything_is_downloaded(
    proxy, put, tmp_path, monkeypatch
):
    stored = put()
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(BucketError, match=r"needs 327,757 bytes more .* 1,000 are free"):
        get(stored, tmp_path / "a.csv")
    assert proxy.faults.media_requests == []
