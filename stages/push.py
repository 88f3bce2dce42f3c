"""Stage push: the report of the disagreements, and their upload to Fritz, planned or made."""

from pathlib import Path
from typing import Any

from scope.candidates import Candidate
from scope.disagreements import Summary
from scope.params import DisagreementParams, FritzParams, read_section
from scope.report import Origin, file_md5, write_report
from scope.stage import run
from scope.tables import read_table
from scope.taxonomy import class_names

LEDGERS = Path("build/uploads")  # no output of the stage: DVC removes those before it runs
NO_FILE = "conf/no-file"


def main(disagreements: str, light_curves: str, out: str) -> None:
    """Write report.html, report.csv and receipt.json to the folder `out`.

    Nothing is sent unless fritz.mode is apply; then the photometry of new sources is taken from
    the file `light_curves`.
    """
    path = Path(disagreements)
    params = read_section("disagreements", DisagreementParams)
    fritz = read_section("fritz", FritzParams)
    origin = Origin(read_section("dataset.name", str), file_md5(path), class_names())
    summary = Summary.from_json(path.with_suffix(".json"))
    what = (read_table(path), summary, origin, (params, fritz), Path(out))
    if fritz.mode == "plan":
        write_report(*what)
        return
    from scope.uploads import session
    from scope.uploads import upload_disagreements as uploading

    with session.connect() as client:
        sending = uploading.Sending(
            origin.data_set,
            origin.md5,
            fritz.group_ids,
            params.radius_arcsec,
            session.ledger_path(LEDGERS, origin.data_set, client.url),
            None if light_curves == NO_FILE else Path(light_curves),
            needs_curves=False,
        )
        results: list[session.Uploaded] = []

        def send(candidates: list[Candidate]) -> dict[str, Any]:
            results.append(uploading.send(client, candidates, sending))
            return uploading.receipt(client, results[0], sending)

        write_report(*what, send)
        session.check_complete(results[0])


if __name__ == "__main__":
    run(main)
