"""What the page of a run shows, from the outputs of the pipeline."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from scope.base.errors import DataError
from scope.base.settings import parse
from scope.config.dataset import DatasetParams
from scope.config.taxonomy import TaxonomyEntry
from scope.data.scaling import Scaling
from scope.disagreements.candidates import group_candidates
from scope.disagreements.rule import Summary
from scope.evaluation.documents import read_judged
from scope.reports.figures import score_plane, sky_map
from scope.reports.light_curves import Catalogue, drawn_curves
from scope.reports.run_classes import class_sections, class_tree
from scope.reports.run_colour_magnitude import diagram
from scope.reports.run_params import changed_params
from scope.reports.run_reasons import explain
from scope.reports.source_cards import source_cards
from scope.tables.reading import read_table
from scope.tracking.workspace import fetched_md5

MAX_BROKEN = 50


@dataclass(frozen=True)
class Inputs:
    """The outputs of the pipeline that the page is made of, as paths.

    Attributes
    ----------
    judged, models : folders with a document and with models a class
    lightcurves : photometry of the catalogue; None where there is none
    receipt : of the upload to Fritz
    """

    judged: Path
    models: Path
    scaling: Path
    disagreements: Path
    catalogue: Path
    lightcurves: Path | None
    validation: Path
    receipt: Path


def content(inputs: Inputs, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that the page shows; `params` are all parameters.

    Raises
    ------
    DataError, ModelError : an output is missing or does not fit the others
    """
    taxonomy = parse(params["taxonomy"], dict[str, dict[str, TaxonomyEntry]], "taxonomy")
    names = {tag: entry.name for tree in taxonomy.values() for tag, entry in tree.items()}
    documents = read_judged(inputs.judged, params["classes"])
    summary = Summary.from_json(inputs.disagreements.with_suffix(".json"))
    found = read_table(inputs.disagreements)
    receipt = _read(inputs.receipt)
    return {
        "data_set": params["dataset"]["name"],
        "files": fetched_md5(),
        "params": changed_params(params),
        "validation": _validation(_read(inputs.validation)),
        "classes": class_sections(documents, names, summary.counts),
        "tree": class_tree(taxonomy),
        "confidence": params["evaluate"]["confidence"],
        "summary": {
            "light_curves": summary.light_curves,
            "disagreements": len(found),
            "known": summary.known,
            "removed": summary.removed,
            "high": summary.high,
            "low": summary.low,
        },
        "fritz": {"mode": receipt["mode"], "sources": receipt["sources"]},
        "plane": score_plane(found, summary),
        **_sources(found, inputs, params, names, receipt.get("uploaded", {})),
    }


def _sources(
    found: pd.DataFrame,
    inputs: Inputs,
    params: Mapping[str, Any],
    names: Mapping[str, str],
    uploaded: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the cards of the sources, and where in the figures each of them is."""
    dataset = parse(params["dataset"], DatasetParams, "dataset")
    table = read_table(inputs.catalogue)
    candidates = group_candidates(found, params["disagreements"]["radius_arcsec"])
    wanted = table[table["_id"].isin(found["_id"])]
    catalogue = Catalogue.of(wanted, inputs.lightcurves, dataset.columns)
    curves = drawn_curves(candidates, catalogue)
    reasons = explain(found, catalogue, inputs.models, Scaling.from_json(inputs.scaling))
    cards = source_cards(candidates, names, uploaded, curves, reasons)
    light_curves = [[int(row["_id"]) for row in one.rows] for one in candidates]
    return {
        "plane_sources": _sources_of_points(found, light_curves),
        "sky": sky_map(candidates),
        "colours": diagram(table, light_curves),
        "cards": [asdict(one) for one in cards],
    }


def _sources_of_points(found: pd.DataFrame, light_curves: Sequence[Sequence[int]]) -> list[int]:
    """Return the number of the source of each point of the score plane."""
    source = {one: number for number, ids in enumerate(light_curves) for one in ids}
    return [source[int(one)] for one in found["_id"]]


def _validation(results: Mapping[str, Any]) -> dict[str, Any]:
    broken = [one for one in results["results"] if not one["success"]]
    return {
        **{name: results[name] for name in ("rows", "rules", "critical", "warnings", "dropped")},
        "broken": [
            {name: one[name] for name in ("severity", "column", "rule", "count")}
            for one in broken[:MAX_BROKEN]
        ],
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error}); rerun the stage it is of") from error
    return document
