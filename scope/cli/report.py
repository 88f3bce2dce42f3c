"""The command that writes reports/index.html: it parses and calls, nothing else."""

import logging
from pathlib import Path

import click

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("report")
@click.option("--page", type=FILE, default="build/report.html", show_default=True)
@click.option("--out", type=FILE, default="reports/index.html", show_default=True)
def report_command(page: Path, out: Path) -> None:
    """Write reports/index.html anew, as after `dvc pull`, `dvc checkout` or `dvc exp apply`.

    DVC keeps build/report.html, which is the same to the byte however often it is made; this copy
    says of which commit it is and when it was written.
    """
    from scope.reports.run_page import write_stamped

    write_stamped(page, out)
    logging.getLogger(__name__).info("%s is written", out)
