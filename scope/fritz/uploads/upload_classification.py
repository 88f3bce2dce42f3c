"""The tool upload-classification: a table of labels to classifications on Fritz."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scope.base.hashing import file_md5
from scope.base.params import read_section
from scope.config.fritz import LabelMapParams
from scope.fritz import FritzClient
from scope.fritz.errors import UploadError
from scope.fritz.uploads import classify
from scope.fritz.uploads.classify import SourceClasses, Target
from scope.fritz.uploads.inputs import Rows, check_ids, data_set_name, periods_of, read_rows
from scope.fritz.uploads.labels import LabelMap, taxonomy_of
from scope.fritz.uploads.operations import Operation, origin_of
from scope.fritz.uploads.provenance import provenance
from scope.fritz.uploads.results import header, results_path, table_of, write_results
from scope.fritz.uploads.session import (
    Job,
    check_complete,
    ledger_path,
    light_curves,
    row_results,
    upload,
)

READ = "read"  # the classification that stands for the label columns


@dataclass(frozen=True)
class Options:
    """What to upload and where to.

    Attributes
    ----------
    classification : the class of all rows, or "read" for the label columns
    taxonomy_ids : where the classes are looked up; empty: by the names in fritz_labels
    above : a label of at most this probability is not uploaded
    light_curves, out, ledger : files; None: Kowalski, and next to `source`
    """

    source: Path
    classification: str
    group_ids: list[int]
    taxonomy_ids: list[int]
    radius_arcsec: float
    above: float = 0.0
    ml: bool = False
    light_curves: Path | None = None
    out: Path | None = None
    ledger: Path | None = None

    @property
    def origin(self) -> str:
        """Return what the annotations and classifications are marked with."""
        return origin_of(data_set_name(self.source))


@dataclass(frozen=True)
class Prepared:
    """A table that was read and checked, and what it says."""

    rows: Rows
    classes: SourceClasses


def prepare(client: FritzClient, options: Options) -> Prepared:
    """Read and check everything that an upload needs; nothing is written anywhere.

    Raises
    ------
    DataError : the table breaks a rule
    ConfigError : a group, a taxonomy or a class is not on the server
    FritzError : the server cannot be asked
    """
    rows = read_rows(options.source, options.radius_arcsec)
    check_ids(rows.table, options.source)
    periods_of(rows.table, options.source)
    client.check_groups(options.group_ids)
    taxonomies = [taxonomy_of(one) for one in client.taxonomies()]
    labels = LabelMap(
        read_section("fritz_labels", LabelMapParams), taxonomies, options.taxonomy_ids
    )
    if options.classification == READ:
        by_row = classify.classes_by_label(rows, labels, options.above, options.source)
    else:
        meant = labels.of_class(options.classification)
        by_row = classify.classes_by_name(rows, meant, options.source)
    return Prepared(rows, classify.merge_by_source(rows, by_row))


def plan(prepared: Prepared, options: Options, *, curves: bool) -> Iterator[Operation]:
    """Yield the operations of an upload; `curves`: created sources get photometry."""
    target = Target(options.group_ids, options.origin, options.ml, curves)
    made = provenance(file_md5(options.source))
    return classify.plan(prepared.rows, prepared.classes, target, made, options.source)


def run(client: FritzClient, options: Options) -> Path:
    """Upload the classifications of a table; return where the results are.

    Raises
    ------
    UploadError : something was not uploaded; the results say what
    ScopeError : as `prepare`; then nothing was sent
    """
    source = options.source
    out = results_path(source, "uploaded", options.out)
    prepared = prepare(client, options)
    name = data_set_name(source)
    ledger = options.ledger or ledger_path(source.parent, name, client.url)
    job = Job(ledger, options.radius_arcsec)
    places = prepared.rows.places
    supply = light_curves(client, options.light_curves, places, options.radius_arcsec)
    with supply as curve_source:
        operations = plan(prepared, options, curves=curve_source is not None)
        uploaded = upload(client, operations, job, curve_source)
    classes = prepared.classes
    results = row_results(prepared.rows, uploaded.results, classes.status, classes.message)
    write_results(table_of(prepared.rows.table, *results), header(client.url, source), out)
    check_complete(uploaded)
    _check_rows(prepared, out)
    return out


def _check_rows(prepared: Prepared, out: Path) -> None:
    """Raise UploadError where rows were left out that the user may not expect."""
    counts = Counter(prepared.classes.status)
    if counts["conflict"]:
        first = prepared.classes.status.index("conflict")
        raise UploadError(
            f"{counts['conflict']} rows were left out: {prepared.classes.message[first]}; see {out}"
        )
    # With ids, several rows of a source are its light curves, and meant.
    if counts["duplicate"] and "_id" not in prepared.rows.table:
        raise UploadError(
            f"{counts['duplicate']} rows fall on the source of another row and were uploaded once "
            f"(give light curves of one source an _id each to say so); see {out}"
        )
