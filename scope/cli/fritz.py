"""The commands that talk to Fritz: they parse and call, nothing else."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from scope.base.errors import ConfigError
from scope.base.params import read_section
from scope.cli.options import (
    CURVES,
    DRY_RUN,
    GROUPS,
    LEDGER,
    OUT,
    RADIUS,
    SOURCE,
    TAXONOMY,
    File,
    command,
    options,
)
from scope.config.dataset import DatasetParams
from scope.config.disagreements import DisagreementParams
from scope.config.fritz import FritzParams
from scope.config.taxonomy import TaxonomyEntry
from scope.config.training import read_classes
from scope.fritz.plan import operations
from scope.fritz.uploads import annotating, download, find_disagreements
from scope.fritz.uploads import upload_classification as uploading
from scope.fritz.uploads.inputs import data_set_name
from scope.fritz.uploads.plan_table import plan_table
from scope.fritz.uploads.session import connect
from scope.fritz.uploads.tree import outline, read_tree, write_tree

logger = logging.getLogger(__name__)


@command("download-classification")
@options(SOURCE, GROUPS, TAXONOMY, RADIUS, CURVES, OUT, LEDGER)
def download_classification(
    group_ids: list[int] | None, taxonomy_ids: list[int] | None, **given: Any
) -> None:
    """Look up a table's sources on Fritz and append what they are classified as.

    With --group-ids the sources are also saved to these groups; one that is not on Fritz is then
    created from its light curves, where there are any.
    """
    chosen = download.Options(group_ids=group_ids or [], taxonomy_ids=taxonomy_ids or [], **given)
    with connect() as client:
        _say_where(download.run(client, chosen))


@command("upload-classification")
@options(
    SOURCE,
    GROUPS,
    TAXONOMY,
    click.option(
        "--classification",
        required=True,
        help="Class of all rows, or 'read' to take each row's label columns.",
    ),
    click.option(
        "--above",
        type=click.FloatRange(0.0, 1.0),
        default=0.0,
        show_default=True,
        help="Upload the labels whose probability is above this.",
    ),
    click.option("--ml", is_flag=True, help="Say on Fritz that a machine classified."),
    *(RADIUS, CURVES, OUT, LEDGER, DRY_RUN),
)
def upload_classification(
    group_ids: list[int] | None, taxonomy_ids: list[int] | None, dry_run: bool, **given: Any
) -> None:
    """Save a table's sources to groups on Fritz and post their classifications.

    With --classification read the label columns (conf/reference/fritz_labels.yaml) are posted
    with their probabilities, otherwise NAME with the probability in a column of that name.
    """
    chosen = uploading.Options(
        group_ids=_groups(group_ids), taxonomy_ids=_taxonomies(taxonomy_ids), **given
    )
    with connect() as client:
        if dry_run:
            prepared = uploading.prepare(client, chosen)
            _show(uploading.plan(prepared, chosen, curves=chosen.light_curves is not None))
            return
        _say_where(uploading.run(client, chosen))


@command("upload-disagreements")
@options(
    click.option(
        "--dataset", type=File, required=True, help="Training set; its sources are left out."
    ),
    click.option(
        "--scores", type=File, help="_id, ra, dec, TAG_dnn, TAG_xgb.  [default: Kowalski]"
    ),
    click.option("--features", type=File, help="Statistics by _id.  [default: Kowalski]"),
    click.option("--catalogue", help="Of the scores on Kowalski.  [default: the latest]"),
    click.option(
        "--high", type=click.FloatRange(0.0, 1.0), help="Sure.  [default: disagreements.high]"
    ),
    click.option(
        "--low", type=click.FloatRange(0.0, 1.0), help="Denies.  [default: disagreements.low]"
    ),
    *(GROUPS, RADIUS, CURVES, OUT, LEDGER, DRY_RUN),
)
def upload_disagreements(
    group_ids: list[int] | None,
    high: float | None,
    low: float | None,
    radius_arcsec: float,
    dry_run: bool,
    **given: Any,
) -> None:
    """Save the sources of which one algorithm is sure and the other denies to groups on Fritz.

    Scores and feature statistics come from files or from Kowalski, where it answers. Sources of
    the training set are left out; each of the others is annotated with its scores.
    """
    rule = read_section("disagreements", DisagreementParams)
    features = read_section("dataset", DatasetParams).feature_sets.values()
    chosen = find_disagreements.Options(
        rule=DisagreementParams(
            high=rule.high if high is None else high,
            low=rule.low if low is None else low,
            radius_arcsec=radius_arcsec,
        ),
        tags=tuple(read_classes()),
        feature_names=tuple(dict.fromkeys(name for names in features for name in names)),
        group_ids=_groups(group_ids),
        **given,
    )
    if dry_run:
        found = find_disagreements.find(chosen)
        name, curves = data_set_name(found.source), chosen.light_curves is not None
        _show(operations(found.candidates, chosen.group_ids, name, {}, curves=curves))
        return
    with connect() as client:
        _say_where(find_disagreements.run(client, chosen))


@command("post-taxonomy")
@options(
    click.option("--file", "source", type=File, default="conf/tdtax/scope.yaml", show_default=True),
    click.option("--name", default="SCoPe", show_default=True),
    click.option("--version", "tree_version", required=True, help="Of the tree, such as 1.0."),
    *(GROUPS, DRY_RUN),
)
def post_taxonomy(
    source: Path, name: str, tree_version: str, group_ids: list[int] | None, dry_run: bool
) -> None:
    """Post a class tree in the form of tdtax (needs the permission 'Post taxonomy').

    A version of a name that is there with the same tree is left.
    """
    hierarchy = read_tree(source)
    if dry_run:
        click.echo(outline(hierarchy))
        return
    with connect() as client:
        groups = _groups(group_ids)
        client.check_groups(groups)
        written = client.post_taxonomy(name, tree_version, hierarchy, groups)
    logger.info("%s %s: %s, taxonomy id %d", name, tree_version, written.outcome, written.server_id)


@command("tree")
@options(
    click.option("--out", type=File, default="conf/tdtax/scope.yaml", show_default=True),
)
def tree(out: Path) -> None:
    """Write the class tree of conf/reference/taxonomy.yaml in the form of tdtax."""
    write_tree(read_section("taxonomy", dict[str, dict[str, TaxonomyEntry]]), out)


@command("annotate")
@options(
    click.argument("obj_id"),
    click.option("--origin", required=True, help="Whose annotation it is, such as scope-mine."),
    click.option("--data", multiple=True, metavar="KEY=VALUE", help="Once or several times."),
    click.option("--delete", is_flag=True, help="Remove the annotation of this origin."),
    GROUPS,
)
def annotate(
    obj_id: str, origin: str, data: tuple[str, ...], delete: bool, group_ids: list[int] | None
) -> None:
    """Post, update or delete the annotation of one origin of the source OBJ_ID.

    An update keeps the keys that are not named; KEY= alone removes one.
    """
    with connect() as client:
        if delete:
            outcome = annotating.delete(client, obj_id, origin)
        else:
            changes = annotating.parse(data)
            groups = _groups(group_ids)
            client.check_groups(groups)
            outcome = annotating.change(client, obj_id, origin, changes, groups)
    logger.info("%s, %s: %s", obj_id, origin, outcome)


def _groups(given: list[int] | None) -> list[int]:
    """Return the groups that were typed, or else those of the configuration."""
    found = read_section("fritz", FritzParams).group_ids if given is None else given
    if not found:
        raise ConfigError("no groups: name them with --group-ids or in fritz.group_ids")
    return found


def _taxonomies(given: list[int] | None) -> list[int]:
    if given is not None:
        return given
    known = read_section("fritz", FritzParams).taxonomy_id
    return [] if known is None else [known]


def _say_where(path: Path) -> None:
    logger.info("results: %s", path)


def _show(operations: Iterable[Any]) -> None:
    """Show a plan as a table."""
    Console().print(plan_table(operations))
