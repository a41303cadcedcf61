"""Train a network on a dataset and save it.

The settings that matter are printed first, then a line per epoch; a star marks
the best validation accuracy so far (if tied, the lower loss). The epoch with
the last star is saved. The test images are used once, at the end.
"""

from __future__ import annotations

import argparse
import json
import textwrap
import typing
from collections.abc import Mapping, Sequence
from dataclasses import Field
from pathlib import Path

from app.cli.command import run_command
from app.cli.console import print_lines
from app.cli.options import add_import
from app.cli.parser import Parser
from app.cli.tables import print_table
from app.config import RunConfig, RunSettings, settings
from app.errors import AppError
from app.names import did_you_mean
from app.reporting import CONSOLE, ConsoleReporter
from app.setting import flag
from app.signals import stop_status
from app.training.recipes import defaults_of, resolve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `python train.py`; return the exit status."""
    return run_command(build_parser(), arguments)


def build_parser() -> Parser:
    """Return the parser of `python train.py`: a flag for every field of `RunSettings`."""
    parser = Parser(
        prog="python train.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    types = typing.get_type_hints(RunSettings)
    defaults = [resolve(RunSettings(dataset=dataset)) for dataset in ("mnist", "catsdogs")]
    for setting in settings():
        help_text = setting.metadata["help"] + _default_text(setting, *defaults)
        option = flag(setting.name)
        if bool in _members(types[setting.name]):
            # An open setting can be named either way.
            action = "store_true" if setting.default is False else argparse.BooleanOptionalAction
            parser.add_argument(option, action=action, default=setting.default, help=help_text)
            continue
        names = setting.metadata["names"]
        choices = names if isinstance(names, tuple) else ()
        kind = next(t for t in (int, float, str) if t in _members(types[setting.name]))
        parser.add_argument(
            option,
            type=kind,
            default=setting.default,
            choices=choices or None,
            metavar=_METAVARS.get(setting.name, None if choices else setting.name.upper()),
            help=help_text,
        )
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="JSON of settings, or a model's card.json; flags take precedence",
    )
    parser.add_argument(
        "--show-config",
        action="store_true",
        help="print every setting with the source of its value, and exit",
    )
    add_import(parser)
    parser.set_defaults(run=run)
    return parser


def _default_text(setting: Field[typing.Any], digits: RunConfig, photographs: RunConfig) -> str:
    """Return the default of a setting, for the help."""
    if isinstance(setting.default, bool) or "default:" in setting.metadata["help"]:
        return ""
    if setting.default is not None:
        return f" (default: {setting.default})"
    first, second = (_value(getattr(config, setting.name)) for config in (digits, photographs))
    if first == second:
        return f" (default recipe: {first})" if first != "None" else ""
    return f" (default recipe: {first} for mnist, {second} for catsdogs)"


def run(parsed: argparse.Namespace) -> int:
    """Train with the settings of the flags."""
    flags = {
        setting.name: getattr(parsed, setting.name)
        for setting in settings()
        if getattr(parsed, setting.name) != setting.default
    }
    file = read_settings(Path(parsed.config)) if parsed.config else {}
    values = {**file, **flags}
    from app.augmentation.parsing import read_augmentation

    if (values.get("augment") or "").endswith(".json"):
        # The run's record holds the values: the file may change, and does not travel with it.
        values["augment"] = read_augmentation(Path(values["augment"]))
    config = RunSettings(**values)
    if parsed.show_config:
        origins = {
            **dict.fromkeys(file, f"config file {parsed.config}"),
            **dict.fromkeys(flags, "flag"),
        }
        print_table(["setting", "value", "from"], origin_rows(config, origins))
        return 0
    print_lines(*describe(config, resolve(config)))

    from app.training.listeners import Console
    from app.training.run import train
    from app.training.summary import cautions, summary

    try:
        outcome = train(config, listeners=[Console(ConsoleReporter(info_on_stdout=True))])
    except BrokenPipeError:
        raise AppError(
            "Standard output was closed, and training stopped.",
            fix="To go on, repeat the command with --resume; `> FILE` keeps the output.",
            status=1,
        ) from None
    print_lines(*summary(outcome))
    for message in cautions(outcome):
        CONSOLE.warning(message)
    return 0 if outcome.card.finished else stop_status()


def read_settings(path: Path) -> dict[str, typing.Any]:
    """Return the settings in a JSON file: an object of them, or a model's card.

    Of a card, only what affects the model counts: its name, and whether it replaced another one,
    were for that run.

    Raises:
        AppError: If the file cannot be read, or holds something else.
    """
    expected = 'Expected an object of settings such as {"epochs": 3}, or the card of a model.'
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise AppError(f"--config '{path}' cannot be read: {error}.", expected) from None
    card = content if isinstance(content, dict) and "configuration" in content else None
    if card is not None:
        content = card["configuration"]
    if not isinstance(content, dict):
        raise AppError(f"--config '{path}' holds a {type(content).__name__}.", expected)
    types = typing.get_type_hints(RunSettings)
    for name, value in content.items():
        if name not in types:
            raise AppError(
                f"--config '{path}' sets '{name}', which is unknown.",
                expected,
                did_you_mean(name, types),
            )
        accepted = _members(types[name])
        if type(value) not in accepted and not (type(value) is int and float in accepted):
            raise AppError(f"--config '{path}' sets {name} to {value!r}.", expected)
    if card is None:
        return content
    affecting = {s.name for s in settings() if s.metadata["affects_model"]}
    replaced = {"stand_in": "always"} if card.get("stand_in") is True else {}
    return {name: value for name, value in content.items() if name in affecting} | replaced


def origin_rows(given: RunSettings, origins: Mapping[str, str]) -> list[list[str]]:
    """Return a row per setting: its flag, its value, and where that comes from.

    Args:
        given: Settings that the user chose.
        origins: Source of each of them, such as a flag or a file.
    """
    defaults, resolved = defaults_of(given), resolve(given)
    rows = []
    for setting in settings():
        origin = origins.get(setting.name)
        if origin is None:
            open_ = getattr(given, setting.name) is None and setting.name in defaults
            origin = defaults[setting.name].origin if open_ else "default"
        rows.append([flag(setting.name)[2:], _value(getattr(resolved, setting.name)), origin])
    return rows


def describe(asked: RunSettings, resolved: RunConfig) -> list[str]:
    """Return the settings that matter, in two columns, for an 80-column terminal.

    Args:
        asked: The settings that flags named.
        resolved: The same with all others from the recipe.
    """
    ordinary = RunSettings()
    named = [
        setting.name
        for setting in settings()
        if setting.name in _ALWAYS_SHOWN
        or getattr(asked, setting.name) != getattr(ordinary, setting.name)
    ]
    cells = [f"{name.replace('_', '-'):15} {_value(getattr(resolved, name))}" for name in named]
    dataset, *others = cells  # first, however long it is
    short = [cell for cell in others if len(cell) <= _COLUMN]
    if len(dataset) <= _COLUMN:
        short.insert(0, dataset)
    rows = -(-len(short) // 2)
    left, right = short[:rows], [*short[rows:], ""][:rows]
    table = [f"{a:<{_COLUMN}}  {b}".rstrip() for a, b in zip(left, right, strict=True)]
    above = [] if dataset in short else [dataset]
    # Such as an augmentation with many settings.
    below = [line for cell in others if cell not in short for line in _wrapped(cell)]
    return [*above, *table, *below, "All settings will be in the model's card.json.", ""]


def _value(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _wrapped(cell: str) -> list[str]:
    return textwrap.wrap(
        cell.replace(",", ", "),
        80,
        subsequent_indent=16 * " ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _members(hint: typing.Any) -> tuple[typing.Any, ...]:
    return typing.get_args(hint) or (hint,)


_COLUMN = 38
_ALWAYS_SHOWN = (
    "dataset", "recipe", "model", "epochs", "batch_size", "learning_rate", "image_size", "augment",
    "precision",
)  # fmt: skip
_METAVARS = {
    "dataset": "NAME|FOLDER|REFERENCE",
    "recipe": "NAME|REFERENCE",
    "model": "NAME|REFERENCE",
    "optimizer": "NAME|REFERENCE",
    "epochs": "N",
    "batch_size": "N",
    "learning_rate": "RATE",
    "weight_decay": "FRACTION",
    "label_smoothing": "FRACTION",
    "start_size": "PIXELS",
    "final_size": "PIXELS",
    "image_size": "PIXELS",
    "augment": "NAME|SETTINGS|FILE|REFERENCE",
    "dropout": "FRACTION",
    "limit": "N",
    "watch": "IMAGE",
    "early_stopping": "N",
    "output": "FOLDER",
    "workers": "N",
    "data_dir": "FOLDER",
}
