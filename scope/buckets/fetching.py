"""The commands fetch-datasets and fetch-models: from a bucket to files that DVC versions."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.filesize import decimal

from scope.base.errors import ConfigError
from scope.buckets.address import StoredObject, parse
from scope.buckets.client import PATIENCE_S, Reader
from scope.buckets.comparing import Pair, State, compare, gone, recorded, targets
from scope.buckets.errors import BucketError
from scope.buckets.transfer import fetch_all
from scope.buckets.versions import (
    Origin,
    Tracked,
    keep_what_is_tracked,
    origin_of,
    read_origins,
    version,
)

DVC_FOLDER = Path(".dvc")
DATASETS = Tracked(Path("data"), Path("data/training"))
MODELS = Tracked(Path("models/pretrained"), Path("models/pretrained"))

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """What is fetched.

    Attributes
    ----------
    gcs_path : gs://bucket/prefix
    patterns : of names below it; [] = all
    force : whether files here that did not come from the bucket are replaced, too
    patience_s : for which a request that fails is repeated
    """

    gcs_path: str
    patterns: Sequence[str] = ()
    force: bool = False
    patience_s: float = PATIENCE_S


def fetch(tracked: Tracked, options: Options) -> list[str]:
    """Bring what is new in the bucket and track it; return a line for each file that is new.

    Raises
    ------
    BucketError : an object cannot be fetched (the others are, and nothing is tracked yet), or
        would replace a file that did not come from the bucket
    DataError : DVC cannot track what was fetched
    """
    origins = read_origins(tracked)
    with _alone(tracked):
        reader, wanted, _ = _listed(tracked, options)
        pairs = [
            compare(stored, target, origins.get(tracked.key(target)))
            for stored, target in wanted.items()
        ]
        if not options.force:
            _refuse_own(pairs)
        fetched = [one for one in pairs if one.state is not State.EQUAL]
        keep_what_is_tracked(tracked, list(wanted.values()))
        md5s = fetch_all(reader, [(one.stored, one.target) for one in fetched])
        known = _origins(tracked, pairs, md5s, origins)
        logger.info("%s", _counted(pairs))
        if fetched or known != origins or not tracked.dvc_file.is_file():
            _say_tracked(tracked, version(tracked, known))
    return [_line(one, tracked, md5s[one.target], replaced="changed") for one in fetched]


def check(tracked: Tracked, options: Options) -> list[str]:
    """Return a line for each object that is newer in the bucket than what is tracked here."""
    origins = read_origins(tracked)
    _, wanted, listed = _listed(tracked, options)
    pairs = [
        recorded(stored, target, origins.get(tracked.key(target)))
        for stored, target in wanted.items()
    ]
    newer = [one for one in pairs if one.state is not State.EQUAL]
    lines = [_line(one, tracked, one.stored.md5 or "none") for one in newer]
    lines += [
        f"gone     {name}  (was {origins[name].source})"
        for name in gone(origins, listed, parse(options.gcs_path))
    ]
    if not newer:
        logger.info("%s has nothing newer than %s", options.gcs_path, tracked.dvc_file)
    for one in pairs:
        if one.state is State.EQUAL and not one.target.exists():
            logger.info("%s is tracked, but not here: `dvc pull %s`", one.target, one.target)
    return lines


def _listed(
    tracked: Tracked, options: Options
) -> tuple[Reader, dict[StoredObject, Path], list[StoredObject]]:
    address = parse(options.gcs_path)
    reader = Reader(patience_s=options.patience_s)
    objects = reader.objects(address)
    patterns = tuple(options.patterns) or ("*",)
    return reader, targets(objects, address, patterns, tracked.destination), objects


def _refuse_own(pairs: Sequence[Pair]) -> None:
    own = [one for one in pairs if one.state is State.OWN]
    if own:
        first = own[0]
        more = f" and {len(own) - 1} more" if len(own) > 1 else ""
        raise BucketError(
            f"{first.target}{more} differs from {first.stored} and did not come from there as it "
            "is; move it away, or replace it with --force. Nothing was fetched"
        )


def _origins(
    tracked: Tracked,
    pairs: Sequence[Pair],
    md5s: Mapping[Path, str],
    before: Mapping[str, Origin],
) -> dict[str, Origin]:
    """Return the origins of all files; one whose bytes are as before keeps what was said of it."""
    origins = dict(before)
    for one in pairs:
        name = tracked.key(one.target)
        md5 = one.md5 or md5s[one.target]
        known = before.get(name)
        if known is None or (known.source, known.md5) != (str(one.stored), md5):
            origins[name] = origin_of(one.stored, md5)
    return origins


@contextmanager
def _alone(tracked: Tracked) -> Iterator[None]:
    """Refuse to fetch to a folder to which another process is fetching."""
    from filelock import FileLock, Timeout

    if not DVC_FOLDER.is_dir():
        raise ConfigError("no DVC repository here; run in the project's folder")
    path = DVC_FOLDER / "tmp" / f"fetching-{tracked.root.name}.lock"
    path.parent.mkdir(exist_ok=True)
    try:
        with FileLock(path, timeout=0):
            yield
    except Timeout as error:
        raise BucketError(
            f"another process is fetching to {tracked.destination}; wait until it has ended"
        ) from error


def _line(one: Pair, tracked: Tracked, md5: str, replaced: str = State.OWN.value) -> str:
    state = replaced if one.state is State.OWN else one.state.value
    return (
        f"{state:8s} {tracked.key(one.target)}  {decimal(one.stored.size)}  md5 {md5}  "
        f"generation {one.stored.generation}  {one.stored.updated}"
    )


def _counted(pairs: Sequence[Pair]) -> str:
    counts = {state: sum(one.state is state for one in pairs) for state in State}
    return (
        f"{counts[State.NEW]} new, {counts[State.CHANGED] + counts[State.OWN]} changed, "
        f"{counts[State.EQUAL]} here already"
    )


def _say_tracked(tracked: Tracked, digest: str) -> None:
    logger.info(
        "%s: version %s; keep it with `git add %s` and `git commit`",
        *(tracked.dvc_file, digest, tracked.dvc_file),
    )
