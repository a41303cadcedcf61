"""Classify images with a saved model.

IMAGE is a file, a folder, a folder of shards, a pattern such as 'photos/*.jpg',
or - for the bytes of one image on standard input. Images that cannot be decoded
are reported, also as `error` in --json, --csv and -o. The others are
classified; the exit status is 1.

-o FILE takes any number of images: memory does not grow with them, and after an
interruption the same command goes on where it stopped.

--columns chooses the columns of CSV and their headings: image (the path), file
(without folders), id (without extension), label, index (number of the class),
probability, error, the classes, and with digits x, y, width, height. Example:
--columns id,label  or  --columns filename=file,p=dog
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.options import add_import
from app.cli.predict_into import add_output_options, run_into
from app.cli.tables import print_csv, print_json, print_table
from app.errors import AppError
from app.names import listed
from app.reporting import CONSOLE, counted
from app.signals import stop_status

if TYPE_CHECKING:
    from app.classifier import Prediction
    from app.classifier.sorting import Sorter
    from app.data.shards.packed import ImageFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_import(parser)
    parser.add_argument("model", help="folder of a saved model, its name, or a .keras or .h5 file")
    parser.add_argument(
        "images", nargs="+", metavar="IMAGE", help="file, folder, shards, pattern or -"
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print a JSON list")
    output.add_argument("--csv", action="store_true", help="print CSV, one column per class")
    output.add_argument(
        "--columns", metavar="COLUMN,…", help="print CSV with these columns, such as id,label"
    )
    parser.add_argument(
        "--sort-into",
        metavar="FOLDER",
        help="copy each image file into a folder per class in FOLDER; nothing is overwritten or "
        "removed, so sort into a new FOLDER after a change",
    )
    parser.add_argument(
        "--link",
        choices=("hard", "symbolic"),
        help="with --sort-into: link the files instead of copying them",
    )
    parser.add_argument(
        "--unknown-below",
        type=float,
        metavar="P",
        help="label an image 'unknown' if its highest probability is below P; evaluate --coverage "
        "finds a P. Two classes cannot mean 'neither': an image of neither may get a high "
        "probability (lab unknown)",
    )
    parser.add_argument(
        "--top",
        type=int,
        metavar="K",
        help="classes per image in the table (default: 3, with --all 2)",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="digit models: read every digit of an image in reading order, not only the largest; a "
        "box is width×height+left+top in pixels",
    )
    parser.add_argument(
        "--raw",
        action="store_true",
        help="digit models: resize the whole image; do not find and center the digit",
    )
    add_output_options(parser)


def run(parsed: argparse.Namespace) -> int:
    """Predict; return 0, 1 if an image could not be used, or 130 for Ctrl-C (143 for SIGTERM)."""
    if parsed.output is not None:
        return run_into(parsed)
    if parsed.processes is not None:
        raise AppError(
            f"--processes {parsed.processes} without -o.",
            "Expected the file that the processes write: -o FILE.csv or FILE.parquet.",
        )
    top = parsed.top if parsed.top is not None else 2 if parsed.all else 3
    if top < 1:
        raise AppError(f"--top is {top}.", "Expected 1 or more.")
    _check_sorting(parsed)
    images = list(_expand(parsed.images))

    from app.bulk.sources import refuse_missing
    from app.classifier import load
    from app.classifier.columns import chosen_columns, default_columns, table_rows, value_name
    from app.classifier.prediction import UNKNOWN
    from app.classifier.single_label import require_one_label
    from app.classifier.sorting import Sorter
    from app.classifier.unknown import with_unknown
    from app.keras_startup import hidden_native_messages

    classifier = load(parsed.model, raw=parsed.raw)
    refuse_missing(parsed.images)
    labels = classifier.class_names
    if parsed.sort_into is not None:
        require_one_label(classifier, "--sort-into")
    if parsed.unknown_below is not None:
        classifier = with_unknown(classifier, parsed.unknown_below)
        labels = (*labels, UNKNOWN)
    columns = (
        chosen_columns(parsed.columns, classifier)
        if parsed.columns is not None
        else default_columns(classifier)
    )
    sorter = None
    if parsed.sort_into is not None:
        sorter = Sorter(Path(parsed.sort_into), labels, parsed.link or "")
    status = done = 0
    predictions: list[Prediction] = []
    try:
        with hidden_native_messages(), CONSOLE.progress("classifying images") as update:
            for prediction in classifier.stream(images, all_digits=parsed.all):
                done += prediction.number <= 1
                update(done, len(images))
                predictions.append(prediction)
                if prediction.error:
                    status = 1
                    CONSOLE.warning(f"skipped '{prediction.image}': {prediction.error}")
                elif prediction.digits_found > 1 and not parsed.all:
                    CONSOLE.info(_selected_digit_note(prediction))
                if sorter is not None and not prediction.error:
                    sorter.add(Path(prediction.image), prediction.label)
    except KeyboardInterrupt:
        status = stop_status()
        CONSOLE.warning(f"stopped after {done:,} of {counted(len(images), 'image')}.")
    if parsed.json:
        print_json([p.to_json() for p in predictions])
    elif parsed.csv or parsed.columns is not None:
        print_csv([column.heading for column in columns], table_rows(columns, predictions))
    elif not (good := [p for p in predictions if not p.error]):
        pass
    elif classifier.thresholds:
        _print_labels(good, top)
    else:
        _print_table(good, top, value_name(classifier), with_boxes=parsed.all)
    if sorter is not None:
        CONSOLE.info(_sorting_note(sorter, parsed.sort_into, len(images)))
        if sorter.elsewhere:
            CONSOLE.warning(
                f"also in the folder of another class, from before: {len(sorter.elsewhere):,} of "
                f"these images, such as '{sorter.elsewhere[0]}'.",
                "Expected each image in one folder: sort into a new FOLDER, or remove these files.",
            )
    return status


def _check_sorting(parsed: argparse.Namespace) -> None:
    if parsed.sort_into is None:
        if parsed.link:
            raise AppError("--link without --sort-into.", "Expected the folder to sort into.")
        return
    if "-" in parsed.images:
        raise AppError(
            "--sort-into with an image on standard input, which has no name.",
            "Expected files, folders or patterns.",
        )
    from app.data.shards.loading import is_sharded

    packed = next((one for one in parsed.images if is_sharded(Path(one))), None)
    if packed is not None:
        raise AppError(
            f"--sort-into with '{packed}', whose images are in shards.",
            "Expected files, folders or patterns.",
            "Write them as files first: python -m app data extract SHARDS -o FOLDER",
        )
    if parsed.all:
        raise AppError(
            "--sort-into with --all, which gives an image several labels.",
            "Expected one of the two.",
        )


def _sorting_note(sorter: Sorter, folder: str, total: int) -> str:
    done = sorter.counts.total()
    classes = listed([f"{name} ({count:,})" for name, count in sorted(sorter.counts.items())])
    old = done - sorter.written
    there = f", already there with the same name and content: {old:,}" if old else ""
    left = f"; {total - done:,} not sorted" if done < total else ""
    return (
        f"sorted {done:,} of {counted(total, 'image')} into '{folder}': {classes or 'none'}; "
        f"files written: {sorter.written:,}{there}{left}"
    )


def _selected_digit_note(prediction: Prediction) -> str:
    assert prediction.box is not None
    x, y, width, height = prediction.box
    return (
        f"'{prediction.image}': {prediction.digits_found} digits found; read the largest, at "
        f"x={x}, y={y} ({width}×{height}); --all reads each"
    )


def _expand(arguments: Iterable[str]) -> Iterator[tuple[str, ImageFile | bytes]]:
    from app.bulk.sources import entries_of, image_of

    for argument in arguments:
        if argument == "-":
            yield "-", _standard_input()
        else:
            yield from map(image_of, entries_of(argument))


def _standard_input() -> bytes:
    from app.data.budget import MAX_FILE_BYTES
    from app.reading import UnusableFile, read_at_most

    if sys.stdin is None:
        raise AppError(
            "Standard input is closed.",
            "Expected the bytes of one image.",
            "Example: python -m app predict MODEL - < photo.jpg",
        )
    try:
        return read_at_most(sys.stdin.buffer, MAX_FILE_BYTES)
    except UnusableFile as error:
        raise AppError(
            f"Standard input holds {error}.",
            "Expected the bytes of one image.",
            "Give the file by its name, or resize the image first.",
        ) from None


_WIDEST_IMAGE = 36  # columns; what a terminal of 80 leaves for it next to the rest of the table


def _without_common_folder(images: Sequence[str]) -> tuple[str, list[str]]:
    """Return the folder that all share, if a path is too wide for the table, and what is left."""
    if max(map(len, images)) > _WIDEST_IMAGE:
        parents = [Path(image).parent for image in images]
        with suppress(ValueError):  # absolute and relative ones share none
            folder = os.path.commonpath(parents)
            if folder not in ("", "."):
                return folder, [str(Path(image).relative_to(folder)) for image in images]
    return "", list(images)


def _print_table(
    predictions: Sequence[Prediction], top: int, value: str, *, with_boxes: bool
) -> None:
    from app.classifier.columns import values_of

    form = "{:.1%}" if value == "probability" else "{:.4g}"
    folder, images = _without_common_folder([p.image for p in predictions])
    rows = []
    for image, p in zip(images, predictions, strict=True):
        (_, highest), *others = ranked = list(values_of(p).items())[:top]
        if p.is_unknown:
            others = ranked
        then = ", ".join(f"{name} {form.format(other)}" for name, other in others)
        box = ["{2}×{3}+{0}+{1}".format(*p.box)] if with_boxes and p.box else []
        rows.append([image, *box, p.label, form.format(highest), then])
    title = f"images in {folder}" if folder else ""
    columns = ["image", *(["box"] if with_boxes else []), "label", value, "then"]
    print_table(columns, rows, title=title, right=value)


def _print_labels(predictions: Sequence[Prediction], top: int) -> None:
    """Print the labels of each image with their probabilities, then the next ones."""
    folder, images = _without_common_folder([p.image for p in predictions])
    rows = []
    for image, p in zip(images, predictions, strict=True):
        texts = {name: f"{name} {value:.1%}" for name, value in p.probabilities.items()}
        labels = [texts.pop(name) for name in p.labels or ()]
        rows.append([image, ", ".join(labels) or "none", ", ".join(list(texts.values())[:top])])
    title = f"images in {folder}" if folder else ""
    print_table(["image", "labels", "below their thresholds"], rows, title=title)
