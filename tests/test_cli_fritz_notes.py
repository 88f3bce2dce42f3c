"""The smaller commands for Fritz, and upload-disagreements from files, as a person types them."""

import json

import pandas as pd
import pytest
import yaml
from test_cli_fritz import fritz, results  # noqa: F401, the fixture

from scope.base.errors import ConfigError
from scope.fritz.credentials import fritz_credentials
from scope.fritz.uploads.session import connect

NAME = "ZTFJ004000.00+010000.0"


@pytest.fixture
def annotate(fritz, server):  # noqa: F811
    """Annotate a source that is there."""
    with server.client() as client:
        client.create_source(NAME, 10.0, 1.0, [3])
    start = ("annotate", NAME, "--origin", "scope-mine", "--group-ids", "3")
    return lambda *more: fritz(*start, *more)


def data_of(server):
    return [json.loads(one["data"]) for one in server.rows("annotations")]


def test_an_annotation_is_posted_updated_and_deleted(annotate, server):
    assert annotate("--data", "period=0.5", "--data", "note=a b", "--data", "x=1").exit_code == 0
    assert data_of(server) == [{"period": 0.5, "note": "a b", "x": 1}]
    assert annotate("--data", "period=0.25", "--data", "x=").exit_code == 0
    assert data_of(server) == [{"period": 0.25, "note": "a b"}]
    assert annotate("--delete").exit_code == 0
    assert data_of(server) == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ((), "--data KEY=VALUE"),
        (("--data", "period"), "write KEY=VALUE"),
        (("--delete",), "has no"),
    ],
)
def test_an_annotation_that_cannot_be_made_is_explained(annotate, server, more, message):
    done = annotate(*more)
    assert (done.exit_code, message in done.output) == (1, True)
    assert data_of(server) == []


def test_a_source_that_is_not_there_cannot_be_annotated(fritz, server):  # noqa: F811
    done = fritz("annotate", "nosuch", "--origin", "o", "--data", "a=1", "--group-ids", "3")
    assert (done.exit_code, "not found" in done.output) == (1, True)


def test_the_tree_of_scope_is_posted_once_by_those_who_may(fritz, server, monkeypatch):  # noqa: F811
    command = ("post-taxonomy", "--version", "1.0", "--group-ids", "3")
    done = fritz(*command)
    assert (done.exit_code, "'Post taxonomy'" in done.output) == (1, True)
    monkeypatch.setenv("FRITZ_TOKEN", server.admin_token)
    assert fritz(*command).exit_code == 0
    assert fritz(*command).exit_code == 0
    assert server.count("taxonomies", name="SCoPe") == 1


def test_another_tree_of_the_same_version_is_refused(fritz, server, monkeypatch, tmp_path):  # noqa: F811
    monkeypatch.setenv("FRITZ_TOKEN", server.admin_token)
    command = ("post-taxonomy", "--version", "1.0", "--group-ids", "3")
    fritz(*command)
    other = tmp_path / "tree.yaml"
    other.write_text(yaml.safe_dump({"class": "SCoPe"}))
    done = fritz(*command, "--file", str(other))
    assert (done.exit_code, "raise the version" in done.output) == (1, True)


def test_a_tree_is_shown_without_sending_it(fritz, server):  # noqa: F811
    done = fritz("post-taxonomy", "--version", "1.0", "--group-ids", "3", "--dry-run")
    assert "\n      RR Lyrae\n        RR Lyrae ab\n" in done.output
    assert server.calls() == []


@pytest.fixture
def disagree(fritz, tmp_path):  # noqa: F811
    """Upload the disagreements of three light curves, the last of which is known."""
    scores = pd.DataFrame(
        {
            "_id": [1, 2, 3],
            **{"ra": [10.0, 20.0, 30.0], "dec": 5.0, "period": 0.5},
            **{"ea_dnn": [0.99, 0.5, 0.99], "ea_xgb": [0.01, 0.5, 0.01], "ea_dnn_std": 0.03},
        }
    )
    scores.to_csv(tmp_path / "scores.csv", index=False)
    scores[["_id", "ra", "dec"]].tail(1).to_parquet(tmp_path / "training.parquet")
    features = pd.DataFrame({"_id": [1, 2, 3], "Gaia_EDR3__parallax": [1.5, 2.5, 3.5]})
    features.to_parquet(tmp_path / "features.parquet")
    start = ("upload-disagreements", "--dataset", str(tmp_path / "training.parquet"))
    given = ("--scores", str(tmp_path / "scores.csv"), "--group-ids", "3")
    return lambda *more: fritz(*start, *given, *more)


def test_disagreements_outside_the_training_set_are_uploaded(disagree, server, tmp_path):
    assert disagree("--features", str(tmp_path / "features.parquet")).exit_code == 0
    assert [one["id"] for one in server.rows("sources")] == ["ZTFJ004000.00+050000.0"]
    note = server.rows("annotations")[0]
    data = json.loads(note["data"])
    assert note["origin"] == "scope-scores"
    assert {name: data[name] for name in ("ea_dnn", "ea_xgb", "ea_dnn_std", "class")} == {
        **{"ea_dnn": 0.99, "ea_xgb": 0.01},
        **{"ea_dnn_std": 0.03, "class": "ea"},
    }
    assert (data["period_days"], data["Gaia_EDR3__parallax"]) == (0.5, 1.5)
    table = results(tmp_path / "scores.disagreements.csv")
    assert table[["_id", "status"]].to_numpy().tolist() == [[1, "created"]]


def test_the_limits_may_be_given(disagree, server):
    assert disagree("--high", "0.4", "--low", "0.3", "--dry-run").exit_code == 0
    assert disagree("--high", "0.995").exit_code == 0
    assert server.calls("POST") == []


def test_without_kowalski_the_files_that_help_are_named(fritz, server, tmp_path, disagree):  # noqa: F811
    done = fritz(
        *("upload-disagreements", "--dataset", str(tmp_path / "training.parquet")),
        *("--group-ids", "3"),
    )
    assert (done.exit_code, "give --scores FILE" in done.output) == (1, True)


@pytest.mark.parametrize("rate", ["fast", "0", "inf"])
def test_a_rate_that_is_none_is_refused(fritz, monkeypatch, rate):  # noqa: F811
    monkeypatch.setenv("FRITZ_RATE", rate)
    assert fritz_credentials().token
    with pytest.raises(ConfigError, match="FRITZ_RATE"):
        connect()


def test_the_rate_may_stand_in_the_file_beside_the_token(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("FRITZ_URL", "FRITZ_TOKEN", "FRITZ_RATE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text("FRITZ_TOKEN=abc\nFRITZ_RATE=none\n")
    with pytest.raises(ConfigError, match="FRITZ_RATE is 'none'"):
        connect()
