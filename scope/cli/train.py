"""The command `train` under its older name and flags: it parses and calls, nothing else."""

import logging
import re
from typing import Any

import click

from scope.base.errors import ScopeError
from scope.base.stage import log_level
from scope.older.flags import GROUPS, Flag, all_flags
from scope.older.request import defaults, resolve

TRUE, FALSE = {"1", "true", "yes", "on", "t", "y"}, {"0", "false", "no", "off", "f", "n"}
NOTHING = {"none", "null", ""}


def switch(text: str) -> bool:
    """Return true or false, from any of the usual spellings."""
    if text.lower() not in TRUE | FALSE:
        raise click.BadParameter(f"{text!r} is neither true nor false (1, 0, true, false, ...).")
    return text.lower() in TRUE


def optional_number(text: str) -> float | None:
    """Return a number; None for none."""
    try:
        return None if text.lower() in NOTHING else float(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is neither a number nor none.") from error


def optional_text(text: str) -> str | None:
    """Return the text; None for none."""
    return None if text.lower() in NOTHING else text


def names(text: str) -> list[str]:
    """Return names joined by commas, also in brackets and quotes as Python writes them."""
    parts = [part.strip() for part in re.sub(r"[\[\]()'\"]", "", text).split(",")]
    return [part for part in parts if part.lower() not in NOTHING]


TYPES: dict[str, Any] = {
    "text": optional_text,
    "whole": int,
    "number": float,
    "optional number": optional_number,
    "switch": switch,
    "names": names,
}


class TrainCommand(click.Command):
    """A command whose help comes in groups and says where each default is from."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each group: flag, meaning, default, source of the default."""
        known = _defaults(ctx.params.get("tag"))
        rows: dict[str, list[tuple[str, str]]] = {group: [] for group in GROUPS}
        for flag in all_flags():
            rows[flag.group].append((_spelling(flag), f"{flag.text}  {_default(flag, known)}"))
        with formatter.section("Class"):
            formatter.write_dl([("--tag TAG", "Class to train, such as vnv.  [required]")])
        for group, lines in rows.items():
            with formatter.section(group):
                formatter.write_dl(lines)
        with formatter.section("Other"):
            formatter.write_dl([("-h, --help", "With --tag=TAG: the defaults of that class.")])


def _spelling(flag: Flag) -> str:
    names = [name for name in (flag.also, flag.name) if name]
    spelled = ", ".join(f"--{name}" for name in names)
    value = {"switch": "[=BOOL]", "whole": " N", "number": " X", "optional number": " X|none"}
    shown = value.get(flag.kind, f" {flag.kind.upper()}")
    return spelled + ("[=N]" if flag.name == "gpu" else shown)


def _defaults(tag: str | None) -> dict[str, Any]:
    """Return the settings that hold without flags; none where there is no params.yaml."""
    try:
        return dict(defaults(tag))
    except ScopeError:
        return {}


def _default(flag: Flag, known: dict[str, Any]) -> str:
    setting = known.get(flag.name)
    if setting is None:
        return "[default: of the class, training.classes.TAG]" if known else "[see params.yaml]"
    value = setting.value
    shown = ",".join(value) if isinstance(value, list) else str(value).lower()
    shown = value if isinstance(value, str) else shown
    return f"[default: {shown}, {setting.source}]"


def _option(flag: Flag) -> click.Option:
    spelled = [*(f"--{name}" for name in (flag.also, flag.name) if name), flag.name]
    kind = TYPES[flag.kind]
    if flag.bare is None:
        return click.Option(spelled, type=kind)
    return click.Option(spelled, type=kind, is_flag=False, flag_value=flag.bare)


def _train(tag: str, **values: Any) -> None:
    from scope.older.train import train  # pandas and the kernels, which --help does without

    context = click.get_current_context()
    typed = click.core.ParameterSource.COMMANDLINE
    given = {
        name: one for name, one in values.items() if context.get_parameter_source(name) == typed
    }
    # A table of all classes: the columns that one class does not need are no news.
    with log_level("scope.data", logging.WARNING):
        train(resolve(tag, given))


train_command = TrainCommand(
    "train",
    callback=_train,
    params=[
        click.Option(["--tag"], required=True, is_eager=True),
        *(_option(flag) for flag in all_flags()),
    ],
    help="""Train the network of one class on a table of features, as the older tool did.

    Flags may be written --a=b or --a b, with _ or -; switches also take a value. Where a flag is
    not given, its value is that of the class (training.classes.TAG), of training.older or of
    training in params.yaml. ./scope.py train --tag=vnv --help shows those of vnv.
    """,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "token_normalize_func": lambda name: name.replace("-", "_"),
        "max_content_width": 100,
    },
)
