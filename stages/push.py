"""Stage push: the report of the disagreements, and the plan of what would be sent to Fritz."""

from pathlib import Path

from scope.disagreements import Summary
from scope.params import DisagreementParams, FritzParams, read_section
from scope.report import Origin, file_md5, write_report
from scope.stage import run
from scope.tables import read_table
from scope.taxonomy import class_names


def main(disagreements: str, out: str) -> None:
    """Write report.html, report.csv and receipt.json to the folder `out`; nothing is sent."""
    path = Path(disagreements)
    params = read_section("disagreements", DisagreementParams)
    fritz = read_section("fritz", FritzParams)
    origin = Origin(read_section("dataset.name", str), file_md5(path), class_names())
    summary = Summary.from_json(path.with_suffix(".json"))
    write_report(read_table(path), summary, origin, (params, fritz), Path(out))


if __name__ == "__main__":
    run(main)
