"""`python -m app data check DATASET --labels`: which labels are probably wrong."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.console import print_lines
from app.cli.options import chosen_folder, refuse_inside
from app.cli.tables import print_json, print_table
from app.errors import AppError
from app.reporting import CONSOLE, counted

if TYPE_CHECKING:
    import numpy as np

    from app.data.dataset import Dataset
    from app.figures.canvas.style import Figure
    from app.label_errors.check import LabelCheck

_FOLDS = 5
_TABLE, _SHEET = "label_errors.csv", "label_errors.png"
_ROWS, _PICTURES, _SIDE = 10, 50, 160


def add_label_options(command: argparse.ArgumentParser) -> None:
    """Declare `--labels` and the options that belong to it."""
    command.add_argument(
        "--labels",
        action="store_true",
        help="look for wrong labels: networks predict images that they were not trained on; a few "
        "minutes for 2,000 photographs. What is wrong throughout, such as two classes with each "
        "other's name, cannot be found",
    )
    command.add_argument(
        "--from",
        dest="model",
        metavar="MODEL",
        help="with --labels: classify the features of a saved model that was not trained on these "
        "images, instead of training networks: seconds, and better for images like the model's",
    )
    command.add_argument(
        "--folds",
        type=int,
        metavar="N",
        help="with --labels: number of parts of the images, each of which is predicted by a "
        f"network that was trained on the others (default: {_FOLDS})",
    )
    command.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help="with --labels: check only N images, balanced over the classes",
    )
    command.add_argument(
        "-o",
        "--output",
        metavar="FOLDER",
        help="with --labels: folder for label_errors.csv, label_errors.png with the first 50, and "
        "the results of folds, with which a repeated command goes on (default: DATASET-labels)",
    )


def check_label_options(parsed: argparse.Namespace) -> None:
    """Refuse options of `--labels` without it, and numbers out of range.

    Raises:
        AppError: With the first one.
    """
    for name, least in (("folds", 2), ("limit", 4), ("model", None), ("output", None)):
        value = getattr(parsed, name)
        if value is not None and not parsed.labels:
            flag = "--from" if name == "model" else f"--{name}"
            raise AppError(f"{flag} without --labels.", "Expected --labels, which it belongs to.")
        if value is not None and least is not None and value < least:
            raise AppError(f"--{name} is {value}.", f"Expected a whole number of at least {least}.")


def report_labels(parsed: argparse.Namespace, data: Dataset) -> None:
    """Check labels, write the results, and print them.

    Raises:
        AppError: As `app.label_errors.check.check_labels`, or for the folder of the results.
    """
    from app.label_errors.check import CheckOptions, check_labels

    output = _output_folder(parsed.output, data, parsed.dataset)
    folds = _FOLDS if parsed.folds is None else parsed.folds
    options = CheckOptions(folds, parsed.limit, output, parsed.model)
    check = check_labels(data, parsed.dataset, options, CONSOLE)
    _write(check, output)
    if parsed.json:
        print_json(check.to_json())
    else:
        _print(check)


def _output_folder(output: str | None, data: Dataset, dataset: str) -> Path:
    """Return the folder of the results.

    Args:
        output: Folder that the user chose, or `None` for one named after the dataset.
        data: Dataset to check.
        dataset: Its name or folder.

    Raises:
        AppError: If it is a file, or would be among the images.
    """
    folder = chosen_folder(output or f"{data.name}-labels")
    refuse_inside(folder, dataset)
    return folder


def _write(check: LabelCheck, output: Path) -> None:
    """Write the table, and the contact sheet if there are suspect labels."""
    from app.figure_files import save

    check.write_csv(output / _TABLE)
    CONSOLE.info(f"wrote {output / _TABLE}")
    sheet = output / _SHEET
    if check.found.count:
        save(_sheet(check), sheet)
        CONSOLE.info(f"wrote {sheet}")
    else:
        sheet.unlink(missing_ok=True)  # of an earlier check


def _print(check: LabelCheck) -> None:
    """Print how well labels are predicted, the most suspect ones, and how many of each class."""
    print_lines(
        f"{check.dataset}: {len(check.images):,} images, each predicted without its own label;",
        f"{check.evaluation.accuracy:.1%} of the labels are predicted, and "
        f"{check.found.count:,} are suspect.",
    )
    if check.skipped:
        (name, reason), count = check.skipped[0], len(check.skipped)
        files = counted(count, "unreadable file")
        print_lines(f"Left out: {files}, such as {name} ({reason}).")
    if not check.found.count:
        return
    rows = [check.row(k) for k in check.suspects[:_ROWS]]
    print_table(
        ["most suspect", "label", "looks like", "margin"],
        [[row["image"], row["label"], row["suggested"], f"{row['margin']:.3f}"] for row in rows],
        right="margin",
    )
    labels = check.images.labels
    print_table(
        ["label", "images", "suspect", "share"],
        [
            [name, f"{(labels == k).sum():,}", f"{suspects:,}",
             f"{suspects / (labels == k).sum():.1%}"]
            for k, name in enumerate(check.class_names)
            for suspects in [(labels[check.suspects] == k).sum()]
        ],
        right="images|suspect|share",
    )  # fmt: skip
    print_lines(
        "Networks err, too: look at the images before you change a label. Begin with the",
        "first ones, and stop where most are right.",
    )


def _sheet(check: LabelCheck) -> Figure:
    from app.figures.label_errors import label_errors_figure

    first = check.suspects[:_PICTURES]
    captions = []
    for row in map(check.row, first):
        name = row["image"].rpartition("/")[2]
        captions.append(f"{row['label']}\n{row['suggested']}?\n{name}")
    return label_errors_figure(
        [_picture(check, k) for k in first], captions,
        dataset=check.dataset, total=check.found.count,
    )  # fmt: skip


def _picture(check: LabelCheck, position: int) -> np.ndarray | None:
    """Return an image with its own aspect ratio, or `None` if its file is gone by now."""
    import numpy as np

    from app.data.decoding import UndecodableImage, load_reduced

    source = check.images.images[position]
    if isinstance(source, np.ndarray):
        return source
    try:
        return load_reduced(source, _SIDE, check.channels)
    except UndecodableImage:
        return None
