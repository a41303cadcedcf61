"""Train a network on a dataset and save it.

The settings that matter are printed first, then a line per epoch; a star marks
the best validation accuracy so far (if tied, the lower loss). The epoch with
the last star is saved. The test images are used once, at the end.
"""

from __future__ import annotations

import argparse
import logging
import sys
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

from app.cli.command import run_command
from app.cli.console import print_lines
from app.cli.options import add_import
from app.cli.parser import Parser
from app.cli.processes import (
    add_processes,
    joined_place,
    note_meeting,
    place_of,
    places_here,
    train_as,
)
from app.cli.settings import add_settings, file_of, flags_of, settings_of, value_text
from app.cli.tables import print_table
from app.config import RunConfig, RunSettings, settings
from app.errors import AppError
from app.keras_startup import hidden_native_messages
from app.reporting import CONSOLE, SILENT, ConsoleReporter, Reporter
from app.setting import flag
from app.signals import stop_status
from app.training.distribution import join
from app.training.recipes import defaults_of, resolve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `python train.py`; return the exit status."""
    parser = build_parser()
    parser.set_defaults(arguments=sys.argv[1:] if arguments is None else list(arguments))
    return run_command(parser, arguments)


def build_parser() -> Parser:
    """Return the parser of `python train.py`: a flag for every field of `RunSettings`."""
    parser = Parser(
        prog="python train.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_settings(parser)
    parser.add_argument(
        "--show-config",
        action="store_true",
        help="print every setting with the source of its value, and exit",
    )
    add_import(parser)
    add_processes(parser)
    parser.set_defaults(run=run)
    return parser


def run(parsed: argparse.Namespace) -> int:
    """Train with the settings of the flags."""
    flags, file = flags_of(parsed), file_of(parsed)
    config = settings_of({**file, **flags})
    if parsed.show_config:
        origins = {
            **dict.fromkeys(file, f"config file {parsed.config}"),
            **dict.fromkeys(flags, "flag"),
        }
        print_table(["setting", "value", "from"], origin_rows(config, origins))
        return 0
    place = joined_place()
    if place is None:
        given = place_of(parsed)
        if given is not None:
            return train_as([given], parsed.arguments)
        if (parsed.processes or 1) > 1:
            return train_as(places_here(parsed.processes), parsed.arguments)
    if place is None or place.index == 0:
        print_lines(*describe(config, resolve(config)))

    from app.training.listeners import Console
    from app.training.run import Followed, train
    from app.training.summary import cautions, summary

    console: Reporter = ConsoleReporter(info_on_stdout=True)
    if place is not None:
        join(place)
        note_meeting()
        if place.index > 0:  # the first one reports for all
            console = SILENT
            logging.getLogger("app").setLevel(logging.WARNING)
    try:
        # JAX writes a stack trace where it ends a process that has lost another.
        with nullcontext() if place is None else hidden_native_messages():
            try:
                outcome = train(config, listeners=[Console(console)])
            except Followed as followed:  # within, where it is no error that shows hidden messages
                return 0 if followed.finished else stop_status()
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
        rows.append([flag(setting.name)[2:], value_text(getattr(resolved, setting.name)), origin])
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
        or (setting.name == "final_size" and resolved.final_size != resolved.image_size)
    ]
    cells = [f"{flag(name)[2:]:15} {value_text(getattr(resolved, name))}" for name in named]
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


def _wrapped(cell: str) -> list[str]:
    return textwrap.wrap(
        cell.replace(",", ", "),
        80,
        subsequent_indent=16 * " ",
        break_long_words=False,
        break_on_hyphens=False,
    )


_COLUMN = 38
_ALWAYS_SHOWN = (
    "dataset", "recipe", "model", "epochs", "batch_size", "learning_rate", "image_size", "augment",
    "precision",
)  # fmt: skip
