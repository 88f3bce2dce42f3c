"""How many threads to start."""

import os


def cores(wanted: int = 0) -> int:
    """Return `wanted`, or where that is 0 the number of cores that this process may use."""
    if wanted:
        return wanted
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
