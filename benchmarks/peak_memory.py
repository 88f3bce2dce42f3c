"""The peak memory of a process; run as a script, that of one which trains as the stage does.

Imports no TensorFlow, as the stage: python benchmarks/peak_memory.py FOLDER TAG, with a FOLDER that
benchmarks/training.py made.
"""

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from scope.config.training import read_class, read_training
from scope.models.networks import training as nn
from scope.models.shared.tasks import Task
from scope.models.shared.training import train


def peak_memory() -> float:
    """Return the most memory that this process has had [MB]; ru_maxrss may be its parent's."""
    (line,) = [one for one in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in one]
    return int(line.split()[1]) / 1024


def main(folder: str, tag: str) -> None:
    """Train a network for two epochs on the scaled arrays, print the peak memory [MB]."""
    names = json.loads((Path(folder) / "names.json").read_text())
    training = replace(read_training(), seeds=[1], epochs=2)
    task = Task(tag, replace(read_class(tag), balance=None), names, training)
    with tempfile.TemporaryDirectory() as out:
        train(nn, task, Path(folder) / "scaled", Path(out) / "dnn")
    print(peak_memory())


if __name__ == "__main__":
    main(*sys.argv[1:])
