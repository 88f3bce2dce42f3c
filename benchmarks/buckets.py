"""How fast and in how much memory a large object is downloaded, beside the library's plain read.

Runs fake-gcs-server on this machine and prints the seconds of a plain sequential read by
google-cloud-storage (`Blob.download_to_filename`), those of ours, their ratio, and the most memory
(VmHWM) that a process of its own had while it downloaded:

    python benchmarks/buckets.py --megabytes 1000 --rounds 3
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests"
BUCKET, NAME = "benchmark", "large.bin"

CHILD = """
import sys, time
from pathlib import Path
from google.cloud import storage
from scope.buckets.client import Reader
from scope.buckets.download import fetch_all

how, target = sys.argv[1], Path(sys.argv[2])
start = time.perf_counter()
if how == "ours":
    reader = Reader()
    fetch_all(reader, [(reader.look("gs://benchmark/large.bin"), target)])
else:
    storage.Client().bucket("benchmark").blob("large.bin").download_to_filename(target)
seconds = time.perf_counter() - start
(line,) = [one for one in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in one]
print(seconds, int(line.split()[1]) / 1024)
"""


def measure(how: str, url: str, target: Path) -> tuple[float, float]:
    """Download in a process of its own; return seconds and its peak memory [MB]."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, how, str(target)],
        env=os.environ | {"STORAGE_EMULATOR_HOST": url},
        capture_output=True,
        text=True,
        check=True,
    )
    target.unlink()
    seconds, peak_mb = map(float, done.stdout.split())
    return seconds, peak_mb


def main() -> None:
    """Print the medians of a few rounds, in which both ways take turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="Print one line of JSON.")
    given = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    from bucket_server import running_buckets

    with running_buckets() as server, tempfile.TemporaryDirectory() as folder:
        server.make(BUCKET)
        with server.client.bucket(BUCKET).blob(NAME).open("wb") as file:
            for _ in range(given.megabytes):
                file.write(os.urandom(1_000_000))
        runs: dict[str, list[tuple[float, float]]] = {"plain": [], "ours": []}
        for _ in range(given.rounds):
            for how, measured in runs.items():
                measured.append(measure(how, server.url, Path(folder) / how))
    seconds = {how: statistics.median(one for one, _ in measured) for how, measured in runs.items()}
    peak_mb = {how: max(one for _, one in measured) for how, measured in runs.items()}
    result = {
        "megabytes": given.megabytes,
        "plain_s": seconds["plain"],
        "ours_s": seconds["ours"],
        "ratio": seconds["ours"] / seconds["plain"],
        "plain_peak_mb": peak_mb["plain"],
        "peak_mb": peak_mb["ours"],
    }
    if given.json:
        print(json.dumps(result))
        return
    for how in runs:
        rate = given.megabytes / seconds[how]
        print(f"{how:6s} {seconds[how]:6.2f} s {rate:6.0f} MB/s {peak_mb[how]:6.0f} MB of memory")
    print(f"ours takes {result['ratio']:.2f} times as long as the plain read")


if __name__ == "__main__":
    main()
