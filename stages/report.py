"""Stage report: one page about the whole run."""

from pathlib import Path

from scope.base.constants import NO_FILE
from scope.base.files import atomic_path
from scope.base.params import read_params
from scope.base.stage import run
from scope.reports.run_content import Inputs, content
from scope.reports.run_page import render, write_stamped


def main(page: str, stamped: str, *inputs: str) -> None:
    """Write the page to `page`, and to `stamped` with commit and time, which DVC does not keep.

    Parameters
    ----------
    inputs : paths of scope.reports.run_content.Inputs in order; of the light curves, first those of
        the catalogue, then those of the training set, which serve where there is no catalogue
    """
    *first, curves, training_curves, validation, receipt = map(Path, inputs)
    params = read_params()
    chosen = training_curves if params["dataset"]["catalogue"] is None else curves
    judged, models, scaling, found, catalogue = first
    made = Inputs(
        judged=judged,
        models=models,
        scaling=scaling,
        disagreements=found,
        catalogue=catalogue,
        lightcurves=chosen if chosen.is_file() and chosen != Path(NO_FILE) else None,
        validation=validation,
        receipt=receipt,
    )
    with atomic_path(Path(page)) as temporary:
        temporary.write_text(render(content(made, params)), encoding="utf-8")
    write_stamped(Path(page), Path(stamped))


if __name__ == "__main__":
    run(main)
