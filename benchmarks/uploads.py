"""What uploads to Fritz cost: calls per row of each tool, and the time of many rows.

Runs against a stand-in of its own on this machine: python benchmarks/uploads.py [--rows 1000]
"""

import argparse
import logging
import multiprocessing
import resource
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from scope.config.disagreements import DisagreementParams
from scope.disagreements.candidates import group_candidates
from scope.disagreements.rule import find_disagreements
from scope.fritz import FritzClient
from scope.fritz.uploads import download, upload_classification, upload_disagreements
from scope.sandbox.app import Sandbox, SandboxSettings
from scope.sandbox.server import SandboxServer
from scope.sandbox.users import OWN_GROUP, USER_TOKEN

LATENCY_MS = 50.0
RATE = 50.0  # calls a second, of the server and of the client
N_POINTS = 200  # of a light curve
RULE = DisagreementParams(high=0.95, low=0.1, radius_arcsec=2.0)


def serve(latency_ms: float, rate: float, pipe: "multiprocessing.connection.Connection") -> None:
    """Run a stand-in until the pipe says something."""
    with SandboxServer(Sandbox(SandboxSettings(rate=rate, latency_ms=latency_ms))) as server:
        pipe.send(server.url)
        pipe.recv()


def stars(folder: Path, n_rows: int) -> tuple[Path, Path]:
    """Write a table of `n_rows` stars with labels and scores, and their light curves."""
    generator = np.random.default_rng(3)
    ids = np.arange(n_rows) + 1000
    table = pd.DataFrame(
        {
            "_id": ids,
            "ra": (ids * 0.3) % 360.0,
            "dec": generator.uniform(-30.0, 80.0, n_rows),
            "period": generator.uniform(0.2, 1.0, n_rows),
            "RR Lyrae": 1.0,
            "pulsator": 1.0,
            "rrlyr_dnn": 0.99,
            "rrlyr_xgb": 0.01,
        }
    )
    table.to_parquet(folder / "stars.parquet")
    points = pd.DataFrame(
        {
            "_id": np.repeat(ids, N_POINTS),
            "mjd": np.tile(58000.0 + np.arange(N_POINTS), n_rows),
            "mag": generator.normal(17.0, 0.2, n_rows * N_POINTS),
            "magerr": 0.02,
            "filter": 2,
        }
    )
    points.to_parquet(folder / "curves.parquet")
    return folder / "stars.parquet", folder / "curves.parquet"


class Runs:
    """Runs of the tools on one table, with the calls, the seconds and the memory of each."""

    def __init__(self, url: str, folder: Path, n_rows: int) -> None:
        self._url = url
        self._folder = folder
        self._n_rows = n_rows
        self._table, self._curves = stars(folder, n_rows)

    def classify(self, ledger: str) -> Callable[[FritzClient], object]:
        """Return the tool upload-classification; each row says two classes."""
        options = upload_classification.Options(
            *(self._table, "read", [OWN_GROUP], [], 2.0),
            light_curves=self._curves,
            ledger=self._folder / ledger,
        )
        return lambda client: upload_classification.run(client, options)

    def disagree(self, ledger: str) -> Callable[[FritzClient], object]:
        """Return the upload of disagreements, as the stage push makes it."""
        found, _ = find_disagreements(pd.read_parquet(self._table), None, RULE, "stars")
        candidates = group_candidates(found, RULE.radius_arcsec)
        sending = upload_disagreements.UploadOptions(
            *("stars-disagreements", "md5", [OWN_GROUP], 2.0, self._folder / ledger),
            light_curves=self._curves,
        )
        return lambda client: upload_disagreements.send(client, candidates, sending)

    def download(self, group_ids: list[int]) -> Callable[[FritzClient], object]:
        """Return the tool download-classification."""
        options = download.Options(self._table, group_ids, [], 2.0, light_curves=self._curves)
        return lambda client: download.run(client, options)

    def measure(self, what: str, run: Callable[[FritzClient], object]) -> None:
        """Run a tool and print what it cost."""
        with FritzClient(self._url, USER_TOKEN, rate=RATE) as client, Memory(client) as memory:
            start = time.perf_counter()
            run(client)
            seconds = time.perf_counter() - start
            n_calls = client.n_calls
        print(
            f"{what:44s} {n_calls:6d} calls {n_calls / self._n_rows:6.3f} a row {seconds:7.1f} s "
            f"{seconds / (n_calls / RATE):6.2f} x calls/{RATE:g} s "
            f"{memory.growth_mb():5.0f} MB more, {memory.growth_mb(0.2):4.0f} after a fifth of them"
        )


class Memory:
    """The growth of this process's memory while it is open, looked at ten times a second."""

    def __init__(self, client: FritzClient) -> None:
        self._client = client

    def __enter__(self) -> "Memory":
        self._seen = [(self._client.n_calls, _resident_mb())]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def growth_mb(self, after: float = 0.0) -> float:
        """Return by how much the memory grew once this fraction of the calls was made [MB]."""
        first = after * self._client.n_calls
        later = [resident for n_calls, resident in self._seen if n_calls >= first]
        return max(later) - later[0] if later else 0.0

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            self._seen.append((self._client.n_calls, _resident_mb()))


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2.0**20


def measure_all(runs: Runs) -> None:
    """Run every tool for new sources, known ones, and with nothing to do."""
    runs.measure("upload-classification, new sources", runs.classify("a"))
    runs.measure("upload-classification, run again", runs.classify("a"))
    runs.measure("upload-classification, again without ledger", runs.classify("b"))
    runs.measure("upload-disagreements, known sources", runs.disagree("c"))
    runs.measure("upload-disagreements, again without ledger", runs.disagree("d"))
    runs.measure("download-classification", runs.download([]))
    runs.measure("download-classification, saved to the group", runs.download([OWN_GROUP]))


def main() -> None:
    """Print what each of the tools costs."""
    logging.basicConfig(level=logging.WARNING)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    n_rows = parser.parse_args().rows
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(LATENCY_MS, RATE, theirs)
    )
    server.start()
    try:
        with tempfile.TemporaryDirectory() as name:
            measure_all(Runs(ours.recv(), Path(name), n_rows))
    finally:
        ours.send("stop")
        server.join()


if __name__ == "__main__":
    main()
