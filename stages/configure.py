"""Stage configure: check every parameter; hand on to each stage what it follows."""

from pathlib import Path

from scope.base.files import atomic_dir
from scope.base.params import read_params
from scope.base.stage import run
from scope.config.checks import check_all
from scope.config.followed import write_followed


def main(out_dir: str) -> None:
    """Write what each stage follows to the folder `out_dir` once all parameters are checked."""
    check_all()
    with atomic_dir(Path(out_dir)) as temporary:
        write_followed(read_params(), temporary)


if __name__ == "__main__":
    run(main)
