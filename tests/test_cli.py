"""The command line as a person types it."""

import subprocess
import sys

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from scope.cli.main import COMMANDS, main


@pytest.fixture
def scope(root, monkeypatch):
    """Run a command line from the project's folder."""
    monkeypatch.chdir(root)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return run


def write_scores(path, **columns) -> str:
    table = {"_id": [1, 2], "ra": [10.0, 20.0], "dec": [0.0, 5.0], "vnv_dnn": [0.99, 0.5]}
    pd.DataFrame(table | {"vnv_xgb": [0.05, 0.5]} | columns).to_csv(path, index=False)
    return str(path)


def test_a_table_of_scores_is_reported(scope, tmp_path):
    table = write_scores(tmp_path / "scores.csv")
    done = scope("disagreements", table, "--out", str(tmp_path / "out"))
    assert done.exit_code == 0
    found = pd.read_csv(tmp_path / "out/report.csv")
    assert found[["_id", "tag", "sure"]].to_numpy().tolist() == [[1, "vnv", "dnn"]]


def test_scores_outside_0_to_1_are_refused_and_nothing_is_written(scope, tmp_path):
    table = write_scores(tmp_path / "scores.csv", vnv_xgb=[1.5, 0.5])
    done = scope("disagreements", table, "--out", str(tmp_path / "out"))
    assert (done.exit_code, (tmp_path / "out").exists()) == (1, False)
    assert "vnv_xgb" in done.output


def test_an_absent_file_is_an_error_in_one_line(scope, tmp_path):
    done = scope("disagreements", str(tmp_path / "no.csv"), "--out", str(tmp_path / "out"))
    assert done.exit_code == 1
    assert done.output.startswith("error: ")
    assert done.output.count("\n") == 1


def test_params_are_composed_with_overrides(scope, tmp_path):
    done = scope("params", "class=ea", "--out", str(tmp_path / "params.yaml"))
    assert done.exit_code == 0
    assert "classes:\n- ea\n" in (tmp_path / "params.yaml").read_text()


def test_a_wrong_parameter_is_named(scope, tmp_path):
    done = scope("params", "split.test_size=2.0", "--out", str(tmp_path / "params.yaml"))
    assert (done.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "split.test_size" in done.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_is_listed_is_there_under_its_name(name, scope):
    done = scope(name, "--help")
    assert done.exit_code == 0
    assert f" {name} " in done.output.splitlines()[0]


def test_the_list_of_commands_loads_none_of_them(root):
    code = (
        "import sys; from click.testing import CliRunner; from scope.cli.main import main; "
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0; "
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_an_unknown_command_is_refused(scope):
    assert scope("trains").exit_code == 2


@pytest.mark.realdata
def test_the_published_scores_of_field_296_are_reported(scope, real_data, tmp_path):
    table = real_data / "scope_predictions/field_296_100rows_v1.csv"
    assert scope("disagreements", str(table), "--out", str(tmp_path / "out")).exit_code == 0
    assert (tmp_path / "out/report.html").is_file()
