"""The stage push with fritz.mode apply, against a stand-in on this machine."""

import json
import re

import numpy as np
import pandas as pd
import pytest
import yaml
from test_stages_disagreements import folder  # noqa: F401, the fixture

from scope.base.errors import ConfigError
from scope.fritz.errors import UploadError
from stages import push


@pytest.fixture
def apply(folder, server, monkeypatch):  # noqa: F811
    """Run the stage in its folder, with groups, as after -S fritz.mode=apply."""
    monkeypatch.setenv("FRITZ_URL", server.url)
    monkeypatch.setenv("FRITZ_TOKEN", server.token)
    monkeypatch.setenv("FRITZ_RATE", "1000")
    for name in ("KOWALSKI_TOKEN", "KOWALSKI_URL"):
        monkeypatch.delenv(name, raising=False)
    params = yaml.safe_load((folder / "params.yaml").read_text())
    params["fritz"] |= {"mode": "apply", "group_ids": [3]}
    (folder / "params.yaml").write_text(yaml.safe_dump(params))

    def run(light_curves=push.NO_FILE):
        push.main("disagreements.parquet", light_curves, "fritz")
        return json.loads((folder / "fritz/receipt.json").read_text())

    return run


def test_every_disagreement_is_saved_and_annotated_with_its_provenance(apply, server):
    receipt = apply()
    assert (receipt["complete"], receipt["sent"]) == (True, 36)
    assert server.count("saves", group_id=3) == 18
    notes = server.rows("annotations")
    assert {one["origin"] for one in notes} == {"scope-sample"}
    data = json.loads(notes[0]["data"])
    assert {"ew_dnn", "ew_xgb", "class", "data_md5", "params_md5", "commit"} <= set(data)
    assert server.count("classifications") == 0


def test_the_report_links_each_source_to_its_page_and_says_what_was_done(apply, server, folder):  # noqa: F811
    apply()
    page = (folder / "fritz/report.html").read_text()
    linked = set(re.findall(rf'href="{server.url}/source/([^"]+)"', page))
    assert linked == {one["id"] for one in server.rows("sources")}
    assert f'Made on <a href="{server.url}"' in page
    assert page.count("created (annotation posted, source created)") == 18


def test_a_stage_that_stopped_is_finished_by_running_it_again(apply, server, folder):  # noqa: F811
    server.fault("error_before", "POST", "/annotations", status=500, times=4)
    with pytest.raises(UploadError, match="4 failed"):
        apply()
    assert "The upload is not complete" in (folder / "fritz/report.html").read_text()
    n_posts = len(server.calls("POST"))
    assert apply()["complete"]
    assert len(server.calls("POST")) - n_posts == 4
    assert server.count("annotations") == 18


def test_new_sources_get_the_light_curves_of_the_catalogue(apply, server, folder):  # noqa: F811
    curves = [
        pd.DataFrame(
            {"_id": one, "mjd": 58000.0 + np.arange(9), "mag": 17.0, "magerr": 0.1, "filter": 1}
        )
        for one in range(20)
    ]
    pd.concat(curves).to_parquet(folder / "curves.parquet")
    apply("curves.parquet")
    assert server.count("photometry") == 18 * 9


def test_light_curves_without_filters_are_left_out_and_said_so(apply, server, folder, caplog):  # noqa: F811
    curves = pd.DataFrame({"_id": range(20), "mjd": 58000.0, "mag": 17.0, "magerr": 0.1})
    curves.to_parquet(folder / "curves.parquet")
    assert apply("curves.parquet")["complete"]
    assert server.count("photometry") == 0
    assert "no column 'filter'" in caplog.text


def test_a_server_without_the_camera_gets_the_sources_without_light_curves(
    apply,
    server,
    folder,  # noqa: F811
    monkeypatch,
):
    monkeypatch.setattr("scope.fritz.uploads.session.INSTRUMENT", "CRTS")
    curves = pd.DataFrame({"_id": range(20), "mjd": 5e4, "mag": 17.0, "magerr": 0.1, "filter": 1})
    curves.to_parquet(folder / "curves.parquet")
    assert apply("curves.parquet")["complete"]
    assert (server.count("sources"), server.count("photometry")) == (18, 0)


def test_without_a_token_nothing_is_written(apply, folder, monkeypatch):  # noqa: F811
    monkeypatch.delenv("FRITZ_TOKEN")
    before = (folder / "fritz/receipt.json").read_bytes()
    with pytest.raises(ConfigError, match="FRITZ_TOKEN is not set"):
        apply()
    assert (folder / "fritz/receipt.json").read_bytes() == before


@pytest.mark.parametrize("status", [None, 500])
def test_the_token_is_in_no_file_of_the_stage(apply, server, folder, status, caplog):  # noqa: F811
    if status:
        server.fault("error_before", "POST", "/api/sources", status=status, times=3)
        with pytest.raises(UploadError) as failure:
            apply()
        assert server.token not in str(failure.value)
    else:
        apply()
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".ledger" for path in files)
    assert not [path for path in files if server.token.encode() in path.read_bytes()]
    assert server.token not in caplog.text
