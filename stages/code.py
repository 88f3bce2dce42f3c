"""Stage STAGE_code: checksums of the code that the runs of a stage share, one a class."""

from pathlib import Path

import yaml

from scope.base.files import write_json
from scope.base.source_code import code_md5s
from scope.base.stage import run

PIPELINE = Path("dvc.yaml")


def main(stage: str, out: str) -> None:
    """Write the md5 of each file that `stage` depends on by dvc.yaml to `out`."""
    stages = yaml.safe_load(PIPELINE.read_text(encoding="utf-8"))["stages"]
    write_json(code_md5s(map(Path, stages[stage]["deps"])), Path(out))


if __name__ == "__main__":
    run(main)
