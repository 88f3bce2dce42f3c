"""The tools for Fritz as a person types them, against a stand-in on this machine."""

import json
import logging

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from scope.cli.main import main

STARS = pd.DataFrame(
    {
        "_id": [11, 12, 13, 14],
        "ra": [10.0, 10.0002, 20.0, 30.0],
        "dec": [0.0, 0.0, 45.0, -45.0],
        "period": [0.5, 0.5, 0.25, 100.0],
        "RR Lyrae": [1.0, 1.0, 0.0, 0.0],
        "Mira": [0.0, 0.0, 0.0, 0.75],
        "pulsator": [1.0, 1.0, 0.5, 1.0],
    }
)
N_POINTS = 20


@pytest.fixture
def fritz(server, root, tmp_path, monkeypatch, caplog):
    """Run a command line from the project's folder, with the server in the environment."""
    monkeypatch.chdir(root)
    monkeypatch.setenv("FRITZ_URL", server.url)
    monkeypatch.setenv("FRITZ_TOKEN", server.token)
    monkeypatch.setenv("FRITZ_RATE", "1000")
    for name in ("KOWALSKI_TOKEN", "KOWALSKI_URL"):
        monkeypatch.delenv(name, raising=False)
    caplog.set_level(logging.DEBUG)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return run


@pytest.fixture
def stars(tmp_path):
    path = tmp_path / "stars.csv"
    STARS.to_csv(path, index=False)
    return path


@pytest.fixture
def curves(tmp_path):
    """Twenty points, one of them flagged, of each light curve."""
    time = np.arange(N_POINTS)
    frames = [
        pd.DataFrame({"_id": one, "mjd": 58000.0 + one + time / 7.0, "mag": 17.0 + time / 100.0})
        for one in STARS["_id"]
    ]
    table = pd.concat(frames).assign(magerr=0.02, filter=2)
    table["catflags"] = np.where(table["mag"] == 17.0, 32768, 0)
    table.to_parquet(tmp_path / "curves.parquet")
    return tmp_path / "curves.parquet"


@pytest.fixture
def upload(fritz, stars):
    """Upload the stars' label columns."""

    def run(*more: str, file=stars, groups="3") -> Result:
        start = ["upload-classification", "--file", str(file), "--group-ids", groups]
        return fritz(*start, "--classification", "read", *more)

    return run


def results(path):
    return pd.read_csv(path, comment="#")


def test_label_columns_are_posted_with_their_probabilities(upload, server, stars):
    assert upload().exit_code == 0
    found = sorted(
        (one["obj_id"], one["classification"], one["probability"])
        for one in server.rows("classifications")
    )
    assert found == [
        ("ZTFJ004000.02+000000.0", "Pulsating", 1.0),
        ("ZTFJ004000.02+000000.0", "RR Lyrae", 1.0),
        ("ZTFJ012000.00+450000.0", "Pulsating", 0.5),
        ("ZTFJ020000.00-450000.0", "Mira", 0.75),
        ("ZTFJ020000.00-450000.0", "Pulsating", 1.0),
    ]


def test_the_results_have_a_row_for_each_row_and_say_where_and_when(upload, server, stars):
    upload()
    path = stars.with_name("stars.uploaded.csv")
    assert results(path)["status"].tolist() == ["created", "duplicate", "created", "created"]
    assert results(path)["obj_id"].tolist()[:2] == ["ZTFJ004000.02+000000.0"] * 2
    head = path.read_text().splitlines()[:3]
    assert head[0].startswith("# pipeline: scope-pipeline ")
    assert head[1] == f"# server: {server.url}"
    assert head[2].startswith("# time: 20")


def test_a_new_source_gets_its_unflagged_points_and_its_period(upload, server, curves):
    assert upload("--light-curves", str(curves)).exit_code == 0
    points = server.rows("photometry", obj_id="ZTFJ012000.00+450000.0")
    assert len(points) == N_POINTS - 1
    assert {one["filter"] for one in points} == {"ztfr"}
    note = server.rows("annotations", obj_id="ZTFJ012000.00+450000.0")[0]
    data = json.loads(note["data"])
    assert (note["origin"], data["period_days"]) == ("scope-stars", 0.25)
    assert {"data_md5", "params_md5", "commit", "pipeline_version"} <= set(data)


def test_a_finished_upload_writes_nothing_when_it_is_run_again(upload, server):
    upload()
    n_writes = len(server.calls("POST")) + len(server.calls("PUT"))
    assert upload().exit_code == 0
    assert len(server.calls("POST")) + len(server.calls("PUT")) == n_writes


def test_a_dry_run_shows_the_plan_and_sends_nothing(upload, server):
    done = upload("--dry-run")
    assert done.exit_code == 0
    assert "3 source, 3 annotation, 5 classification" in " ".join(done.output.split())
    assert server.calls("POST") == []


def test_options_may_be_written_with_underscores_and_ids_in_brackets(fritz, server, stars):
    done = fritz(
        *("upload-classification", "--file", str(stars), "--group_ids=[3]"),
        *("--classification", "Mira", "--taxonomy_id", "1", "--radius_arcsec", "3"),
    )
    assert done.exit_code == 0
    assert server.count("classifications", classification="Mira") == 3


def test_rows_of_one_source_that_contradict_each_other_are_left_out(upload, server, tmp_path):
    path = tmp_path / "conflict.csv"
    STARS.assign(Mira=[0.0, 1.0, 0.0, 0.75]).to_csv(path, index=False)
    done = upload(file=path)
    assert done.exit_code == 1
    assert "rows 0, 1 are one source with different labels" in done.output
    assert results(tmp_path / "conflict.uploaded.csv")["status"].tolist()[:2] == ["conflict"] * 2
    assert server.count("sources") == 2


def test_rows_without_an_id_on_one_source_are_uploaded_once_and_reported(upload, server, tmp_path):
    path = tmp_path / "twice.csv"
    STARS.drop(columns="_id").to_csv(path, index=False)
    done = upload(file=path)
    assert done.exit_code == 1
    assert "1 rows fall on the source of another row" in done.output
    assert server.count("classifications") == 5


BAD_TABLES = {
    "a missing place": (STARS.assign(ra=[10.0, None, 20.0, 30.0]), "_id 12"),
    "a place off the sky": (STARS.assign(dec=[0.0, 0.0, 95.0, 0.0]), "95"),
    "no period": (STARS.assign(period=[0.5, np.nan, 0.25, 1.0]), "positive period"),
    "a row twice": (pd.concat([STARS, STARS.iloc[:1]]), "_id 11"),
    "a probability above 1": (STARS.assign(Mira=[0.0, 0.0, 0.0, 1.5]), "Mira is 1.5"),
    "a label that is no number": (STARS.assign(Mira=["a", "b", "c", "d"]), "a number in Mira"),
    "a taxonomy that the server lacks": (
        STARS.rename(columns={"Mira": "EA"}),
        "no 'SCoPe Phenomenological Taxonomy'",
    ),
}


@pytest.mark.parametrize("what", BAD_TABLES)
def test_a_bad_table_is_refused_before_anything_is_sent(upload, server, tmp_path, what):
    table, message = BAD_TABLES[what]
    table.to_csv(tmp_path / "bad.csv", index=False)
    done = upload(file=tmp_path / "bad.csv")
    assert done.exit_code == 1
    assert message in done.output
    assert done.output.count("\n") == 1
    assert server.calls("POST") == server.calls("PUT") == []


def test_a_file_that_is_no_table_is_refused(upload, server, tmp_path):
    (tmp_path / "bad.parquet").write_text("no table")
    done = upload(file=tmp_path / "bad.parquet")
    assert (done.exit_code, "not a whole Parquet file" in done.output) == (1, True)
    (tmp_path / "bad.csv").write_bytes(bytes(range(256)) * 20)
    done = upload(file=tmp_path / "bad.csv")
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert "not a CSV file of one table" in done.output
    assert server.calls("POST") == []


@pytest.mark.parametrize(
    ("more", "groups", "message"),
    [
        ((), "4", "group 4 is not yours"),
        ((), "3,99", "99"),
        (("--taxonomy-id", "77"), "3", "taxonomy 77 is not on the server"),
        (("--light-curves", "nowhere.parquet"), "3", "no such file"),
    ],
)
def test_what_is_not_on_the_server_is_named_and_nothing_is_sent(
    upload, server, more, groups, message
):
    done = upload(*more, groups=groups)
    assert done.exit_code == 1
    assert message in done.output
    assert server.calls("POST") == server.calls("PUT") == []


def test_a_server_without_the_camera_of_the_light_curves_gets_nothing(
    upload, server, curves, monkeypatch
):
    monkeypatch.setattr("scope.fritz.uploads.session.INSTRUMENT", "CRTS")
    done = upload("--light-curves", str(curves))
    assert done.exit_code == 1
    assert "has no instrument 'CRTS'" in done.output
    assert server.calls("POST") == server.calls("PUT") == []


def test_a_class_in_no_taxonomy_is_named_with_those_alike(fritz, server, stars):
    done = fritz(
        *("upload-classification", "--file", str(stars), "--group-ids", "3"),
        *("--classification", "Miras"),
    )
    assert done.exit_code == 1
    assert "is it Mira" in done.output
    assert server.calls("POST") == []


def test_a_wrong_token_is_said_and_not_shown(upload, monkeypatch):
    monkeypatch.setenv("FRITZ_TOKEN", "0c0ffee0-1111-2222-3333-444444444444")
    done = upload()
    assert done.exit_code == 1
    assert "renew FRITZ_TOKEN" in done.output
    assert "0c0ffee0" not in done.output


def test_a_host_that_does_not_answer_is_named(upload, monkeypatch):
    monkeypatch.setenv("FRITZ_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("scope.fritz.transport.Transport.pause", lambda *_: False)
    done = upload()
    assert done.exit_code == 1
    assert "127.0.0.1:9 cannot be reached" in done.output


def test_a_token_that_may_not_upload_is_said_so(upload, server, monkeypatch):
    monkeypatch.setenv("FRITZ_TOKEN", server.reader_token)
    done = upload()
    assert done.exit_code == 1
    assert "lacks the permission 'Upload data'" in done.output
    assert server.count("sources") == 0


def test_an_upload_that_stopped_is_finished_by_the_same_command(upload, server, stars):
    server.fault("error_before", "POST", "/api/classification", status=500, times=None)
    stopped = upload()
    assert stopped.exit_code == 1
    assert "run the same command again" in stopped.output
    assert results(stars.with_name("stars.uploaded.csv"))["status"].tolist()[0] == "failed"
    server.sandbox.faults.clear()
    assert upload().exit_code == 0
    assert server.count("classifications") == 5


@pytest.mark.parametrize("fault", [None, "error_before"])
def test_the_token_is_in_no_file_and_no_message(upload, server, stars, tmp_path, caplog, fault):
    if fault:
        server.fault(fault, "POST", "/api/sources", status=500, times=None)
    done = upload()
    assert server.token not in done.output + caplog.text
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 3
    assert not [path for path in files if server.token.encode() in path.read_bytes()]


def test_a_download_appends_what_sources_are_classified_as(upload, fritz, server, stars, tmp_path):
    upload()
    done = fritz("download-classification", "--file", str(stars))
    assert done.exit_code == 0
    table = results(tmp_path / "stars.downloaded.csv").set_index("_id")
    assert table.loc[11, "classification"] == "Pulsating; RR Lyrae"
    assert table.loc[14, "classification"] == "Pulsating; Mira"
    assert table.loc[14, "probability"] == "1; 0.75"
    assert table["status"].tolist() == ["found"] * 4
    assert "Mira" in table


def test_a_source_without_classification_and_one_not_on_fritz_are_told_apart(
    fritz, server, stars, tmp_path
):
    with server.client() as client:
        client.create_source("ZTF1", 20.0, 45.0, [5])
    assert fritz("download-classification", "--file", str(stars)).exit_code == 0
    table = results(tmp_path / "stars.downloaded.csv").set_index("_id")
    assert table["status"].to_dict() == {
        **{11: "not found", 12: "not found"},
        **{13: "found", 14: "not found"},
    }
    assert table.loc[13, "message"] == "no classification"
    assert server.count("saves") == 1


def test_a_download_with_groups_saves_and_creates_sources(fritz, server, stars, curves, tmp_path):
    with server.client() as client:
        client.create_source("ZTF1", 20.0, 45.0, [5])
    done = fritz(
        *("download-classification", "--file", str(stars), "--group-ids", "3"),
        *("--light-curves", str(curves)),
    )
    assert done.exit_code == 0
    table = results(tmp_path / "stars.downloaded.csv").set_index("_id")
    assert table["status"].to_dict() == {11: "created", 12: "created", 13: "saved", 14: "created"}
    saved = {one["obj_id"] for one in server.rows("saves", group_id=3)}
    assert saved == {"ZTF1", "ZTFJ004000.02+000000.0", "ZTFJ020000.00-450000.0"}


def test_a_download_that_failed_goes_on_where_it_was(fritz, server, tmp_path, monkeypatch):
    monkeypatch.setattr("scope.fritz.uploads.lookup.PAGE_COST", 1000)  # one search a place
    monkeypatch.setattr("scope.fritz.uploads.download.AT_ONCE", 10)
    table = pd.DataFrame({"ra": np.arange(60) * 2.0, "dec": 10.0})
    table.to_csv(tmp_path / "many.csv", index=False)
    server.sandbox.faults.add(_after(server, 35))
    assert fritz("download-classification", "--file", str(tmp_path / "many.csv")).exit_code == 1
    server.sandbox.faults.clear()
    n_calls = len(server.calls("GET", "/api/sources"))
    assert fritz("download-classification", "--file", str(tmp_path / "many.csv")).exit_code == 0
    assert len(server.calls("GET", "/api/sources")) - n_calls <= 31
    assert not list(tmp_path.glob("*.partial"))


def _after(server, n_calls):
    """Return a fault that strikes from the n-th search on."""
    from scope.sandbox.faults import Fault

    class Later(Fault):
        def strikes(self, method, path):
            return len(server.calls("GET", "/api/sources")) > n_calls

    return Later("error_before", status=500, times=None)
