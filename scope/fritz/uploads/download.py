"""The tool download-classification: what Fritz says of the sources of a table."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from scope.base.constants import DMDT
from scope.fritz import FritzClient, Source
from scope.fritz.uploads.apply import WORKERS
from scope.fritz.uploads.curves import CurveSource
from scope.fritz.uploads.inputs import Rows, data_set_name, read_rows
from scope.fritz.uploads.lookup import SourceLookup
from scope.fritz.uploads.operations import Operation, Place, put_photometry, save_source
from scope.fritz.uploads.progress import progress_bar
from scope.fritz.uploads.results import SourceResult, header, results_path, write_results
from scope.fritz.uploads.search_cache import SearchCache
from scope.fritz.uploads.session import (
    Job,
    Uploaded,
    check_complete,
    ledger_path,
    light_curves,
    upload,
)
from scope.tables.reading import CSV_SUFFIXES

AT_ONCE = 50  # places whose answers are kept together
BETWEEN = "; "  # classifications of one source
ADDED = ("obj_id", "classification", "probability", "status", "message")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """What to look up.

    Attributes
    ----------
    group_ids : groups to save the sources to; empty: nothing is written on the server
    taxonomy_ids : taxonomies whose classes are wanted; empty: all
    light_curves : of sources that are not on Fritz and shall be created in the groups
    out, ledger : files; None: next to `source`
    """

    source: Path
    group_ids: list[int]
    taxonomy_ids: list[int]
    radius_arcsec: float
    light_curves: Path | None = None
    out: Path | None = None
    ledger: Path | None = None


def run(client: FritzClient, options: Options) -> Path:
    """Look a table's sources up, save them to the groups, write what they are classified as.

    Returns the file of the results: the table with the columns `ADDED`.

    Raises
    ------
    UploadError : a source could not be saved; the results are there all the same
    ScopeError : the table, the groups or the server are not as needed
    """
    out = results_path(options.source, "downloaded", options.out)
    rows = read_rows(options.source, options.radius_arcsec)
    if options.group_ids:
        client.check_groups(options.group_ids)
    else:
        # Only to find a wrong token before an hour of searches.
        client.groups()
    question = f"{client.url} {options.radius_arcsec:g}"
    with SearchCache(out.with_name(out.name + ".partial"), question) as cache:
        look_up(client, rows.places, options.radius_arcsec, cache)
        saved = _save(client, rows, cache, options) if options.group_ids else None
        results = saved.results if saved else {}
        table = with_classifications(rows, cache, results, options.taxonomy_ids)
        if out.name.endswith(CSV_SUFFIXES):
            # In CSV histograms would be most of the file.
            table = table.drop(columns=DMDT, errors="ignore")
        write_results(table, header(client.url, options.source), out)
        if saved:
            check_complete(saved)
        cache.finish()
    counts = table["status"].value_counts()
    logger.info("%s", ", ".join(f"{number} {name}" for name, number in counts.items()))
    return out


def look_up(
    client: FritzClient, places: Sequence[Place], radius_arcsec: float, cache: SearchCache
) -> None:
    """Put into `cache` the sources on the server at each place that it has no answer for."""
    known = cache.names()
    missing = [one for one in places if one.name not in known]
    if known:
        logger.info("%d of %d places are kept from an earlier run", len(known), len(places))
    n_known = len(places) - len(missing)
    counts = {"found": 0}
    with ThreadPoolExecutor(WORKERS) as pool, progress_bar(len(places), n_known) as step:
        lookup = SourceLookup(client, radius_arcsec, pool)
        lookup.list_if_cheaper(missing)
        for start in range(0, len(missing), AT_ONCE):
            found = lookup.at(missing[start : start + AT_ONCE])
            cache.put(found)
            counts["found"] += sum(bool(one) for one in found.values())
            step(counts, start + len(found))


def with_classifications(
    rows: Rows, cache: SearchCache, results: dict[str, SourceResult], taxonomy_ids: Sequence[int]
) -> pd.DataFrame:
    """Return the table with what is known of each row's source.

    Several classes stand in one cell, the most probable first, with their probabilities in the
    same order; a class that several people gave stands once, with the highest of them. Columns
    of the table that are called so already get `_given` at their end.
    """
    names = {str(name): f"{name}_given" for name in rows.table.columns if name in ADDED}
    table = rows.table.rename(columns=names)
    described = [_described(place, cache, results, taxonomy_ids) for place in rows.places]
    for number, name in enumerate(ADDED):
        values = [described[source][number] for source in rows.source.tolist()]
        table[name] = pd.array(values, dtype="str")
    return table


def classes_of(source: Source, taxonomy_ids: Sequence[int] = ()) -> list[tuple[str, float | None]]:
    """Return a source's classes with their probabilities, the most probable first."""
    best: dict[str, float | None] = {}
    for one in source.classifications:
        if not taxonomy_ids or one.taxonomy_id in taxonomy_ids:
            known = best.get(one.name)
            given = one.probability
            best[one.name] = given if known is None else max(known, given or 0.0)
    # Without a probability behind all that have one; equal ones by name.
    return sorted(best.items(), key=lambda one: (-1.0 if one[1] is None else -one[1] - 1.0, one[0]))


def _described(
    place: Place, cache: SearchCache, results: dict[str, SourceResult], taxonomy_ids: Sequence[int]
) -> tuple[str, str, str, str, str]:
    found = cache.get(place.name)
    result = results.get(place.name)
    obj_id = result.obj_id if result else ""
    source = next((one for one in found if one.obj_id == obj_id), found[0] if found else None)
    if source is None:
        status, message = (result.status, result.message) if result else ("not found", "")
        return obj_id, "", "", status, message
    classes = classes_of(source, taxonomy_ids)
    others = ", ".join(one.obj_id for one in found if one is not source)
    notes = [] if classes else ["no classification"]
    notes += [f"also within the radius: {others}"] if others else []
    notes += [result.message] if result and result.message else []
    return (
        source.obj_id,
        BETWEEN.join(name for name, _ in classes),
        BETWEEN.join("" if value is None else f"{value:g}" for _, value in classes),
        result.status if result and result.status != "unchanged" else "found",
        BETWEEN.join(notes),
    )


def _save(client: FritzClient, rows: Rows, cache: SearchCache, options: Options) -> Uploaded:
    name = data_set_name(options.source)
    ledger = options.ledger or ledger_path(options.source.parent, f"{name}.saved", client.url)
    job = Job(ledger, options.radius_arcsec)
    known = {one.name: cache.get(one.name) for one in rows.places}
    supply = light_curves(client, options.light_curves, rows.places, options.radius_arcsec)
    with supply as curve_source:
        planned = _plan(rows, known, options, curve_source)
        return upload(client, planned, job, curve_source, known)


def _plan(
    rows: Rows, known: dict[str, list[Source]], options: Options, curve_source: CurveSource | None
) -> Iterator[Operation]:
    """Yield: the sources that are on Fritz are in the groups, and those with light curves, too."""
    for place in rows.places:
        if known[place.name]:
            yield save_source(place, options.group_ids)
        elif curve_source is not None and curve_source.curves(place):
            yield save_source(place, options.group_ids)
            yield put_photometry(place, options.group_ids)
