"""What DVC itself costs: processor seconds of its process, those of the stages it starts apart.

In a copy of the project in a temporary folder, on the embedded sample:

- `dvc repro` of the whole pipeline, once;
- `dvc repro` with nothing to do;
- `dvc exp run -S class=vnv` in which every stage has been run before.

The last two are medians of a few rounds. Processor seconds, since the machine may be busy:

    python benchmarks/pipeline.py --rounds 3 --baseline REVISION

measures a revision of this repository in the same way, in turns, and prints the ratios.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
DRIVER = """
import json, resource, sys, time
from dvc.cli import main

started = time.monotonic()
status = main(sys.argv[1:])
own, stages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
seconds = {"own": own.ru_utime + own.ru_stime, "stages": stages.ru_utime + stages.ru_stime}
print("\\n" + json.dumps({**seconds, "wall": time.monotonic() - started}))
sys.exit(status)
"""
NOTHING, CACHED, FRESH = "nothing to do", "cached experiment", "whole pipeline"
COMMANDS = {FRESH: ["repro"], NOTHING: ["repro"], CACHED: ["exp", "run", "-S", "class=vnv"]}
Figures = dict[str, float]


def call(folder: Path, *command: str) -> str:
    """Run a command in a folder; return what it printed, RuntimeError where it fails."""
    names = {
        f"GIT_{who}_{what}": "a" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    settings = os.environ | names | {"PATH": path, "DVC_NO_ANALYTICS": "true"}
    done = subprocess.run(
        command, cwd=folder, env=settings, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def prepare(folder: Path, revision: str | None) -> None:
    """Clone the project, the working tree's files where no revision is given; add the sample."""
    call(ROOT, "git", "clone", "--quiet", str(ROOT), str(folder))
    if revision:
        call(folder, "git", "checkout", "--quiet", revision)
    else:
        changed = call(ROOT, "git", "ls-files", "--modified", "--others", "--exclude-standard")
        for name in filter(lambda one: (ROOT / one).is_file(), changed.splitlines()):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    call(folder, "python", "scope.py", "sample")
    call(folder, "dvc", "remote", "add", "--local", "--default", "store", str(folder / ".store"))


def measure(folder: Path, name: str) -> Figures:
    """Run a command of DVC in a process of its own; return its seconds."""
    figures: Figures = json.loads(
        call(folder, "python", "-c", DRIVER, *COMMANDS[name]).strip().splitlines()[-1]
    )
    return figures


def build(folder: Path) -> Figures:
    """Run the whole pipeline, and once the experiment that is to be found in the cache later."""
    figures = measure(folder, FRESH)
    call(folder, "git", "add", "--all", "--", ":!.store")
    call(folder, "git", "commit", "--quiet", "--allow-empty", "--message=built")
    measure(folder, CACHED)
    restore(folder)
    return figures


def restore(folder: Path) -> None:
    """Bring the folder back to what was built."""
    call(folder, "git", "checkout", "--quiet", "--", ".")
    call(folder, "dvc", "checkout", "--quiet", "--force")


def one_round(folder: Path) -> dict[str, Figures]:
    """Measure what is repeated."""
    figures = {name: measure(folder, name) for name in (NOTHING, CACHED)}
    restore(folder)
    return figures


def main() -> None:
    """Print the figures of the project and, where one is named, of the baseline."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--baseline", help="A revision of this repository to compare with.")
    given = parser.parse_args()
    revisions = {"this": None} | ({"baseline": given.baseline} if given.baseline else {})
    with tempfile.TemporaryDirectory() as temporary:
        folders = {who: Path(temporary) / who for who in revisions}
        found: dict[str, dict[str, list[Figures]]] = {}
        for who, revision in revisions.items():
            prepare(folders[who], revision)
            found[who] = {FRESH: [build(folders[who])], NOTHING: [], CACHED: []}
        for _ in range(given.rounds):
            for who, folder in folders.items():
                for name, figures in one_round(folder).items():
                    found[who][name].append(figures)
        sizes = {who: (folder / "dvc.lock").stat().st_size for who, folder in folders.items()}
    for name in COMMANDS:
        own = {}
        for who, runs in found.items():
            middle = {
                kind: statistics.median(one[kind] for one in runs[name])
                for kind in ("own", "stages", "wall")
            }
            own[who] = middle["own"]
            shown = ", ".join(f"{kind} {seconds:6.1f} s" for kind, seconds in middle.items())
            print(f"{name:18s} {who:9s} {shown}")
        if "baseline" in own:
            print(
                f"{name:18s} DVC's own share is {own['baseline'] / own['this']:.1f} times smaller"
            )
    print(", ".join(f"dvc.lock of {who}: {size / 1000:.0f} kB" for who, size in sizes.items()))


if __name__ == "__main__":
    main()
