"""From a bucket to trained models and back, in two clones, with fake-gcs-server as the bucket."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import yaml
from bucket_server import Faults, emulated, free_port, proxy_before
from project import SMALL, call, copy_project, environment

pytestmark = pytest.mark.slow
BUCKET = "ztf-scope"
D15 = "datasets/dataset.d15.csv"
TABLE = "data/training/dataset.d15.csv"
MODEL = "models/vnv/dnn"
OVERRIDES = [f"-S{one}" for one in ("dataset=d15", *SMALL)]


class Clone:
    """A clone of the project whose bucket is on this machine."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command here; AssertionError with all it printed where it fails."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment() | emulated(self.url),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not check, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    def commit(self, message: str) -> None:
        """Commit all that git takes."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", f"--message={message}")

    def hashes(self) -> dict[str, str]:
        """Return the hashes of data and model that are here, as DVC has them."""
        lock = yaml.safe_load((self.folder / "dvc.lock").read_text())
        train = lock["stages"]["train@vnv"]["outs"][0]["md5"]
        data = yaml.safe_load((self.folder / "data.dvc").read_text())["outs"][0]["md5"]
        return {"model": train, "data": data}


def make_tables(folder: Path) -> tuple[bytes, bytes]:
    """Return two versions of a table in the form of d15, made from a tiny sample."""
    copy_project(folder)
    call(folder, "python", "scope.py", "sample", "--training=300", "--catalogue=60")
    call(folder, "python", "scope.py", "params", *SMALL)
    call(folder, "python", "-m", "stages.fetch", "build/training.parquet", "build/dropped.csv")
    call(folder, "python", "scope.py", "export", "--format=csv", "--out=d15.csv")
    table = pd.read_csv(folder / "d15.csv")
    table.iloc[:-20].to_csv(folder / "older.csv", index=False)
    return (folder / "older.csv").read_bytes(), (folder / "d15.csv").read_bytes()


def project_without_data(folder: Path) -> None:
    """Make the project a repository, as one who begins with the bucket alone would."""
    copy_project(folder)
    (folder / "dvc.lock").unlink(missing_ok=True)
    (folder / "data.dvc").unlink()


@pytest.fixture(scope="module")
def story(running_bucket_server, tmp_path_factory):
    """Run the whole story once; return what there is to see of each of its steps."""
    server = running_bucket_server
    server.make(BUCKET)
    older, newer = make_tables(tmp_path_factory.mktemp("tables"))
    server.put(BUCKET, D15, older)
    seen: dict[str, object] = {"newer": newer, "older": older}

    first = Clone(tmp_path_factory.mktemp("first"), server.url)
    project_without_data(first.folder)
    seen["fetched"] = first.run("./scope.py", "fetch-datasets").stdout
    first.commit("data")
    first.run("dvc", "exp", "run", *OVERRIDES)
    first.commit("models")
    first.run("dvc", "push")
    seen["older hashes"] = first.hashes()
    seen["older commit"] = first.run("git", "rev-parse", "HEAD").stdout.strip()
    seen["lineage"] = first.run("./scope.py", "lineage", "--json", MODEL).stdout

    second = Clone(tmp_path_factory.mktemp("second") / "clone", server.url)
    call(first.folder, "git", "clone", "--quiet", str(first.folder), str(second.folder))
    second.run("dvc", "pull")
    seen["pulled model"] = (second.folder / MODEL).is_dir()
    seen["pulled data"] = (second.folder / TABLE).read_bytes()
    seen["second repro"] = second.run("dvc", "repro").stdout
    seen["nothing newer"] = second.run("./scope.py", "fetch-datasets", "--check")

    server.put(BUCKET, D15, newer)
    seen["check"] = second.run("./scope.py", "fetch-datasets", "--check").stdout
    seen["refetched"] = second.run("./scope.py", "fetch-datasets").stdout
    seen["third repro"] = second.run("dvc", "repro").stdout
    second.commit("newer data")
    second.run("dvc", "push")
    seen["newer hashes"] = second.hashes()
    seen["clones"] = first, second

    third = Clone(tmp_path_factory.mktemp("third") / "clone", server.url)
    call(second.folder, "git", "clone", "--quiet", str(second.folder), str(third.folder))
    third.run("dvc", "pull", MODEL, "models/vnv/xgb")
    seen["only"] = sorted(
        path.relative_to(third.folder).as_posix() for path in third.folder.glob("models/*/*")
    )
    seen["rest"] = [name for name in ("data", "build", "reports") if (third.folder / name).exists()]
    return seen


def stages_run(output: str) -> set[str]:
    return {line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")}


def test_the_table_of_the_bucket_is_fetched(story):
    assert story["fetched"].startswith("new      training/dataset.d15.csv")


def test_the_lineage_of_the_model_leads_back_to_the_object_in_the_bucket(story):
    lineage = json.loads(story["lineage"])
    assert lineage["made"][0]["md5"] == story["older hashes"]["model"]
    assert lineage["commit"]["sha"] == story["older commit"]
    assert lineage["strange_code"] == []
    (source,) = lineage["sources"]
    assert source["origin"]["source"] == f"gs://{BUCKET}/{D15}"
    assert source["origin"]["md5"] == hashlib.md5(story["older"]).hexdigest()
    stages = [stage["name"] for stage in lineage["stages"]]
    assert stages.index("fetch") < stages.index("train@vnv") == len(stages) - 1
    assert lineage["stages"][-1]["params"]["training.epochs"] == 2
    assert 0 <= lineage["metrics"]["dnn.average_precision"] <= 1


def test_another_clone_pulls_data_and_models(story):
    assert story["pulled model"]
    assert story["pulled data"] == story["older"]


def test_another_clone_reruns_nothing(story):
    assert stages_run(story["second repro"]) == set()


def test_a_check_says_nothing_until_there_is_something_newer(story):
    assert story["nothing newer"].stdout == ""
    assert "nothing newer" in story["nothing newer"].stderr
    assert story["check"].startswith("changed  training/dataset.d15.csv")
    assert story["refetched"] == story["check"]


def test_newer_data_rerun_what_depends_on_them_and_no_more(story):
    run = stages_run(story["third repro"])
    assert {"fetch", "scale", "train@vnv", "evaluate@vnv", "predict"} <= run
    assert "configure" not in run
    assert story["newer hashes"] != story["older hashes"]


def test_the_older_commit_brings_the_older_data_and_models_back(story):
    _, second = story["clones"]
    second.run("git", "checkout", "--quiet", story["older commit"])
    second.run("dvc", "checkout")
    assert (second.folder / TABLE).read_bytes() == story["older"]
    assert second.hashes() == story["older hashes"]
    assert "up to date" in second.run("dvc", "status").stdout
    second.run("git", "checkout", "--quiet", "-")
    second.run("dvc", "checkout")
    assert (second.folder / TABLE).read_bytes() == story["newer"]


def test_the_models_of_one_class_are_pulled_alone(story):
    assert story["only"] == ["models/vnv/dnn", "models/vnv/xgb"]
    assert story["rest"] == []


def test_a_clone_without_the_bucket_runs_the_sample_with_a_remote_of_its_own(story, tmp_path):
    """Whoever may not read ztf-scope works with a folder as the remote."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    clone = Clone(copy_project(tmp_path / "clone"), nowhere)
    clone.run("./scope.py", "sample", "--training=300", "--catalogue=60")
    (clone.folder / "dvc.lock").unlink(missing_ok=True)
    clone.run("dvc", "add", "data")
    clone.run("dvc", "remote", "add", "--local", "--default", "store", str(tmp_path / "store"))
    clone.commit("sample")
    clone.run("dvc", "exp", "run", *[f"-S{one}" for one in SMALL])
    clone.run("dvc", "push")
    model = clone.folder / MODEL
    names = sorted(path.name for path in model.iterdir())
    clone.run("rm", "-r", "models", ".dvc/cache")
    clone.run("dvc", "pull")
    assert sorted(path.name for path in model.iterdir()) == names


@pytest.fixture
def big(buckets):
    """An object of 200 MB, and its content's md5 as the server has it."""
    with buckets.client.bucket(BUCKET).blob("datasets/big.bin").open("wb") as file:
        for _ in range(200):
            file.write(os.urandom(1_000_000))
    return buckets.client.bucket(BUCKET).get_blob("datasets/big.bin")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_download_that_is_killed_is_gone_on_with(how, big, buckets, tmp_path):
    with proxy_before(buckets) as proxy:
        clone = Clone(tmp_path, proxy.url)
        project_without_data(tmp_path)
        proxy.faults = Faults(bytes_per_s=40e6)
        command = [sys.executable, "scope.py", "fetch-datasets"]
        env = environment() | emulated(proxy.url)
        process = subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.PIPE)
        folder = tmp_path / "data/training"
        wait_until(lambda: sum(one.stat().st_size for one in folder.glob(".*.partial")) > 60e6)
        process.send_signal(how)
        assert process.wait(timeout=30) != 0
        (partial,) = folder.iterdir()
        assert partial.name == f".big.bin.{big.generation}.partial"
        n_here = partial.stat().st_size
        assert 60e6 < n_here < 200e6
        assert not (tmp_path / "data.dvc").exists()

        proxy.faults = Faults()
        clone.run("./scope.py", "fetch-datasets")
        assert proxy.faults.sent == 200_000_000 - n_here
        assert [one.name for one in folder.iterdir()] == ["big.bin"]
        assert (folder / "big.bin").stat().st_size == 200_000_000
        origin = yaml.safe_load((tmp_path / "data.dvc").read_text())["meta"]["origin"]
        assert origin["training/big.bin"]["md5"] == bytes_of(big.md5_hash).hex()


def bytes_of(text: str) -> bytes:
    import base64

    return base64.b64decode(text)


def wait_until(holds, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to this in time"
        time.sleep(0.05)


def test_a_full_disk_is_said_to_be_and_leaves_room_for_a_rerun(big, buckets, tmp_path):
    project_without_data(tmp_path)
    (tmp_path / "data").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100m", "tmpfs", str(tmp_path / "data")]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small file system")
    try:
        clone = Clone(tmp_path, buckets.url)
        done = clone.run("./scope.py", "fetch-datasets", check=False)
        assert done.returncode == 1
        assert "needs 200,000,000 bytes more in data/training" in done.stderr
        (tmp_path / "data/filler").write_bytes(bytes(50_000_000))
        buckets.put(BUCKET, D15, b"x" * 40_000_000)
        buckets.delete(BUCKET, "datasets/big.bin")
        with proxy_before(buckets) as proxy:  # the disk fills up while the download runs
            filler = tmp_path / "data/more"
            proxy.faults = Faults(
                before_media=lambda number: (
                    filler.write_bytes(bytes(30_000_000)) if number == 2 else None
                )
            )
            done = Clone(tmp_path, proxy.url).run("./scope.py", "fetch-datasets", check=False)
        assert done.returncode == 1
        assert "the disk or the quota is full" in done.stderr
        assert not (tmp_path / TABLE).exists()
        filler.unlink()
        clone.run("./scope.py", "fetch-datasets")
        assert (tmp_path / TABLE).stat().st_size == 40_000_000
    finally:
        subprocess.run(["umount", str(tmp_path / "data")], check=True)


def test_the_benchmark_prints_ratio_and_memory(root):
    command = [sys.executable, "benchmarks/buckets.py", "--megabytes", "64", "--json"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    assert result["ratio"] > 0
    assert 50 < result["peak_mb"] < 300
