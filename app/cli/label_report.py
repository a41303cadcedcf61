"""`python -m app data check DATASET --labels`: print suspect labels, and write them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.console import print_lines
from app.cli.options import chosen_folder
from app.cli.tables import print_json, print_table
from app.errors import AppError
from app.reporting import CONSOLE

if TYPE_CHECKING:
    import numpy as np

    from app.data.dataset import Dataset
    from app.figures.canvas.style import Figure
    from app.label_errors.check import LabelCheck

TABLE, SHEET = "label_errors.csv", "label_errors.png"
_ROWS, _PICTURES, _SIDE = 10, 50, 160


def output_folder(output: str | None, data: Dataset, dataset: str) -> Path:
    """Return the folder of the results.

    Args:
        output: Folder that the user chose, or `None` for one named after the dataset.
        data: Dataset to check.
        dataset: Its name or folder.

    Raises:
        AppError: If it is a file, or would be among the images.
    """
    folder = chosen_folder(output or f"{data.name}-labels")
    root = Path(dataset).resolve()
    if root.is_dir() and folder.resolve().is_relative_to(root):
        raise AppError(
            f"-o '{folder}' is inside '{dataset}', where a contact sheet would be an image of it.",
            "Expected a folder elsewhere.",
            f"Choose another: -o {root.with_name(f'{root.name}-labels')}",
        )
    return folder


def write_check(check: LabelCheck, output: Path) -> None:
    """Write the table, and the contact sheet if there are suspect labels."""
    from app.figure_files import save

    check.write_csv(output / TABLE)
    CONSOLE.info(f"wrote {output / TABLE}")
    sheet = output / SHEET
    if check.found.count:
        save(_sheet(check), sheet)
        CONSOLE.info(f"wrote {sheet}")
    else:
        sheet.unlink(missing_ok=True)  # of an earlier check


def print_check(check: LabelCheck, *, as_json: bool) -> None:
    """Print how well labels are predicted, the most suspect ones, and how many of each class."""
    if as_json:
        print_json(check.to_json())
        return
    print_lines(
        f"{check.dataset}: {len(check.images):,} images, each predicted by a network that was not "
        "trained on it;",
        f"{check.evaluation.accuracy:.1%} of the labels are predicted, and "
        f"{check.found.count:,} are suspect.",
    )
    if check.skipped:
        (name, reason), count = check.skipped[0], len(check.skipped)
        files = "file" if count == 1 else "files"
        print_lines(f"Left out: {count:,} unreadable {files}, such as {name} ({reason}).")
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
    from app.data.decoding import UndecodableImage, load_reduced

    images = check.images.images
    try:
        return (
            load_reduced(images[position], _SIDE, check.channels)
            if check.images.in_files
            else images[position]
        )
    except UndecodableImage:
        return None
