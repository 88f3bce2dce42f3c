"""What `scope train` shows."""

import io

from rich.console import Console

from scope.older.display import PLAIN_WIDTH, Epochs, show_figures

SEEN = {"epoch": 50, "loss": 0.25, "val_loss": 0.5, "val_auc": 0.875, "learning_rate": 3e-4}


def console(*, terminal: bool = False, width: int = PLAIN_WIDTH) -> Console:
    return Console(
        file=io.StringIO(), width=width, force_terminal=terminal, highlight=False, markup=False
    )


def shown(on: Console) -> str:
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue()


def clock(*times: float):
    return iter(times).__next__


def test_an_epoch_has_bar_losses_area_and_time_left():
    on = console()
    with Epochs(on, 200, every=True, clock=clock(0.0, 100.0)) as watch:
        watch(SEEN)
    line = " ".join(shown(on).split())
    assert line == "epoch 50/200 ━━ loss 0.2500 validation 0.5000 AUC 0.8750 5:00 left"


def test_an_epoch_is_one_line_of_a_terminal_80_wide():
    on = console(width=80)
    with Epochs(on, 300, every=True, clock=clock(0.0, 60_000.0)) as watch:
        watch(SEEN)
    assert shown(on).count("\n") == 1
    assert "83:20:00 left" in shown(on)


def test_without_a_terminal_there_are_no_control_codes():
    on = console()
    with Epochs(on, 200, every=True) as watch:
        watch(SEEN)
    show_figures(on, "vnv", {"test": {"loss": 0.5, **dict.fromkeys(NAMES, 1)}})
    assert "\x1b" not in shown(on)


def test_without_terminal_and_verbose_epochs_are_not_shown():
    on = console()
    with Epochs(on, 200, every=False) as watch:
        watch(SEEN)
    assert shown(on) == ""


def test_on_a_terminal_one_line_is_overwritten():
    on = console(terminal=True)
    with Epochs(on, 200, every=False) as watch:
        watch(SEEN)
    assert "loss 0.2500" in shown(on)
    assert "\x1b[2K" in shown(on)


def test_the_final_table_has_a_column_a_part_and_a_dash_for_what_is_not_defined():
    on = console()
    found = {"loss": 0.5, **dict.fromkeys(NAMES, 1234)}
    show_figures(on, "vnv", {"test": found, "dropped": found | {"auc": None}, "none": {}})
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown(on).splitlines()]
    assert ["tp", "1,234", "1,234"] in cells
    assert ["AUC", "1,234", "-"] in cells


NAMES = ("tp", "fp", "tn", "fn", "accuracy", "precision", "recall", "auc", "f1")
