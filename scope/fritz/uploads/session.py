"""An upload from a file, as the tools and the stage `push` run it."""

import logging
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from scope.base.errors import ConfigError, DataError
from scope.fritz import FritzClient, Source
from scope.fritz.credentials import fritz_credentials, kowalski_credentials, setting
from scope.fritz.errors import FritzNotFoundError, KowalskiError, UploadError
from scope.fritz.kowalski import KowalskiClient
from scope.fritz.transport import RATE
from scope.fritz.uploads.apply import Outcome, Upload
from scope.fritz.uploads.curves import CurveSource, FileCurves, KowalskiCurves
from scope.fritz.uploads.inputs import Rows
from scope.fritz.uploads.ledger import Ledger
from scope.fritz.uploads.operations import Operation, Place
from scope.fritz.uploads.photometry import INSTRUMENT
from scope.fritz.uploads.progress import counted, progress_bar
from scope.fritz.uploads.results import SourceResult, failures, source_results

SHOWN_FAILURES = 10
NO_CURVES = "sources that are created get no photometry"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """What all uploads are told.

    Attributes
    ----------
    ledger : its file
    radius_arcsec : sources this close to a place are the one of the place
    """

    ledger: Path
    radius_arcsec: float


@dataclass(frozen=True)
class Uploaded:
    """What came of an upload: as a whole, and for each place by its name."""

    outcome: Outcome
    results: dict[str, SourceResult]
    ledger: Path


def connect() -> FritzClient:
    """Return the client of the server and the token that the environment or .env names.

    FRITZ_RATE may hold the calls a second that the server allows.

    Raises
    ------
    ConfigError : there is no token, or no address, or the rate is none
    """
    known = fritz_credentials()
    given = setting("FRITZ_RATE") or str(RATE)
    try:
        rate = float(given)
    except ValueError:
        rate = 0.0
    if not 0.0 < rate < math.inf:
        raise ConfigError(f"FRITZ_RATE is {given!r}; it is a number of calls a second, above 0")
    return FritzClient(known.url, known.token, rate=rate)


def ledger_path(folder: Path, name: str, url: str) -> Path:
    """Return where the ledger of the uploads of a data set to a server is kept."""
    host = url.split("://", 1)[-1].strip("/").replace(":", "-").replace("/", "-")
    return folder / f"{name}.{host}.ledger"


def upload(
    client: FritzClient,
    plan: Iterable[Operation],
    job: Job,
    curve_source: CurveSource | None = None,
    known: Mapping[str, list[Source]] | None = None,
) -> Uploaded:
    """Apply a plan and return what came of it.

    `known` are the sources on the server at places that have just been looked at.
    """
    with Ledger(job.ledger, client.url) as ledger:
        ledger.plan(plan)
        states = ledger.counts()
        with progress_bar(sum(states.values()), states["done"]) as step:
            run = Upload(
                client,
                ledger,
                job.radius_arcsec,
                curve_source=curve_source,
                watch=lambda tally: step(tally.counts),
            )
            outcome = run.run(known)
        found = dict(source_results(ledger))
    logger.info("%s; %d calls", counted(outcome.counts), client.n_calls)
    return Uploaded(outcome, found, job.ledger)


def check_complete(uploaded: Uploaded) -> None:
    """Make sure that the server has all that was planned.

    Raises
    ------
    UploadError : it has not; the message lists reasons and says how to go on
    """
    outcome = uploaded.outcome
    if outcome.is_complete:
        return
    lines = failures(uploaded.results.items(), SHOWN_FAILURES)
    states = outcome.states
    left = states["planned"] + states["sent"]
    reason = f"stopped: {outcome.stopped}. " if outcome.stopped else ""
    raise UploadError(
        f"{reason}{states['done']} operations are done, {states['failed']} failed, {left} were not "
        f"tried; run the same command again to finish (ledger {uploaded.ledger})"
        + "".join(f"\n  {line}" for line in lines)
    )


@contextmanager
def light_curves(
    client: FritzClient,
    path: Path | None,
    places: Iterable[Place],
    radius_arcsec: float,
    *,
    needed: bool = True,
) -> Iterator[CurveSource | None]:
    """Yield where sources that are created get their light curves from; None if from nowhere.

    That is the file, or else Kowalski where it has a token and answers; the log says what holds.

    Raises
    ------
    DataError : the file cannot be read, or has not what Fritz needs, and is `needed`
    FritzNotFoundError : the server does not know ZTF's camera, and the file is `needed`
    """
    if path is not None:
        yield _file_curves(client, path, places, needed=needed)
        return
    with ExitStack() as stack:
        source = None
        try:
            known = kowalski_credentials()
            kowalski = stack.enter_context(KowalskiClient(known.url, known.token))
            source = KowalskiCurves(kowalski, radius_arcsec)
            client.instrument_id(INSTRUMENT)
        except ConfigError:
            logger.info("no --light-curves and no KOWALSKI_TOKEN: %s", NO_CURVES)
        except KowalskiError as error:
            logger.warning("%s. Without either, %s", error, NO_CURVES)
        except FritzNotFoundError as error:
            logger.warning("%s: %s", error, NO_CURVES)
            source = None
        yield source


def _file_curves(
    client: FritzClient, path: Path, places: Iterable[Place], *, needed: bool
) -> CurveSource | None:
    try:
        found = FileCurves(path, (one for place in places for one in place.light_curves))
        client.instrument_id(INSTRUMENT)
    except (DataError, FritzNotFoundError) as error:
        if needed:
            raise
        logger.warning("%s: %s", error, NO_CURVES)
        return None
    return found


def row_results(
    rows: Rows, found: Mapping[str, SourceResult], status: list[str], message: list[str]
) -> tuple[list[str], list[str], list[str]]:
    """Return obj_id, status and message of each row; those given stand before its source's."""
    n_rows = len(rows.table)
    obj_ids, statuses, messages = [""] * n_rows, list(status), list(message)
    for number, members in enumerate(rows.rows_of()):
        result = found.get(rows.places[number].name, SourceResult("", "skipped", ""))
        for row in members:
            obj_ids[row] = result.obj_id
            if not statuses[row]:
                statuses[row], messages[row] = result.status, result.message
    return obj_ids, statuses, messages
