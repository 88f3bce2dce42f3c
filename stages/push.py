"""Stage push: the page of the disagreements, and their upload to Fritz, planned or made."""

from pathlib import Path
from typing import Any

from scope.base.constants import NO_FILE
from scope.base.hashing import file_md5
from scope.base.params import read_section
from scope.base.stage import run
from scope.config.disagreements import DisagreementParams
from scope.config.fritz import FritzParams
from scope.config.taxonomy import class_names
from scope.disagreements.candidates import Candidate
from scope.disagreements.rule import Summary
from scope.reports.disagreement_page import Origin, write_report
from scope.tables.reading import read_table

LEDGERS = Path("build/uploads")  # no output of the stage: DVC removes those before it runs


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
    from scope.fritz.uploads import session, upload_disagreements

    with session.connect() as client:
        sending = upload_disagreements.UploadOptions(
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
            results.append(upload_disagreements.send(client, candidates, sending))
            return upload_disagreements.receipt(client, results[0], sending)

        write_report(*what, send)
        session.check_complete(results[0])


if __name__ == "__main__":
    run(main)
