"""The documentation: it builds without a warning, and its commands do what they say."""

import re
import subprocess
import tomllib

import pytest
from project import SMALL, build_small, call, environment

PAGES = (
    *("index.md", "tutorial.md", "tracking.md", "report.md", "howto/own-light-curves.md"),
    *("howto/add-class.md", "howto/add-feature.md", "howto/data-release.md", "howto/cluster.md"),
)
FILES = ("scope.py", "scope.yaml")  # which look like the name of a module
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


def pages(root):
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]


def is_there(root, name):
    """Tell whether a dotted name is a module of the project, or is written in the one it names."""
    parts = name.split(".")
    for n_module in range(len(parts), 0, -1):
        folder = root.joinpath(*parts[:n_module])
        for path in (folder.with_suffix(".py"), folder / "__init__.py"):
            if path.is_file() and path.parent != root:
                rest = parts[n_module:]
                return all(re.search(rf"\b{one}\b", path.read_text()) for one in rest)
    return False


def test_the_modules_and_functions_that_the_pages_name_exist(root):
    for page in pages(root):
        text = re.sub(r"https?://\S+|gs://\S+", "", page.read_text(encoding="utf-8"))
        paths = re.findall(r"(?:scope|stages|conf|benchmarks|tests|docs)/[\w/.-]*\w", text)
        wrong = [one for one in paths if not (root / one).exists() and "NAME" not in one]
        names = re.findall(r"\bscope(?:\.\w+)+", text)
        wrong += [one for one in names if one not in FILES and not is_there(root, one)]
        assert wrong == [], page.name


def test_the_rooms_of_the_architecture_are_those_of_the_linter(root):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    text = (root / "docs/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", text.split("\n## ")[1], re.MULTILINE)
    assert [re.findall(r"`(\w+)`", row) for row in rows] == [one.split(" | ") for one in layers]


def test_the_tests_that_the_architecture_names_exist(root):
    text = (root / "docs/architecture.md").read_text(encoding="utf-8")
    tests = "".join(path.read_text(encoding="utf-8") for path in (root / "tests").glob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", text))
    assert {one for one in named if f"def {one}(" not in tests} == set()


def test_the_readme_has_every_stage(root):
    import yaml

    stages = yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert [
        name for name in stages if f"`{name}`" not in readme and f"`{name}@TAG`" not in readme
    ] == []


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
