"""Several objects at once, each to a file of its own."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from scope.buckets.address import StoredObject
from scope.buckets.client import Reader
from scope.buckets.download import Transfer, download
from scope.buckets.errors import BucketError
from scope.buckets.progress import byte_bar

OBJECTS_AT_ONCE = 4
REQUESTS_AT_ONCE = 8


def fetch_all(reader: Reader, wanted: Sequence[tuple[StoredObject, Path]]) -> Mapping[Path, str]:
    """Bring objects to files, several at once; return the md5 of each file.

    Raises
    ------
    BucketError : some could not be brought; the others are there, whole
    """
    total = sum(stored.size for stored, _ in wanted)
    stop = threading.Event()
    md5s: dict[Path, str] = {}
    failed: list[BucketError] = []
    what = "1 object" if len(wanted) == 1 else f"{len(wanted)} objects"
    with (
        byte_bar(what, total) as arrived,
        ThreadPoolExecutor(REQUESTS_AT_ONCE) as requests,
        ThreadPoolExecutor(OBJECTS_AT_ONCE) as objects,
    ):
        transfer = Transfer(reader, requests, arrived, stop)
        jobs = {objects.submit(download, *one, transfer): one[1] for one in wanted}
        try:
            for job in as_completed(jobs):
                try:
                    md5s[jobs[job]] = job.result()
                except BucketError as error:
                    failed.append(error)
        except BaseException:
            stop.set()  # the threads end at their next chunk
            objects.shutdown(wait=False, cancel_futures=True)
            raise
    if failed:
        others = f" ({len(failed)} of {len(wanted)} objects failed)" if len(wanted) > 1 else ""
        raise BucketError(f"{failed[0]}{others}")
    return md5s
