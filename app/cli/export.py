"""Write saved models in another form.

html    one page with the models, which computes everything itself: it works
        from disk, without a server, and requests nothing
litert  one model as a LiteRT file, compared with Keras
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.cli.options import add_data_dir, add_import, data_dir_of, refuse_to_overwrite
from app.data.registry import DATASETS
from app.errors import AppError
from app.reporting import CONSOLE

_ENDINGS = {"html": (".html", ".htm"), "litert": (".tflite",)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_import(parser)
    parser.add_argument(
        "models",
        metavar="MODEL",
        nargs="+",
        help="folder of a saved model, its name, or a .keras or .h5 file",
    )
    parser.add_argument("--format", choices=_ENDINGS, default="html", help="form (html)")
    parser.add_argument(
        "-o", "--output", metavar="FILE", required=True, help="page.html or model.tflite"
    )
    parser.add_argument(
        "--samples",
        type=int,
        metavar="N",
        help="html: samples per model (up to 40 that take at most 1 MB; 0 for none)",
    )
    parser.add_argument(
        "--dataset",
        metavar="NAME|FOLDER",
        help=f"html: samples of {', '.join(DATASETS)}, or a folder (each model's own)",
    )
    parser.add_argument(
        "--raw", action="store_true", help="digit models: do not find and center digits first"
    )
    add_data_dir(parser)


def run(parsed: argparse.Namespace) -> int:
    """Write the file; return 0."""
    output = Path(parsed.output)
    refuse_to_overwrite(output, _ENDINGS[parsed.format])
    if parsed.samples is not None and parsed.samples < 0:
        raise AppError(f"--samples is {parsed.samples}.", "Expected 0 or more.")
    CONSOLE.info(f"writing {output}: loading {', '.join(parsed.models)} …")

    from app.keras_startup import start_keras

    start_keras()
    _WRITERS[parsed.format](parsed, output)
    return 0


def _write_html(parsed: argparse.Namespace, output: Path) -> None:
    from app.classifier import load
    from app.web.content import SampleChoice, embed
    from app.web.single_file import refuse_to_replace, write_page

    refuse_to_replace(output)  # before the work
    choice = SampleChoice(
        count=parsed.samples, dataset=parsed.dataset, data_dir=data_dir_of(parsed)
    )
    classifiers = [load(model, raw=parsed.raw) for model in parsed.models]
    models = [embed(classifier, choice, CONSOLE) for classifier in classifiers]
    sizes = write_page(models, output)
    parts = ", ".join(f"{part} {_kilobytes(size)}" for part, size in sizes)
    CONSOLE.info(f"wrote {output}: {_kilobytes(output.stat().st_size)} ({parts})")


def _write_litert(parsed: argparse.Namespace, output: Path) -> None:
    from app.classifier import load
    from app.export.litert import write_litert

    if len(parsed.models) > 1:
        raise AppError(
            f"--format litert with {len(parsed.models)} models.", "Expected one model per file."
        )
    model = load(parsed.models[0], raw=parsed.raw).inspect()
    shape = (*model.image_size, model.channels)
    note = write_litert(model.keras_model, shape, output)
    CONSOLE.info(f"wrote {output}: {_kilobytes(output.stat().st_size)}; {note}")


_WRITERS: dict[str, Callable[[argparse.Namespace, Path], None]] = {
    "html": _write_html,
    "litert": _write_litert,
}


def _kilobytes(size: int) -> str:
    return f"{size / 1_000:,.0f} kB"
