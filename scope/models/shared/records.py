"""How long a training took and how much memory: beside the outputs, never among them.

Outputs are the same to the byte whenever they are made; times are not. A record names the model it
is of by its digest, so that one that was left by an earlier training is told apart.
"""

import json
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scope.base.files import write_json
from scope.models.shared.cards import CARD_FILE

RECORDS = Path("build/records")


@contextmanager
def recorded(stage: str, folder: Path, records: Path = RECORDS) -> Iterator[None]:
    """Note time and memory of what leaves a model in `folder`, in `records`/<stage>.json."""
    started, clock = time.time(), time.monotonic()
    yield
    card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    record = {
        "digest": card["digest"],
        "started": round(started, 3),
        "seconds": round(time.monotonic() - clock, 3),
        "peak_mib": round(peak_memory_mib(), 1),
    }
    write_json(record, records / f"{stage}.json")


def find_record(stage: str, digest: str, folders: Sequence[Path]) -> dict[str, Any] | None:
    """Return the record of the training of the model `digest` from the first folder that has it."""
    for folder in folders:
        try:
            record = json.loads((folder / f"{stage}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(record, dict) and record.get("digest") == digest:
            return record
    return None


def peak_memory_mib() -> float:
    """Return the most memory that this process has held so far [MiB]."""
    try:  # Linux: what getrusage tells of a child starts from what its parent held
        status = Path("/proc/self/status").read_text(encoding="ascii")
        (line,) = [one for one in status.splitlines() if one.startswith("VmHWM")]
        return int(line.split()[1]) / 1024.0
    except (OSError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0**2
