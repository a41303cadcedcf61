"""Write the whole lecture as one HTML document, slide by slide.

  python -m app lecture all -o lecture

All commands of the slides are run, including the experiments. The document
shows what they print and draw. This takes about an hour. With --quick, it
takes five minutes: experiments are demonstrations, shown below full results
that are part of the program. To resume, repeat the command.
"""

from __future__ import annotations

import argparse
import io
import os
import shlex
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.options import add_data_dir, chosen_folder, data_dir_of
from app.config import MODELS_FOLDER
from app.data.registry import source_of
from app.errors import AppError
from app.lecture.slides import SLIDES
from app.lecture.slides.slide import FOLDER, Example, Slide
from app.lecture.slides.terms import TERMS
from app.reporting import CONSOLE

if TYPE_CHECKING:
    import numpy as np

    from app.data.shards.packed import ImageFile
    from app.report.page import Transcript

DOCUMENT = "index.html"
_RESULTS = "lecture.json"
_IMAGES = {"DIGIT": "digit.png", "PHOTO": "photo.png"}
_PROGRAM = "python -m app"
_WIDTH = 80
_LARGEST_SIDE = 800  # pixels, of the photograph
_BANNER = (
    "Written with --quick: the experiments in this document are demonstration runs, with so few "
    "images and epochs that they show how an experiment works, not what is true. Where a full "
    "result comes with the program, it is shown with its date and machine, and the demonstration "
    "is folded below it. For results of your own, leave out --quick."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument(
        "-o", "--output", metavar="FOLDER", required=True,
        help="folder for the self-contained index.html, figures and numbers",
    )  # fmt: skip
    parser.add_argument(
        "--quick", action="store_true", help="demonstrations that take seconds, not results"
    )
    add_data_dir(parser)


def show(parsed: argparse.Namespace) -> None:
    """Run what is missing, and write the document."""
    folder = chosen_folder(parsed.output)

    from app.keras_startup import start_keras

    start_keras()
    data_dir = data_dir_of(parsed)
    substitutes = provide_images(folder, data_dir)
    Document(folder, data_dir, parsed.quick, substitutes, parsed.execute).write(SLIDES)


@dataclass(frozen=True)
class Document:
    """The document, and how its commands are run.

    Attributes:
        folder: Folder of the document, its figures and results.
        data_dir: Folder of the datasets.
        quick: Whether experiments are demonstrations.
        substitutes: `{dataset: dataset in its place}`, for datasets that cannot be downloaded.
        execute: Function that runs a command of `python -m app`, given as words.
    """

    folder: Path
    data_dir: Path
    quick: bool
    substitutes: dict[str, str]
    execute: Callable[[Sequence[str]], None]

    def write(self, slides: Sequence[Slide]) -> None:
        """Run the commands whose results are missing or that failed, and write the document."""
        from app.lab.store import ResultStore
        from app.report.page import Page, Section, Table, write_page

        examples = [example for slide in slides for example in slide.examples]
        store = ResultStore(
            self.folder / _RESULTS,
            {
                "quick": self.quick,
                "replaced": self.substitutes,
                "models": _model_hashes(examples),
            },
        )
        for example in examples:
            is_drawn = all(self._path(figure).exists() for figure in example.figures)
            if not is_drawn or store.measurements.get(example.command, {}).get("failed"):
                store.measurements.pop(example.command, None)
        results = store.measure(
            {example.command: partial(self._run, example) for example in examples},
            "the lecture's commands",
        )
        sections = [
            Section(
                slide.title,
                slide.text,
                formula=slide.formula,
                predict=slide.predict,
                transcripts=[
                    transcript
                    for example in slide.examples
                    for transcript in self._transcripts(example, results[example.command])
                ],
                see=slide.see,
                question=slide.question,
                answer=slide.answer,
            )
            for slide in slides
        ]
        terms = Section("Terms", "In the order in which the slides need them.", Table(TERMS))
        page = Page(
            title="The lecture as commands",
            summary="Deep Learning: Computer Vision, slide by slide. Each slide has a claim, its "
            "formula, something to predict, the commands that compute it with their output, and a "
            "question with its answer. The last section, Terms, explains the words and symbols "
            "that a slide uses before the lecture comes to them.",
            sections=[*sections, terms],
            footer="Generated by convlab: "
            f"{_PROGRAM} lecture all{' --quick' if self.quick else ''}",
            banner=_BANNER if self.quick else "",
        )
        write_page(self.folder / DOCUMENT, page)
        CONSOLE.info(f"wrote {self.folder / DOCUMENT}")

    def _run(self, example: Example) -> dict[str, Any]:
        """Run a command in this process; return its output, or why it failed."""
        command = self._command(example)
        CONSOLE.info(f"{_PROGRAM} {command}")
        words = shlex.split(command)
        if words[0] == "lab":
            words += ["--data-dir", str(self.data_dir)]
        printed = io.StringIO()
        try:
            with redirect_stdout(printed), _eighty_columns():
                self.execute(words)
        except AppError as error:
            CONSOLE.warning(f"left out: {error.received}")
            return {"output": f"Left out: {error}", "failed": True}
        return {"output": printed.getvalue().rstrip(), "failed": False}

    def _command(self, example: Example) -> str:
        """Return the command of an example with images, folder and flags of this document."""
        words = [self._word(word) for word in example.command.split(" ")]
        if words[0] == "lab":
            words += ["--quick"] if self.quick else []
            for dataset, substitute in self.substitutes.items():
                if any(word.startswith(f"{dataset}-") for word in words):
                    words += ["--dataset", substitute]
                    break
        return " ".join(words)

    def _word(self, word: str) -> str:
        if word in _IMAGES:
            return shlex.quote(str(self.folder / _IMAGES[word]))
        return shlex.quote(str(self._path(word))) if word.startswith(f"{FOLDER}/") else word

    def _path(self, path: str) -> Path:
        return self.folder / Path(path).relative_to(FOLDER)

    def _transcripts(self, example: Example, result: dict[str, Any]) -> list[Transcript]:
        """Return a command with its output; below the full result if it is none itself."""
        from app.lab.shipped import shipped_result
        from app.report.page import Transcript, picture_from

        caption = example.command.split(" -o ")[0]
        own = Transcript(
            f"{_PROGRAM} {self._command(example)}",
            result["output"],
            [
                picture_from(self._path(figure), f"Figure of {caption}")
                for figure in example.figures
                if self._path(figure).exists()
            ],
        )
        is_lab = example.command.startswith("lab ")
        if not is_lab or not (self.quick or result["failed"]):
            return [replace(own, about=example.about)]
        note = "This run was left out:" if result["failed"] else "Demonstration run, not a result:"
        full = shipped_result(example.command)
        if full is None:
            note = f"No full result comes with the program. {note}"
            return [replace(own, about=example.about, note=note)]
        shipped = Transcript(
            f"{_PROGRAM} {example.command}",
            textwrap.fill(full.finding, _WIDTH),
            [picture_from(path, f"Figure of {caption}, full run") for path in full.figures],
            f"Full result ({full.measured}):",
            example.about,
        )
        return [shipped, replace(own, note=note, folded=not result["failed"])]


def provide_images(folder: Path, data_dir: Path) -> dict[str, str]:
    """Write a digit and a photograph; return `{dataset: dataset in its place}`."""
    from app.data.registry import load_dataset

    substitutes = {}
    for placeholder, name in (("DIGIT", "mnist"), ("PHOTO", "catsdogs")):
        dataset = load_dataset(name, data_dir, reporter=CONSOLE)
        if dataset.stand_in:
            substitutes[name] = source_of(name).stand_in
        target = folder / _IMAGES[placeholder]
        if not target.exists():
            _write_image(dataset.validation.images[0], target)
    return substitutes


def _write_image(source: ImageFile | np.ndarray, target: Path) -> None:
    import numpy as np
    from PIL import Image

    from app.data.decoding import load_reduced
    from app.files import atomic_file

    pixels = source if isinstance(source, np.ndarray) else load_reduced(source, _LARGEST_SIDE, 3)
    with atomic_file(target) as temporary:
        Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(temporary, "PNG")


def _model_hashes(examples: Sequence[Example]) -> dict[str, str]:
    """Return the hashes of the saved models that the commands name."""
    from app.storage.folder import MODEL, file_hash

    words = {word for example in examples for word in example.command.split()}
    files = {word: Path(MODELS_FOLDER) / word / MODEL for word in sorted(words)}
    return {name: file_hash(path)[:16] for name, path in files.items() if path.is_file()}


@contextmanager
def _eighty_columns() -> Iterator[None]:
    """Print tables for a terminal of 80 columns."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "80"
    try:
        yield
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before
