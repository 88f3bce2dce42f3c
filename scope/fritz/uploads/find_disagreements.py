"""The tool upload-disagreements: scores and statistics from Kowalski or files, then to Fritz."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from scope.base.errors import ConfigError, DataError
from scope.base.hashing import file_md5
from scope.config.disagreements import DisagreementParams
from scope.disagreements.candidates import Candidate, group_candidates
from scope.disagreements.known import known_sources
from scope.disagreements.rule import find_disagreements
from scope.fritz import FritzClient
from scope.fritz.credentials import kowalski_credentials
from scope.fritz.errors import KowalskiError
from scope.fritz.kowalski import KowalskiClient
from scope.fritz.uploads.inputs import data_set_name
from scope.fritz.uploads.results import SourceResult, header, results_path, table_of, write_results
from scope.fritz.uploads.session import check_complete, ledger_path
from scope.fritz.uploads.upload_disagreements import UploadOptions, send
from scope.tables.reading import column_names, read_table

SCORES = "ZTF_source_classifications"
FEATURES = "ZTF_source_features"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """Where scores and statistics come from, and where the disagreements go.

    Attributes
    ----------
    dataset : the training set, whose sources are left out
    scores, features, light_curves : files; None: Kowalski
    catalogue : of the scores on Kowalski; None: the latest
    feature_names : statistics that are asked of Kowalski
    tags : classes that are compared
    """

    dataset: Path
    rule: DisagreementParams
    tags: tuple[str, ...]
    feature_names: tuple[str, ...]
    group_ids: list[int]
    scores: Path | None = None
    features: Path | None = None
    catalogue: str | None = None
    light_curves: Path | None = None
    out: Path | None = None
    ledger: Path | None = None


@dataclass(frozen=True)
class Disagreements:
    """The sources to look at, their disagreements one a row, and the file or catalogue of them."""

    candidates: list[Candidate]
    table: pd.DataFrame
    source: Path


def find(options: Options) -> Disagreements:
    """Return the disagreements about sources that are not in the training set.

    Raises
    ------
    DataError : a file cannot be read or breaks a rule
    KowalskiError : there are no files and Kowalski does not answer
    """
    known = known_sources(options.dataset)
    with ExitStack() as stack:
        kowalski = _kowalski(options, stack)
        scores, source = _scores(options, kowalski)
        if scores.empty:
            return Disagreements([], scores, source)
        found, summary = find_disagreements(scores, known, options.rule, source.name)
        logger.info("%d disagreements, %d of known sources left out", len(found), summary.removed)
        found = _with_features(found, options, kowalski)
    return Disagreements(group_candidates(found, options.rule.radius_arcsec), found, source)


def run(client: FritzClient, options: Options) -> Path:
    """Upload the disagreements; return where the results are.

    Raises
    ------
    UploadError : something was not uploaded; the results say what
    ScopeError : as `find`, or the groups or the server are not as needed; then nothing was sent
    """
    client.check_groups(options.group_ids)
    disagreements = find(options)
    candidates, found, source = (
        disagreements.candidates,
        disagreements.table,
        disagreements.source,
    )
    name = data_set_name(source)
    out = results_path(source, "disagreements", options.out)
    sending = UploadOptions(
        name,
        file_md5(options.scores or options.dataset),
        options.group_ids,
        options.rule.radius_arcsec,
        # Named after the scores: each data set and server has a ledger of its own.
        options.ledger or ledger_path(source.parent, f"{name}.disagreements", client.url),
        options.light_curves,
    )
    uploaded = send(client, candidates, sending)
    outcomes = [
        uploaded.results.get(one, SourceResult("", "", "")) for one in _names(candidates, found)
    ]
    columns = zip(*((one.obj_id, one.status, one.message) for one in outcomes), strict=True)
    said = [list(column) for column in columns] or [[], [], []]
    results = table_of(found, said[0], said[1], said[2]).join(found[_more(found)])
    write_results(results, header(client.url, source, training_set=options.dataset.name), out)
    check_complete(uploaded)
    return out


def _kowalski(options: Options, stack: ExitStack) -> KowalskiClient | None:
    """Return Kowalski where it is needed or there; None where files take its place."""
    try:
        known = kowalski_credentials()
        return stack.enter_context(KowalskiClient(known.url, known.token))
    except (ConfigError, KowalskiError) as error:
        if options.scores is None:
            raise KowalskiError(f"{error}; without Kowalski give --scores FILE") from None
        if options.features is None:
            logger.info("%s; no feature statistics without --features FILE", error)
        return None


def _scores(options: Options, kowalski: KowalskiClient | None) -> tuple[pd.DataFrame, Path]:
    """Return the scores and where they are from: a file, or a catalogue as a file here."""
    if options.scores is not None:
        return read_table(options.scores), options.scores
    if kowalski is None:
        raise KowalskiError("without Kowalski give --scores FILE")
    catalogue = options.catalogue or kowalski.latest(SCORES)
    rule = options.rule
    found = kowalski.disagreeing(catalogue, options.tags, rule.high, rule.low)
    logger.info("%d light curves of %s", len(found), catalogue)
    return pd.DataFrame(found), Path(f"{catalogue}.csv")


def _with_features(
    found: pd.DataFrame, options: Options, kowalski: KowalskiClient | None
) -> pd.DataFrame:
    """Add the feature statistics that are known of the light curves, none that is there already."""
    if options.features is not None:
        table = read_table(options.features, _features_in(options.features, found))
    elif kowalski is not None and len(found):
        wanted = [name for name in options.feature_names if name not in found]
        ids = found["_id"].drop_duplicates().tolist()
        try:
            catalogue = kowalski.latest(FEATURES)
        except KowalskiError as error:
            logger.warning("%s", error)
            return found
        table = pd.DataFrame(kowalski.features(catalogue, ids, wanted), columns=["_id", *wanted])
    else:
        return found
    # A left join on unique ids: the number of disagreements cannot change.
    return found.merge(table.drop_duplicates("_id"), on="_id", how="left")


def _features_in(path: Path, found: pd.DataFrame) -> list[str]:
    present = column_names(path)
    if "_id" not in present:
        raise DataError(f"{path}: no column '_id' that says which light curve a row is about")
    return ["_id", *(name for name in present if name not in found and name != "dmdt")]


def _names(candidates: Sequence[Candidate], found: pd.DataFrame) -> list[str]:
    """Return the name of the candidate of each disagreement."""
    names = {int(row["_id"]): one.name for one in candidates for row in one.rows}
    return [names[int(one)] for one in found["_id"]] if len(found) else []


def _more(found: pd.DataFrame) -> list[str]:
    return [name for name in ("period", "tag", "dnn", "xgb", "sure") if name in found]
