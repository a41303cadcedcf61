"""Write saved models in another form.

html            one page with the models, which computes everything itself: it
                works from disk, without a server, and requests nothing
litert          one model as a LiteRT file (float32)
litert-float16  with float16 weights: half the size
litert-int8     with int8 weights and activations: a quarter of the size
onnx            one model as an ONNX file; needs pip install -e '.[onnx]'
saved_model     one model as a TensorFlow SavedModel

All but html write a folder: the network with preprocessing and class names
inside, run.py, which needs only the runtime, and README.md, which says what
the network was trained on, how good it is and where its limits are. Accuracy,
size and CPU time per image are measured beside the original on its validation
images; a network that is less accurate than --tolerance allows, or int8 that
is not 1.5 times as fast as float32, is not written.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.options import add_data_dir, add_import, data_dir_of, refuse_to_overwrite
from app.cli.tables import print_table
from app.data.registry import DATASETS
from app.errors import AppError
from app.reporting import CONSOLE

_PAGE = "html"
_FORMATS = (_PAGE, "litert", "litert-float16", "litert-int8", "onnx", "saved_model")
_PAGE_ENDINGS = (".html", ".htm")
_FILE_ENDINGS = (*_PAGE_ENDINGS, ".tflite", ".onnx", ".pb", ".keras")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_import(parser)
    parser.add_argument(
        "models",
        metavar="MODEL",
        nargs="+",
        help="folder of a saved model, its name, or a .keras or .h5 file",
    )
    parser.add_argument(
        "--format", choices=_FORMATS, default=_PAGE, metavar="FORMAT",
        help=f"{', '.join(_FORMATS)} (default: {_PAGE})",
    )  # fmt: skip
    parser.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        required=True,
        help="page.html, or a folder; an earlier export there is replaced, and nothing else",
    )
    parser.add_argument(
        "--tolerance",
        type=float,
        metavar="POINTS",
        help="points of accuracy that the network may lose (0.5)",
    )
    parser.add_argument(
        "--keep-slower",
        action="store_true",
        help="litert-int8: keep it if it is hardly faster than float32, for its size",
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
        help=f"images of {', '.join(DATASETS)}, or of a folder (each model's own)",
    )
    parser.add_argument(
        "--raw", action="store_true", help="html: do not find and center digits first"
    )
    add_data_dir(parser)


def run(parsed: argparse.Namespace) -> int:
    """Write the page or the folder; return 0."""
    output = Path(parsed.output)
    is_page = parsed.format == _PAGE
    if is_page:
        refuse_to_overwrite(output, _PAGE_ENDINGS)
    elif output.suffix.lower() in _FILE_ENDINGS:
        raise AppError(
            f"-o '{output}' is the name of a file.",
            f"Expected that of a folder, which --format {parsed.format} writes.",
        )
    elif len(parsed.models) > 1:
        raise AppError(
            f"--format {parsed.format} with {len(parsed.models)} models.", "Expected one model."
        )
    if parsed.samples is not None and parsed.samples < 0:
        raise AppError(f"--samples is {parsed.samples}.", "Expected 0 or more.")
    (_write_page if is_page else _write_network)(parsed, output)
    return 0


def _start(parsed: argparse.Namespace) -> None:
    from app.keras_startup import start_keras

    CONSOLE.info(f"writing {parsed.output}: loading {', '.join(parsed.models)} …")
    start_keras()


def _write_page(parsed: argparse.Namespace, output: Path) -> None:
    _start(parsed)  # before imports of Keras

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


def _write_network(parsed: argparse.Namespace, output: Path) -> None:
    from app.classifier import load
    from app.deploy.deploy import TOLERANCE, Request, export_model
    from app.deploy.folder import check_folder
    from app.deploy.model_card import changed_texts, milliseconds_text, size_text
    from app.export.formats import FORMATS

    request = Request(
        format=parsed.format,
        tolerance=TOLERANCE if parsed.tolerance is None else parsed.tolerance,
        keep_slower=parsed.keep_slower,
        dataset=parsed.dataset,
        data_dir=data_dir_of(parsed),
    )
    check_folder(output)  # before Keras starts, which takes seconds
    FORMATS[parsed.format].require()
    _start(parsed)
    facts = export_model(load(parsed.models[0]), request, output, CONSOLE)
    print_table(
        ["network", "accuracy (95% interval)", "size", "CPU ms"],
        [
            [row.name, row.accuracy_text, size_text(row.size), milliseconds_text(row)]
            for row in facts.rows
        ],
        right="size|CPU ms",
    )
    CONSOLE.info(*changed_texts(facts.original, facts.exported))
    if len(facts.classifier.views) > 1:
        CONSOLE.info(
            f"It has one view of each image, predict averages over {len(facts.classifier.views)}: "
            "probabilities differ,",
            "and so do thresholds. Its README names one.",
        )
    CONSOLE.info(f"wrote {output}: {facts.format.file}, run.py, README.md")


def _kilobytes(size: int) -> str:
    return f"{size / 1_000:,.0f} kB"
