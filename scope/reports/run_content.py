"""The content of the page, from the outputs of the pipeline."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from scope.disagreements.candidates import group_candidates
from scope.disagreements.rule import Summary
from scope.base.errors import DataError
from scope.evaluation.documents import read_judged
from scope.reports.changed_params import changed_params
from scope.reports.classes import class_sections, class_tree
from scope.reports.colour_magnitude import NEEDED, diagram
from scope.reports.sources import Catalogue, cards, explain
from scope.config.dataset import DatasetParams
from scope.config.taxonomy import TaxonomyEntry
from scope.reports.figures import score_plane, sky_map
from scope.data.scaling import Scaling
from scope.base.settings import parse
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
    dataset = parse(params["dataset"], DatasetParams, "dataset")
    names = {tag: entry.name for tree in taxonomy.values() for tag, entry in tree.items()}
    documents = read_judged(inputs.judged, params["classes"])
    summary = Summary.from_json(inputs.disagreements.with_suffix(".json"))
    found = read_table(inputs.disagreements)
    table = read_table(inputs.catalogue)
    candidates = group_candidates(found, params["disagreements"]["radius_arcsec"])
    catalogue = Catalogue.of(_wanted(table, found), inputs.lightcurves, dataset.columns)
    reasons = explain(found, catalogue, inputs.models, Scaling.from_json(inputs.scaling))
    receipt = _read(inputs.receipt)
    everything = {int(one): place for place, one in enumerate(table["_id"])}
    light_curves = [[int(row["_id"]) for row in one.rows] for one in candidates]
    return {
        "data_set": dataset.name,
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
        "plane_sources": _sources_of_points(found, light_curves),
        "sky": sky_map(candidates),
        "colours": diagram(_gaia(table), everything, light_curves),
        "objects": cards(candidates, catalogue, reasons, receipt.get("uploaded", {})),
    }


def _wanted(table: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    return table[table["_id"].isin(found["_id"])]


def _gaia(table: pd.DataFrame) -> pd.DataFrame:
    return table[[name for name in NEEDED if name in table]]


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
