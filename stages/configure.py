"""Stage configure: check every parameter before anything is run; hand them on as JSON."""

from pathlib import Path

from scope.checks import check_all
from scope.files import write_json
from scope.params import read_params
from scope.stage import run


def main(out: str) -> None:
    """Write params.yaml to the JSON file `out` once all of it has been checked."""
    check_all()
    write_json(read_params(), Path(out))


if __name__ == "__main__":
    run(main)
