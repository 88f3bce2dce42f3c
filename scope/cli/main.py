"""The program `scope`: its commands, each in a module that is loaded when the command is typed."""

import logging
import sys
from importlib import import_module
from typing import NamedTuple

import click

from scope.base.errors import ScopeError
from scope.base.stage import log_progress, quiet_environment


class Lazy(NamedTuple):
    """A command: the module of scope.cli and the name it has there, and what it is for."""

    module: str
    name: str
    purpose: str


# Loading all of them would take seconds before the first letter of --help.
COMMANDS = {
    "annotate": Lazy("fritz", "annotate", "Post, update or delete an annotation on Fritz."),
    "disagreements": Lazy("disagreements", "disagreements", "Report them in a table of scores."),
    "download-classification": Lazy(
        "fritz", "download_classification", "Append the classes that sources have on Fritz."
    ),
    "export": Lazy("data", "export_table", "Write the training table in the form of d15."),
    "fetch-datasets": Lazy("buckets", "fetch_datasets", "Bring data sets from a bucket."),
    "fetch-models": Lazy("buckets", "fetch_models", "Bring trained models from a bucket."),
    "lineage": Lazy("lineage", "lineage", "Tell where a model, a report or a run comes from."),
    "params": Lazy("params", "params", "Compose conf/ into params.yaml and check it."),
    "post-taxonomy": Lazy("fritz", "post_taxonomy", "Post a class tree to Fritz."),
    "report": Lazy("report", "report_command", "Write reports/index.html anew."),
    "sample": Lazy("data", "sample", "Simulate the embedded sample of light curves."),
    "sandbox": Lazy("sandbox", "sandbox", "Stand in for Fritz and Kowalski on this machine."),
    "track": Lazy("track", "track", "Send what waits for MLflow; choose a champion."),
    "train": Lazy("train", "train_command", "Train a class's network as the older tool did."),
    "tree": Lazy("fritz", "tree", "Write the class tree in the form of tdtax."),
    "upload-classification": Lazy(
        "fritz", "upload_classification", "Post a table's classifications to Fritz."
    ),
    "upload-disagreements": Lazy(
        "fritz", "upload_disagreements", "Save the sources of disagreements to Fritz."
    ),
}


class Commands(click.Group):
    """The commands of `COMMANDS`, which end a ScopeError as one line and status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command from the module that it is in."""
        if cmd_name not in COMMANDS:
            return None
        lazy = COMMANDS[cmd_name]
        command = getattr(import_module(f"scope.cli.{lazy.module}"), lazy.name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands and what they are for, without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.purpose) for name, lazy in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was typed."""
        try:
            return super().invoke(ctx)
        except ScopeError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="scope-pipeline", prog_name="scope")
@click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong.")
def main(quiet: bool) -> None:
    """Train, score and report the variable-star classifiers of ZTF (SCoPe)."""
    quiet_environment()
    log_progress(logging.WARNING if quiet else logging.INFO, "%(message)s")
