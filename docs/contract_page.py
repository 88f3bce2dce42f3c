"""Write docs/data-contract.md from the code and params.yaml: `make contract`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import jinja2

from scope.base.constants import DMDT
from scope.base.params import read_section
from scope.config.dataset import DatasetParams, union_of
from scope.config.disagreements import DisagreementParams
from scope.config.features import FeatureParams
from scope.config.taxonomy import Taxonomy, TaxonomyEntry, label_names
from scope.config.training import read_class
from scope.config.validation import ValidationParams
from scope.data import contract_table as columns
from scope.data.contract import (
    DMDT_FINITE,
    DMDT_LENGTH,
    DMDT_NORM,
    Contract,
    Rule,
    labels_of,
    members_column,
    rules_of,
)
from scope.data.fetch import NO_LIGHT_CURVE, NO_OBJECT, wanted_columns
from scope.data.splits import CARRIED_ABOVE
from scope.disagreements.rule import FOUND, KEYS
from scope.features import definitions
from scope.lightcurves.points import CONSTANT, NO_BASELINE, too_few
from scope.models.prediction import CARRIED, SCORES
from scope.reports.disagreement_page import DECIMALS, OTHER

ROOT = Path(__file__).parent.parent
PARAMS = ROOT / "params.yaml"
PAGE = ROOT / "docs/data-contract.md"
TEMPLATE = ROOT / "docs/contract.md.j2"
SIDES = ("positives", "negatives")
MUST_BE = "must be (validate)"
KNOWN = {one.name: one for one in columns.WHERE_AND_WHAT}


def render() -> str:
    """Return the page for the parameters of params.yaml."""
    contract = read_contract()
    features = read_section("features", FeatureParams, PARAMS)
    rule = read_section("disagreements", DisagreementParams, PARAMS)
    template = jinja2.Template(
        TEMPLATE.read_text(encoding="utf-8"),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    return template.render(
        what_and_where=what_and_where(contract),
        dmdt=DMDT,
        histogram=definitions.HISTOGRAM,
        fourier=definitions.FOURIER_MODEL,
        hump=definitions.HUMP_MODEL,
        reader=columns.NUMBER,
        every_feature=_list(_every_feature(contract)),
        light_curve_features=light_curve_features(contract),
        catalogue_features=catalogue_features(contract),
        label=columns.LABEL,
        every_label=_list(_every_label(contract)),
        carried_above=f"{CARRIED_ABOVE:g}",
        labels=labels(contract),
        classes=classes(contract),
        photometry=photometry(),
        first_day=f"{features.time_range[0]:g}",
        last_day=f"{features.time_range[1]:g}",
        gap=f"{features.min_gap_minutes:g}",
        reasons=_list(reasons(features)),
        n_carried=len(CARRIED),
        predictions=predictions(),
        high=f"{rule.high:g}",
        low=f"{rule.low:g}",
        radius=f"{rule.radius_arcsec:g}",
        disagreements=disagreements(),
        forms=forms(),
    )


def read_contract() -> Contract:
    """Return what params.yaml asks of the training table, as the stage validate has it."""
    dataset = read_section("dataset", DatasetParams, PARAMS)
    tags = read_section("classes", list[str], PARAMS)
    tree = read_section("taxonomy", dict[str, dict[str, TaxonomyEntry]], PARAMS)
    return Contract(
        params=read_section("validation", ValidationParams, PARAMS),
        features=union_of(dataset.feature_sets),
        classes={tag: read_class(tag, PARAMS) for tag in tags},
        labels=list(label_names(dataset, PARAMS)),
        taxonomy=Taxonomy(tree),
    )


def wanted_features() -> tuple[str, ...]:
    """Return every feature that a table may hold, in order."""
    dataset = read_section("dataset", DatasetParams, PARAMS)
    return wanted_columns(dataset, (), dmdt=True).features


def rules_by_column(contract: Contract) -> dict[str, list[Rule]]:
    """Return the rules for a table that has every column, by the column that they are about."""
    numbers = ("ra", "dec", "period", *contract.features, *contract.labels)
    kinds = dict.fromkeys((*numbers, DMDT, DMDT_LENGTH, DMDT_FINITE, DMDT_NORM), "float64")
    members = [members_column(tag, side) for tag in contract.classes for side in SIDES]
    kinds |= dict.fromkeys(("_id", *members), "int64")
    found: dict[str, list[Rule]] = {}
    for rule in rules_of(contract, kinds):
        found.setdefault(rule.column, []).append(rule)
    return found


def what_and_where(contract: Contract) -> str:
    """Return the table of the columns that say what and where a light curve is."""
    needed = {one.column for one in rules_of(contract, {})}
    rules = rules_by_column(replace(contract, features=[]))
    for name, part in {DMDT_LENGTH: "length", DMDT_FINITE: "finiteness", DMDT_NORM: "norm"}.items():
        rules[DMDT] += [replace(one, text=f"its {part} {one.text}") for one in rules[name]]
    rows = []
    for one in (*columns.WHERE_AND_WHAT, columns.HISTOGRAM):
        found = _said(rules.get(one.name, ()))
        if one.name in needed and "there" not in found:
            found = f"there; {found}"
        if one.name in contract.features and one.name not in rules:
            found = f"{_special(one.name, contract)}, as a feature"
        kind = f"{one.kind}, {one.unit}" if one.unit else one.kind
        rows.append([f"`{one.name}`", kind, one.meaning, one.reader, found])
    return _table(("column", "type, unit", "what it is", "reader", MUST_BE), rows)


def light_curve_features(contract: Contract) -> str:
    """Return the table of the features that are computed from light curves."""
    rows = []
    for name, one in definitions.DEFINITIONS.items():
        shown = f"`{name}`" if name in contract.features else f"*`{name}`*"
        formula = f"`{one.formula}`; {one.remark}" if one.remark else f"`{one.formula}`"
        rows.append([shown, one.unit, formula, _special(name, contract), one.source])
    return _table(("column", "unit", "formula", MUST_BE, "source"), rows)


def catalogue_features(contract: Contract) -> str:
    """Return the table of the features that other catalogues give."""
    rows = [
        [f"`{name}`", one.unit, one.meaning, _special(name, contract), one.source]
        for name in wanted_features()
        for one in columns.CATALOGUES
        if fnmatchcase(name, one.name)
    ]
    return _table(("column", "unit", "what it is", MUST_BE, "source"), rows)


def labels(contract: Contract) -> str:
    """Return the table of the labels."""
    implied = dict(contract.taxonomy.implications(contract.labels))
    rows = [
        [
            f"`{name}`",
            f"`{implied[name]}`" if name in implied else "",
            ", ".join(tag for tag, one in contract.classes.items() if name in labels_of(one)),
        ]
        for name in contract.labels
    ]
    return _table(("column", "implies", "classes"), rows)


def classes(contract: Contract) -> str:
    """Return the table of how many light curves a class needs."""
    rules = rules_by_column(contract)
    rows = [
        [f"`{tag}`", *(_said(rules[members_column(tag, side)]) for side in SIDES)]
        for tag in contract.classes
    ]
    return _table(("class", *SIDES), rows)


def photometry() -> str:
    """Return the table of the columns of the file of points."""
    rows = [
        [f"`{one.name}`", one.kind, one.unit, one.meaning, one.reader] for one in columns.PHOTOMETRY
    ]
    return _table(("column", "type", "unit", "what it is", "reader"), rows)


def reasons(params: FeatureParams) -> list[str]:
    """Return the reasons for which a light curve is dropped, as they are written."""
    of_points = (too_few(params.min_points), CONSTANT, NO_BASELINE)
    return [f"`{one}`" for one in (*of_points, NO_LIGHT_CURVE, NO_OBJECT)]


def predictions() -> str:
    """Return the table of the columns of build/predictions.parquet."""
    rows = [
        [f"`{name}`", KNOWN[name].kind, KNOWN[name].unit, KNOWN[name].meaning] for name in CARRIED
    ]
    rows += [[_names(name), "float32", "", text] for name, text in SCORES.items()]
    return _table(("column", "type", "unit", "what it is"), rows)


def disagreements() -> str:
    """Return the table of the columns of build/disagreements.parquet."""
    rows = [[f"`{name}`", KNOWN[name].unit, KNOWN[name].meaning] for name in KEYS]
    rows += [[f"`{name}`", "", text] for name, text in FOUND.items()]
    rows += [["every feature of the feature sets", "as above", "that of the light curve"]]
    return _table(("column", "unit", "what it is"), rows)


def forms() -> str:
    """Return how the numbers of report.csv are written."""
    by_form: dict[str, list[str]] = {}
    for name, form in DECIMALS.items():
        by_form.setdefault(form, []).append(f"`{name}`")
    said = [f"{' and '.join(names)} as `{form}`" for form, names in by_form.items()]
    return ", ".join([*said, f"all others as `{OTHER}`"])


def _every_feature(contract: Contract) -> list[Rule]:
    """Return the rules that each feature has, beside that it is there."""
    rules = rules_by_column(contract)
    first, *others = ([_key(one) for one in rules[name]] for name in contract.features)
    return [
        one
        for one in rules[contract.features[0]]
        if _key(one) in first and all(_key(one) in found for found in others)
    ]


def _every_label(contract: Contract) -> list[Rule]:
    rules = rules_by_column(contract)
    return [one for one in rules[contract.labels[0]] if one.severity == "critical"]


def _special(name: str, contract: Contract) -> str:
    """Return what is asked of a feature beyond what is asked of all."""
    shared = [_key(one) for one in _every_feature(contract)]
    found = rules_by_column(replace(contract, features=[name]))[name]
    return _said(one for one in found if _key(one) not in shared)


def _key(rule: Rule) -> tuple[str, str]:
    return rule.severity, rule.text


def _said(rules: Iterable[Rule]) -> str:
    """Return what must be, without "is"; a rule is critical unless it says otherwise."""
    texts = [
        re.sub(r"^(is|are) (of )?", "", one.text)
        + (" (warning)" if one.severity == "warning" else "")
        for one in rules
    ]
    return "; ".join(texts)


def _names(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split(", "))


def _list(items: Iterable[str | Rule]) -> str:
    said = [one if isinstance(one, str) else f"{one.severity}: {one.text}" for one in items]
    return "\n".join(f"- {one}" for one in said)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
