"""The documentation: it builds without a warning, and its commands do what they say."""

import re
import subprocess

import pytest
from project import SMALL, build_small, call, environment

PAGES = (
    *("index.md", "tutorial.md", "tracking.md", "report.md", "howto/own-light-curves.md"),
    *("howto/add-class.md", "howto/add-feature.md", "howto/data-release.md", "howto/cluster.md"),
)
RUN = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def commands(root, page):
    text = (root / "docs" / page).read_text(encoding="utf-8")
    return [line for block in RUN.findall(text) for line in block.splitlines()]


@pytest.fixture(scope="module")
def site(root, tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    call(root, "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(out))
    return out


@pytest.mark.slow
def test_the_documentation_builds_without_a_warning_and_loads_nothing(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 15
    for page in pages:
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img)\b[^>]*\bsrc=\"([^\"]+)\"", text)
        loaded += re.findall(r"<link\b[^>]*rel=\"stylesheet\"[^>]*href=\"([^\"]+)\"", text)
        assert not [one for one in loaded if "//" in one], page.name


@pytest.mark.slow
def test_every_parameter_and_every_class_has_its_place(site, root):
    import yaml

    params = yaml.safe_load((root / "params.yaml").read_text())
    page = (site / "configuration.html").read_text(encoding="utf-8")
    for section in ("split", "scale", "evaluate", "tracking", "disagreements"):
        for name in params[section]:
            assert f"<code>{name}</code>" in page
    guide = (site / "field-guide.html").read_text(encoding="utf-8")
    for tag in params["training"]["classes"]:
        assert f'id="{tag}"' in guide
        assert (site / f"pictures/{tag}.png").is_file()


def test_the_pages_show_the_commands_that_the_test_runs(root):
    found = {page: commands(root, page) for page in PAGES}
    assert all(found.values())
    others = [path for path in (root / "docs").rglob("*.md") if "```sh" in path.read_text()]
    assert {str(path.relative_to(root / "docs")) for path in others} == set(PAGES)


def prepared(command):
    """Return a command with the settings of a short training, where it is a run."""
    if not command.startswith("dvc exp run"):
        return command
    given = set(re.findall(r"-S '?([\w.]+)=", command))
    more = [one for one in SMALL if one.split("=")[0] not in given]
    return command + "".join(f" -S '{one}'" for one in more)


def run(folder, command):
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment() | {"PYTHONPATH": str(folder)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


def finish_queue(folder):
    import time

    for _ in range(1200):
        status = call(folder, "dvc", "queue", "status").stdout
        if "Running" not in status and "Queued" not in status:
            assert "Failed" not in status, status
            return
        time.sleep(1.0)
    raise AssertionError(status)


@pytest.mark.slow
def test_the_commands_of_the_pages_run_as_they_are_written(root, tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = build_small(tmp_path)
    for page in PAGES:
        for command in commands(root, page):
            said = run(folder, prepared(command))
            if command.startswith("dvc queue start"):
                finish_queue(folder)
            if command == "dvc repro" and page == "index.md":
                assert "Running stage" not in said
            if command.startswith("dvc plots"):
                assert (folder / "build/plots/index.html").is_file()
    assert "written" in (folder / "reports/index.html").read_text(encoding="utf-8")
