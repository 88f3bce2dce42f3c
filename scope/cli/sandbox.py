"""The command that runs the sandbox: it parses and calls, nothing else."""

import logging
from pathlib import Path

import click

from scope.base.errors import ConfigError

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--port", type=int, default=5000, show_default=True)
@click.option("--data", type=FOLDER, default="data/sample", show_default=True, help="The sample.")
@click.option("--features", type=FILE, default="build/catalogue.parquet", show_default=True)
@click.option("--scores", type=FILE, default="build/predictions.parquet", show_default=True)
@click.option("--sources", type=int, default=20, show_default=True, help="There from the start.")
@click.option("--database", type=FILE, help="Keep what comes in this file, not in memory.")
@click.option("--latency-ms", type=float, default=0.0, show_default=True)
@click.option("--rate", type=float, default=5.0, show_default=True, help="Calls a second; 0: any.")
@click.option("--faults", help="KIND,KIND:EVERY, such as all:10 for a fault at each tenth call.")
@click.option("--archive/--no-archive", help="Answer /api/archive, as Fritz did until 2026.")
def sandbox(port: int, faults: str | None, **options: object) -> None:
    """Stand in for Fritz and Kowalski on this machine.

    Nothing leaves the machine. What is sent can be looked at with a browser at the same address.
    """
    try:
        import scope.sandbox.run as sandbox_run
    except ImportError as error:
        raise ConfigError(f"{error}; install it with: pip install -e .[sandbox]") from error

    settings = sandbox_run.Options(**options)  # type: ignore[arg-type]
    made = sandbox_run.prepare(settings)
    if faults:
        sandbox_run.inject(made, faults)
    for line in sandbox_run.greeting(made, port):
        click.echo(line)
    sandbox_run.serve(made, port)
    logging.getLogger(__name__).info("the sandbox has ended")
