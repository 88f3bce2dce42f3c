"""`scope train` as a person types it."""

import json

import pytest
from click.testing import CliRunner, Result
from d15 import PATH, project

from scope.cli.main import main
from scope.older.flags import GROUPS, all_flags

DATA = f"--path_dataset={PATH}"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(project(tmp_path))
    return tmp_path


@pytest.fixture
def asked(folder, monkeypatch):
    """Return what a command line asks for, without doing it."""
    requests = []
    monkeypatch.setattr("scope.older.train.train", requests.append)

    def ask(*arguments: str):
        done = run("train", "--tag=vnv", *arguments)
        assert done.exit_code == 0, done.output
        return requests[-1]

    return ask


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_the_first_line_of_the_older_tool_runs_verbatim(folder):
    run("train", "--tag=vnv", DATA, "--epochs=1", "--save")
    (saved,) = (folder / "models/vnv").glob("*/*.keras")
    older = folder / "models/vnv/20210324_220331"
    older.mkdir()
    for ending in (".keras", ".json"):
        file = saved.with_name(saved.name.removesuffix(".keras") + ending)
        file.rename(older / f"vnv.20210324_220331{ending}")
    line = (
        "train --tag=vnv --path_dataset=data/training/dataset.d15.csv --batch_size=64 --epochs=2 "
        "--verbose=1 --pre_trained_model=models/vnv/20210324_220331/vnv.20210324_220331"
    )
    done = run(*line.split())
    assert done.exit_code == 0, done.output
    assert "epoch 2/2" in done.output
    assert "F1" in done.output


def test_the_second_line_runs_verbatim_but_for_the_gpu(folder):
    line = (
        "train --tag=rrlyr --path_dataset=data/training/dataset.d15.csv --scale_features=min_max "
        "--batch_size=64 --epochs=2 --patience=30 --random_state=7 --verbose=1 "
        "--conv_branch=true --save"
    )
    done = run(*line.split())
    assert done.exit_code == 0, done.output
    (note,) = (folder / "models/rrlyr").glob("*/*.json")
    params = json.loads(note.read_text())["params"]
    assert params["random_state"] == {"value": 7, "source": "--random_state"}
    assert note.name == f"rrlyr.{note.parent.name}.json"


def test_a_gpu_that_is_not_there_is_an_error_with_the_devices_seen(folder):
    done = run("train", "--tag=vnv", DATA, "--gpu=77")
    assert done.exit_code == 1
    assert "no GPU:77" in done.output
    assert "TensorFlow sees CPU:0" in done.output


@pytest.mark.parametrize(
    "typed",
    [
        ["--batch_size=32"],
        ["--batch_size", "32"],
        ["--batch-size=32"],
        ["--batch-size", "32"],
    ],
)
def test_a_flag_is_written_either_way(asked, typed):
    assert asked(*typed).training.batch_size == 32


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["--save"], True),
        (["--save", "--epochs=2"], True),
        (["--save=1"], True),
        (["--save", "true"], True),
        (["--save=True"], True),
        (["--save=false"], False),
        (["--save", "0"], False),
        ([], False),
    ],
)
def test_a_switch_may_have_a_value(asked, typed, expected):
    assert asked(*typed).save is expected


@pytest.mark.parametrize(
    ("typed", "expected"), [(["--gpu"], 0), (["--gpu=1"], 1), (["--gpu", "2"], 2), ([], None)]
)
def test_the_gpu_without_a_number_is_the_first(asked, typed, expected):
    assert asked(*typed).gpu == expected


EVERY_FLAG = f"""
--batch_size=8 --epochs=9 --verbose --patience=7 --random_state=5 --gpu --conv_branch=false
--dense_branch --scale_features=median_std --threshold=0.6 --balance=2.5 --weight_per_class
--test_size=0.3 --val_size=0.2 --lr=1e-3 --beta_1=0.7 --beta_2=0.8 --epsilon=1e-3 --amsgrad
--momentum=0.5 --optimizer=sgd --loss=poisson --monitor=val_auc --callbacks=early_stopping
--run_eagerly --pre_trained_model=m --features=skew,ad --save --plot --test {DATA}
"""


def test_every_flag_of_the_older_tool_is_taken(asked):
    request = asked(*EVERY_FLAG.split())
    assert (request.training.batch_size, request.training.patience) == (8, 7)
    assert request.training.learning_rate == 1e-3
    assert (request.params.threshold, request.params.balance) == (0.6, 2.5)
    assert request.feature_names == ["skew", "ad"]
    assert request.older.callbacks == ["early_stopping"]
    assert (request.older.amsgrad, request.older.run_eagerly) == (True, True)
    assert (request.older.monitor, request.older.loss) == ("val_auc", "poisson")


def test_callbacks_may_be_written_as_python_does(asked):
    typed = "--callbacks=('reduce_lr_on_plateau','early_stopping')"
    assert asked(typed).older.callbacks == ["reduce_lr_on_plateau", "early_stopping"]
    assert asked("--callbacks=none").older.callbacks == []


def test_balance_may_be_none(asked):
    assert asked("--balance=2").params.balance == 2
    assert asked("--balance=none").params.balance is None


def test_an_unknown_flag_is_answered_with_the_nearest(folder):
    done = run("train", "--tag=vnv", "--batchsize=64")
    assert done.exit_code == 2
    assert "--batch_size" in done.output


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("--save=maybe", "neither true nor false"),
        ("--epochs=many", "--epochs"),
        ("--balance=some", "neither a number nor none"),
        ("--epochs=0", "epochs is 0"),
        ("--tag=xyz", "'xyz' is unknown"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_it(folder, typed, message):
    done = run("train", "--tag=vnv", typed)
    assert done.exit_code != 0
    assert message in done.output


def test_without_a_tag_it_is_asked_for(folder):
    assert "--tag" in run("train").output


def test_help_shows_every_flag_in_its_group_with_default_and_source(folder):
    text = run("train", "--help").output
    assert [text.index(f"{group}:") for group in GROUPS] == sorted(
        text.index(f"{group}:") for group in GROUPS
    )
    plain = " ".join(text.split())
    assert all(f"--{flag.name}" in plain for flag in all_flags())
    assert "[default: min_max, training.older]" in plain
    assert "[default: 64, training]" in plain
    assert "[default: of the class, training.classes.TAG]" in plain


def test_help_for_a_class_shows_its_values(folder):
    plain = " ".join(run("train", "--tag=vnv", "--help").output.split())
    assert "[default: 0.9, training.classes.vnv]" in plain


def test_help_without_params_yaml_still_helps(folder):
    (folder / "params.yaml").unlink()
    done = run("train", "--help")
    assert done.exit_code == 0
    assert "--batch_size" in done.output
