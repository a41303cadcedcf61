"""`predict -o FILE`: predictions of any number of images, into a file."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from app.cli.console import print_lines
from app.errors import AppError
from app.reporting import CONSOLE, counted
from app.signals import stop_status

# Options of the table on standard output, or of what is done with each image.
_OTHERS = ("json", "csv", "sort_into", "link", "top")


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Declare `-o` and `--processes`."""
    group = parser.add_argument_group("any number of images, into a file")
    group.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write a row per image into a new .csv or .parquet file, by processes of their own; "
        "a run that was stopped goes on if the command is repeated",
    )
    group.add_argument(
        "--processes", type=int, metavar="N", help="processes that share the cores (default: 1)"
    )


def run_into(parsed: argparse.Namespace) -> int:
    """Predict into the file; return 0, 1 if an image could not be used, or that of a signal."""
    given = [name for name in _OTHERS if getattr(parsed, name) not in (None, False)]
    if given:
        raise AppError(
            f"-o with --{given[0].replace('_', '-')}.",
            "Expected one of the two: the ending of the file decides its format, and --columns "
            "its columns.",
        )
    if "-" in parsed.images:
        raise AppError(
            "-o with an image on standard input.", "Expected files, folders, shards or patterns."
        )
    from app.bulk.run import Stopped, predict_into
    from app.bulk.sources import refuse_missing
    from app.bulk.worker import Task

    refuse_missing(parsed.images)
    task = Task(
        model=parsed.model,
        raw=parsed.raw,
        all_digits=parsed.all,
        unknown_below=parsed.unknown_below,
        columns=parsed.columns,
        modules=tuple(parsed.modules),
    )
    processes = 1 if parsed.processes is None else parsed.processes
    try:
        outcome = predict_into(
            Path(parsed.output), parsed.images, task, processes=processes, reporter=CONSOLE
        )
    except Stopped as stopped:
        command = shlex.join(["python", "-m", "app", *sys.argv[1:]])
        CONSOLE.warning(str(stopped), f"To go on: {command}")
        return stop_status()
    print_lines(f"wrote {parsed.output}: {counted(outcome.images, 'image')}")
    if outcome.errors:
        CONSOLE.warning(
            f"{outcome.errors:,} of {counted(outcome.images, 'image')} could not be used: see the "
            "column 'error', or look at them: python -m app data check FOLDER"
        )
        return 1
    return 0
