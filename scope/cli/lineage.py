"""The command that tells where something comes from: it parses and calls, nothing else."""

import json

import click

from scope.cli.options import command, options
from scope.tracking import runs, show
from scope.tracking.commits import History
from scope.tracking.trace import trace


@command("lineage")
@options(
    click.argument("target"),
    click.option("--rev", help="Commit, tag, branch or experiment.  [default: what is here now]"),
    click.option("--json", "as_json", is_flag=True, help="All of it, for programs."),
)
def lineage(target: str, rev: str | None, as_json: bool) -> None:
    """Tell where TARGET comes from: data, parameters, stages, commit, metrics.

    TARGET is what a stage wrote (models/vnv/dnn, reports/fritz/report.html, build/training.parquet)
    or the id of an MLflow run. All is read from dvc.lock and git.
    """
    history = History(rev=rev)
    if runs.is_run(target):
        target, history = runs.find_run(target)
    found = trace(target, history)
    if as_json:
        click.echo(json.dumps(show.as_data(found), indent=1))
        return
    for line in show.lines(found):
        click.echo(line)
