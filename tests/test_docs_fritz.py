"""The tutorial of docs/fritz.md, run as it is written, and what a browser then shows."""

import json
import os
import re
import shlex
import socket
import subprocess
import time
import urllib.request

import pandas as pd
import pytest
from project import SMALL, build_small, environment
from test_uploads_pages import shown  # noqa: F401, the fixture

MORE = ("disagreements.high=0.6", "disagreements.low=0.55")  # two short trainings differ little


def blocks(text):
    """Return the commands of the first section, with continued lines joined."""
    section = text.split("\n## ")[1]
    lines = [line[4:] for line in section.splitlines() if line.startswith("    ")]
    return [line.strip() for line in "\n".join(lines).replace("\\\n", " ").splitlines()]


@pytest.fixture(scope="module")
def tutorial(root):
    """Return the environment and the commands that the tutorial has."""
    commands = blocks((root / "docs/fritz.md").read_text(encoding="utf-8"))
    exports = [one.removeprefix("export ") for one in commands if one.startswith("export ")]
    named = dict(pair.split("=", 1) for one in exports for pair in shlex.split(one))
    skipped = ("export ", "pip ", "scope sandbox")
    return named, [one for one in commands if not one.startswith(skipped)]


@pytest.fixture(scope="module")
def loop(tutorial, tmp_path_factory):
    """Run the tutorial in a copy of the project whose pipeline was built; return what it said."""
    folder = build_small(tmp_path_factory.mktemp("project"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    named, commands = tutorial
    url = f"http://127.0.0.1:{port}"
    env = environment() | {
        name: value.replace("http://127.0.0.1:5000", url) for name, value in named.items()
    }
    env |= {"PYTHONPATH": str(folder)}
    server = subprocess.Popen(
        ["python", "scope.py", "sandbox", "--port", str(port)],
        cwd=folder,
        env=env,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(url)
        said = {}
        more = "".join(f" -S '{one}'" for one in (*SMALL, *MORE))
        for written in commands:
            command = written + (more if written.startswith("dvc exp run") else "")
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=folder,
                env=env,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}"
            said[command] = done.stdout
        yield folder, url, said
    finally:
        server.terminate()
        server.wait()


def wait_for(url):
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/api/sysinfo", timeout=1.0).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the sandbox does not answer")


def counts(url):
    with urllib.request.urlopen(f"{url}/sandbox/counts", timeout=5.0) as answer:
        return json.load(answer)["rows"]


@pytest.mark.slow
def test_the_tutorial_ends_with_everything_on_the_server(loop):
    folder, url, _ = loop
    known = pd.read_csv(folder / "build/known.csv", comment="#")
    assert known.columns[-5:].tolist() == [
        *("obj_id", "classification", "probability", "status", "message"),
    ]
    assert known.loc[known["status"] == "found", "obj_id"].nunique() == 20
    results = pd.read_parquet(folder / "build/stars.uploaded.parquet")
    assert set(results["status"]) == {"created", "updated", "duplicate"}
    receipt = json.loads((folder / "reports/fritz/receipt.json").read_text())
    assert receipt["complete"] is True
    assert receipt["sources"] > 0
    assert counts(url)["annotations"] == results["obj_id"].nunique() + receipt["sources"]


@pytest.mark.slow
def test_the_page_lists_what_the_tutorial_sent(loop, shown):  # noqa: F811
    folder, url, _ = loop
    page = shown(url)
    assert int(re.search(r'id="n-sources">(\d+)<', page)[1]) == counts(url)["sources"]
    receipt = json.loads((folder / "reports/fritz/receipt.json").read_text())
    name, fate = next(iter(receipt["uploaded"].items()))
    page = shown(fate["page"])
    assert name in page
    assert "scope-sample" in page
    assert page.count("<circle") > 20


@pytest.mark.slow
def test_no_file_of_the_project_holds_a_token(loop, tutorial):
    folder, _, said = loop
    tokens = [value.encode() for name, value in tutorial[0].items() if name.endswith("TOKEN")]
    skipped = (folder / "scope", folder / "tests", folder / "docs", folder / ".git")
    for place, _, names in os.walk(folder):
        if not place.startswith(tuple(map(str, skipped))):
            for name in names:
                content = (folder / place / name).read_bytes()
                assert not [one for one in tokens if one in content], f"{place}/{name}"
    assert not [one for one in tokens if one.decode() in "".join(said.values())]
