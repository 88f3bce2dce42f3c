"""What a browser shows of an upload: the pages of the stand-in, and the report of the stage."""

import html
import json
import re
import shutil
import subprocess

import pytest
from test_stage_push import apply  # noqa: F401, the fixture
from test_stages_disagreements import folder  # noqa: F401, the fixture

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture
def shown(tmp_path):
    """Return a page as a headless Chromium shows it, after its scripts have run."""
    binary = next((path for name in NAMES if (path := shutil.which(name))), None)
    if binary is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")

    def dump(address: str) -> str:
        command = [
            *(binary, "--headless", "--disable-gpu", "--no-sandbox", "--no-first-run"),
            *(f"--user-data-dir={tmp_path / 'browser'}", "--virtual-time-budget=5000"),
            *("--dump-dom", address),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    return dump


def test_the_pages_show_the_sources_their_groups_annotations_and_light_curves(
    shown,
    apply,  # noqa: F811
    server,
    folder,  # noqa: F811
):
    import pandas as pd

    curves = [
        pd.DataFrame(
            {"_id": one, "mjd": range(58000, 58030), "mag": 17.0, "magerr": 0.1, "filter": 1}
        )
        for one in range(20)
    ]
    pd.concat(curves).to_parquet(folder / "curves.parquet")
    receipt = apply("curves.parquet")
    page = shown(server.url)
    assert re.search(r'id="n-sources">18<', page)
    assert re.search(rf'id="n-photometry">{18 * 30}<', page)
    rows = re.findall(r'<tr id="(ZTFJ[^"]+)"', page)
    assert {html.unescape(one) for one in rows} == set(receipt["uploaded"])
    assert page.count("scope-sample") == 18

    name, fate = next(iter(receipt["uploaded"].items()))
    page = shown(fate["page"])
    assert name in html.unescape(page)
    assert "scope-a" in page
    assert page.count("<circle") >= 30
    note = json.loads(server.rows("annotations", obj_id=name)[0]["data"])
    assert note["data_md5"] in page


def test_the_report_shows_where_each_source_is_on_fritz(shown, apply, server, folder):  # noqa: F811
    apply()
    page = shown((folder / "fritz/report.html").as_uri())
    linked = set(re.findall(rf'href="{server.url}/source/([^"]+)"', page))
    assert linked == {one["id"] for one in server.rows("sources")}
    assert re.search(r"Made on.*36 things\s+were sent for 18 sources in groups 3", page, re.DOTALL)
