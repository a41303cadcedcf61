"""Write the whole lecture as one HTML document, computed here, slide by slide.

  python -m app lecture all -o lecture

Every command of every slide is run, experiments included, and shown with what
it prints and draws: an hour beside other work. With --quick, five minutes: the
experiments are demonstrations, below full results that come with the program.
Stopped, it goes on when the command is repeated.
"""

from __future__ import annotations

import argparse
import io
import os
import shlex
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.lecture.slides import FOLDER, SLIDES, Demonstration
from app.cli.options import add_data_dir, chosen_folder, data_dir_of
from app.config import MODELS_FOLDER
from app.data.registry import source_of
from app.errors import AppError
from app.reporting import CONSOLE

if TYPE_CHECKING:
    import numpy as np

    from app.report.page import Transcript

_DOCUMENT, _MEASUREMENTS = "index.html", "lecture.json"
_IMAGES = {"DIGIT": "digit.png", "PHOTO": "photo.png"}
_PROGRAM = "python -m app"
_WIDTH = 80
_LARGEST_SIDE = 800  # pixels, of the photograph
_BANNER = (
    "Written with --quick: the experiments in this document are demonstration runs, with so few "
    "images and epochs that they show how an experiment works, not what is true. Where a full "
    "result comes with the program, it is shown first, with its date and machine. For results of "
    "your own, leave out --quick."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument(
        "-o", "--output", metavar="FOLDER", required=True,
        help="gets index.html, which needs nothing else, and all pictures and numbers",
    )  # fmt: skip
    parser.add_argument(
        "--quick", action="store_true", help="demonstrations that last seconds, not results"
    )
    add_data_dir(parser)


def show(parsed: argparse.Namespace) -> None:
    """Run what is missing, and write the document."""
    folder = chosen_folder(parsed.output)

    from app.keras_startup import start_keras

    start_keras()
    from app.lab.store import ResultStore
    from app.report.page import Section, write_page

    data_dir = data_dir_of(parsed)
    replaced = _provide_images(folder, data_dir)
    store = ResultStore(
        folder / _MEASUREMENTS,
        {"quick": parsed.quick, "replaced": replaced, "models": _models()},
    )
    shown = [one for slide in SLIDES for one in slide.shown_by]
    for one in shown:
        there = all(_placed(picture, folder).exists() for picture in one.pictures)
        if not there or store.measurements.get(one.command, {}).get("failed"):
            store.measurements.pop(one.command, None)  # to be tried again
    jobs = {
        one.command: partial(_carry_out, one, folder, data_dir, replaced, parsed.quick)
        for one in shown
    }
    results = store.measure(jobs, "the lecture's commands")
    sections = [
        Section(
            slide.title,
            slide.text,
            transcripts=[
                transcript
                for one in slide.shown_by
                for transcript in _transcripts(
                    one, results[one.command], folder, replaced, parsed.quick
                )
            ],
        )
        for slide in SLIDES
    ]
    write_page(
        folder / _DOCUMENT,
        title="The lecture, computed",
        summary="Deep Learning: Computer Vision, slide by slide: each with the commands that show "
        "it, and what they printed and drew here.",
        sections=sections,
        footer=f"Made by convlab: {_PROGRAM} lecture all{' --quick' if parsed.quick else ''}",
        banner=_BANNER if parsed.quick else "",
    )
    CONSOLE.info(f"wrote {folder / _DOCUMENT}")


def _provide_images(folder: Path, data_dir: Path) -> dict[str, str]:
    """Write a digit and a photograph; return which datasets have to be replaced, and by which."""
    from app.data.registry import load_dataset

    replaced = {}
    for placeholder, dataset in (("DIGIT", "mnist"), ("PHOTO", "catsdogs")):
        splits = load_dataset(dataset, data_dir, reporter=CONSOLE)
        if splits.stand_in:
            replaced[dataset] = source_of(dataset).stand_in
        target = folder / _IMAGES[placeholder]
        if not target.exists():
            _write_image(splits.validation.images[0], target)
    return replaced


def _models() -> dict[str, str]:
    """Return the saved models that the slides name, with what tells them from others."""
    from app.storage.folder import MODEL, file_hash

    words = {word for slide in SLIDES for one in slide.shown_by for word in one.command.split()}
    files = {word: Path(MODELS_FOLDER) / word / MODEL for word in sorted(words)}
    return {name: file_hash(path)[:16] for name, path in files.items() if path.is_file()}


def _write_image(source: Path | np.ndarray, target: Path) -> None:
    from PIL import Image

    from app.data.decoding import load_reduced
    from app.files import atomic_file

    pixels = load_reduced(source, _LARGEST_SIDE, 3) if isinstance(source, Path) else source
    with atomic_file(target) as temporary:
        Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(temporary, "PNG")


def _carry_out(
    one: Demonstration, folder: Path, data_dir: Path, replaced: dict[str, str], quick: bool
) -> dict[str, Any]:
    """Run one command in this process; return what it printed, or why it could not."""
    from app.cli import build_parser

    command = _as_run(one.command, folder, replaced, quick)
    CONSOLE.info(f"{_PROGRAM} {command}")
    words = shlex.split(command)
    if words[0] == "lab":
        words += ["--data-dir", str(data_dir)]
    printed = io.StringIO()
    try:
        with redirect_stdout(printed), _eighty_columns():
            parsed = build_parser().parse_args(words)
            parsed.run(parsed)
    except AppError as error:
        CONSOLE.warning(f"left out: {error.received}")
        return {"output": f"Left out: {error}", "failed": True}
    return {"output": printed.getvalue().rstrip(), "failed": False}


def _placed(path: str, folder: Path) -> Path:
    """Return where a file of the slides' folder lies in the folder of the document."""
    return folder / Path(path).relative_to(FOLDER)


def _as_run(command: str, folder: Path, replaced: dict[str, str], quick: bool) -> str:
    """Return a slide's command as it is run.

    Args:
        command: Command with placeholders for images.
        folder: Folder of the document.
        replaced: By dataset that cannot be had: the one that takes its place.
        quick: Whether experiments are demonstrations.
    """
    words = [_word(word, folder) for word in command.split(" ")]
    if words[0] == "lab":
        words += ["--quick"] if quick else []
        for dataset, stand_in in replaced.items():
            if any(word.startswith(f"{dataset}-") for word in words):
                words += ["--dataset", stand_in]
                break
    return " ".join(words)


def _word(word: str, folder: Path) -> str:
    if word in _IMAGES:
        return shlex.quote(str(folder / _IMAGES[word]))
    if word.startswith(f"{FOLDER}/"):
        return shlex.quote(str(_placed(word, folder)))
    return word


@contextmanager
def _eighty_columns() -> Iterator[None]:
    """Let tables be as wide as a terminal, whatever this one's width."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "80"
    try:
        yield
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before


def _transcripts(
    one: Demonstration, result: dict[str, Any], folder: Path, replaced: dict[str, str], quick: bool
) -> list[Transcript]:
    """Return what a command gave; before a demonstration of an experiment, its full result."""
    from app.lab.shipped import shipped_result
    from app.report.page import Transcript, picture_from

    what = one.command.split(" -o ")[0]
    own = Transcript(
        f"{_PROGRAM} {_as_run(one.command, folder, replaced, quick)}",
        result["output"],
        [
            picture_from(_placed(picture, folder), f"What {what} draws")
            for picture in one.pictures
            if _placed(picture, folder).exists()
        ],
    )
    if not (quick and one.command.startswith("lab ")):
        return [own]
    own = replace(own, note="Demonstration run, not a result:")
    full = shipped_result(one.command)
    if full is None:
        return [replace(own, note=f"No full result comes with the program. {own.note}")]
    pictures = [picture_from(path, f"What {what} drew in a full run") for path in full.figures]
    shipped = Transcript(
        f"{_PROGRAM} {one.command}",
        textwrap.fill(full.finding, _WIDTH),
        pictures,
        f"Full result ({full.measured}):",
    )
    return [shipped, own]
