"""The report on a checked table: results.json, and Data Docs that need nothing from elsewhere."""

import html
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scope.base.files import atomic_dir, write_json
from scope.data.contract_check import Finding, Report

RESULTS_FILE, PAGE_FILE = "results.json", "index.html"
MAX_SHOWN = 20
EXTERNAL = re.compile(
    r"<script\b.*?</script>|<link\b[^>]*>|<img\b[^>]*>|<footer\b.*?</footer>"
    r"|<nav class=\"navbar.*?</nav>\s*</div>\s*</nav>|background: url\('http[^;]*;",
    re.DOTALL,
)
ELSEWHERE = re.compile(r"href=\"\.\./[^\"]*\"")
RANDOM_ID = re.compile(r"-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STYLE = """
body { font-family: sans-serif; margin: 1.5rem; color: #222; background: #fff; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
th, td { border: 1px solid #ccc; padding: .25rem .6rem; text-align: left; vertical-align: top; }
th { background: #f2f2f2; }
.critical { color: #a00; font-weight: bold; }
.warning { color: #a60; font-weight: bold; }
.badge { background: #eee; border-radius: .3rem; padding: 0 .3rem; }
h5, h4 { margin: 1rem 0 .2rem; }
.fa-check-circle::before { content: "holds"; }
.fa-times::before { content: "broken"; color: #a00; font-weight: bold; }
.sticky > .card:first-child { display: none; } /* its buttons need the scripts */
.ge-navigation-sidebar-container, .ge-navigation-sidebar-content { max-height: none !important; }
.ge-navigation-sidebar-content { columns: 14rem auto; }
"""


def write_report(report: Report, dropped: Mapping[str, int], folder: Path) -> None:
    """Write results.json and index.html below `folder`, the same to the byte for the same table.

    Parameters
    ----------
    dropped : how many light curves were left out before, by reason
    """
    with atomic_dir(folder) as temporary:
        write_json(results_of(report, dropped), temporary / RESULTS_FILE)
        (temporary / PAGE_FILE).write_text(_page(report, dropped), encoding="utf-8")


def results_of(report: Report, dropped: Mapping[str, int]) -> dict[str, Any]:
    """Return the content of results.json: the counts, then every rule and how it fared."""
    return {
        "rows": report.n_rows,
        "dropped": dict(dropped),
        "rules": len(report.findings),
        "critical": len(report.broken("critical")),
        "warnings": len(report.broken("warning")),
        "results": [_entry(one) for one in report.findings],
    }


def _entry(finding: Finding) -> dict[str, Any]:
    rule = finding.rule
    return {
        "severity": rule.severity,
        "column": rule.column,
        "rule": rule.text,
        "success": finding.holds,
        "count": finding.count,
        "observed": finding.observed,
        "examples": finding.examples,
        "remedy": rule.remedy,
    }


def explain(finding: Finding) -> str:
    """Return one broken rule in a line: column, rule, what was found, example rows, remedy."""
    rule = finding.rule
    return f"column {rule.column!r}: {rule.text}, but {_found(finding)}; {rule.remedy}"


def summary(report: Report, severity: str) -> str:
    """Return the broken rules of one severity, one a line, the first 20 of them."""
    broken = report.broken(severity)
    lines = [explain(one) for one in broken[:MAX_SHOWN]]
    if len(broken) > MAX_SHOWN:
        lines.append(f"and {len(broken) - MAX_SHOWN} more")
    return "\n".join(lines)


def _found(finding: Finding) -> str:
    if finding.count is None:
        absent = finding.observed is None
        return "it is not" if absent else f"found {finding.observed}"
    shown = ", ".join(f"_id {one['_id']} has {one['value']}" for one in finding.examples)
    many = f"{finding.count} rows break it" if finding.count > 1 else "1 row breaks it"
    return many + (f", such as {shown}" if shown else "")


def _page(report: Report, dropped: Mapping[str, int]) -> str:
    """Return the Data Docs page of Great Expectations with our own summary on top.

    Its scripts, style sheets and images come from other servers: they are taken out, so that
    the page reads the same without a network and tells nobody that it is read.
    """
    from great_expectations.core import expectation_validation_result as core
    from great_expectations.render import renderer, view

    validation = core.expectationSuiteValidationResultSchema.load(report.validation)
    pages: Any = renderer.ValidationResultsPageRenderer()  # type: ignore[attr-defined]
    layout: Any = view.DefaultJinjaPageView()  # type: ignore[attr-defined]
    page = EXTERNAL.sub("", layout.render(pages.render(validation)))
    page = ELSEWHERE.sub("", RANDOM_ID.sub("", page))
    head, body = page.split("</head>", 1)
    opening = re.compile(r"<body[^>]*>")
    body = opening.sub(lambda tag: tag.group() + _overview(report, dropped), body, count=1)
    return f"{head}<style>{STYLE}</style></head>{body}"


def _overview(report: Report, dropped: Mapping[str, int]) -> str:
    broken = report.broken("critical") + report.broken("warning")
    rows = [
        f'<tr><td class="{one.rule.severity}">{one.rule.severity}</td>'
        f"<td>{html.escape(one.rule.column)}</td><td>{html.escape(one.rule.text)}</td>"
        f"<td>{html.escape(_found(one))}</td><td>{html.escape(one.rule.remedy)}</td></tr>"
        for one in broken
    ]
    left_out = ", ".join(f"{count} ({html.escape(one)})" for one, count in dropped.items())
    head = "<tr><th>severity</th><th>column</th><th>rule</th><th>found</th><th>remedy</th></tr>"
    table = f"<table>{head}{''.join(rows)}</table>" if rows else "<p>Every rule holds.</p>"
    return (
        f"<h1>Data contract</h1><p>{report.n_rows} light curves, {len(report.findings)} rules: "
        f"{len(report.broken('critical'))} critical ones and {len(report.broken('warning'))} "
        f"warnings are broken. Left out before: {left_out or 'none'}.</p>{table}"
    )
