"""Hold a training table against the data contract with Great Expectations."""

import json
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from scope.base.stage import quiet_environment
from scope.data.contract import Contract, Rule, rules_of
from scope.data.contract_columns import columns_for

NAME = "training"


@dataclass(frozen=True)
class Finding:
    """How one rule fared.

    Attributes
    ----------
    holds : whether the table keeps to the rule
    count : rows that break it; None where it is about the column as a whole
    observed : what was found where it is about the column as a whole
    examples : the first rows that break it: `_id` and `value`
    """

    rule: Rule
    holds: bool
    count: int | None
    observed: Any
    examples: list[dict[str, Any]]


@dataclass(frozen=True)
class Report:
    """How a table fared: findings in the order of the rules, and what the Data Docs show.

    `validation` is the result of Great Expectations as JSON, without its run times and ids.
    """

    n_rows: int
    findings: list[Finding]
    validation: dict[str, Any]

    def broken(self, severity: str) -> list[Finding]:
        """Return the findings of one severity that do not hold."""
        return [one for one in self.findings if one.rule.severity == severity and not one.holds]


def check(frame: pd.DataFrame, contract: Contract) -> Report:
    """Check every rule of the contract; nothing is raised for a rule that is broken."""
    columns = columns_for(frame, contract)
    rules = rules_of(contract, {str(name): kind.name for name, kind in columns.dtypes.items()})
    validation = _validate(columns, rules, contract.params.example_rows)
    results = {one["expectation_config"]["meta"]["rule"]: one for one in validation["results"]}
    findings = [_finding(rule, results[number], columns) for number, rule in enumerate(rules)]
    return Report(len(frame), findings, validation)


def _validate(columns: pd.DataFrame, rules: Sequence[Rule], n_examples: int) -> dict[str, Any]:
    """Return the validation result as JSON, the same to the byte for the same table."""
    quiet_environment()  # it is read when Great Expectations is imported
    import great_expectations as gx
    from great_expectations.data_context.types import base

    logging.getLogger(base.__name__).setLevel(logging.WARNING)  # it names a temporary folder
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = base.ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas(NAME).add_dataframe_asset(NAME)
    definition = asset.add_batch_definition_whole_dataframe(NAME)
    batch = definition.get_batch(batch_parameters={"dataframe": columns})
    expectations = [_expectation(gx, rule, number) for number, rule in enumerate(rules)]
    suite = gx.ExpectationSuite(name="data contract", expectations=expectations)
    form = {"result_format": "SUMMARY", "partial_unexpected_count": n_examples}
    result: Any = batch.validate(suite, result_format=form)
    validation: dict[str, Any] = json.loads(json.dumps(result.to_json_dict(), default=_plain))
    version = validation["meta"]["great_expectations_version"]
    validation["meta"] = {"great_expectations_version": version}
    validation["results"].sort(key=lambda one: one["expectation_config"]["meta"]["rule"])
    return validation


def _expectation(gx: Any, rule: Rule, number: int) -> Any:
    arguments = dict(rule.arguments)
    if "column_A" in arguments:
        arguments["ignore_row_if"] = "either_value_is_missing"
    else:
        arguments["column"] = rule.column
    return getattr(gx.expectations, rule.expectation)(
        **arguments,
        severity=rule.severity,
        meta={"rule": number},
        notes=f"{rule.severity}: {rule.text}",
    )


def _finding(rule: Rule, result: dict[str, Any], columns: pd.DataFrame) -> Finding:
    found = result["result"]
    raised = result["exception_info"].get("exception_message")
    observed = found.get("observed_value") if raised is None else raised
    values = found.get("partial_unexpected_list", [])
    examples = _examples(rule, values, columns) if values else []
    return Finding(rule, result["success"], found.get("unexpected_count"), observed, examples)


def _examples(rule: Rule, values: list[Any], columns: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the first rows that hold the offending values, as many as there are values.

    Every row with such a value breaks the rule. Great Expectations could name the rows itself,
    but takes 0.1 ms for each of all that break it: 15 s where a whole column is wrong.
    """
    names = [rule.arguments[key] for key in ("column_A", "column_B") if key in rule.arguments]
    looked_at = columns[names or [rule.column]]
    if names:
        offending = pd.MultiIndex.from_frame(looked_at).isin([tuple(pair) for pair in values])
    elif values[0] is None:
        offending = looked_at[rule.column].isna().to_numpy()
    else:
        offending = looked_at[rule.column].isin(values).to_numpy()
    rows = offending.nonzero()[0][: len(values)]
    ids = columns["_id"].iloc[rows].tolist() if "_id" in columns else [None] * len(rows)
    shown = looked_at.iloc[rows, -1].tolist()
    return [{"_id": one, "value": _finite(value)} for one, value in zip(ids, shown, strict=True)]


def _plain(value: Any) -> Any:
    """Return a NumPy number as one of Python, as JSON and the renderers of the Data Docs need."""
    return value.item()


def _finite(value: Any) -> Any:
    """Return a value that JSON can hold: null for NaN, words for an infinity."""
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value
