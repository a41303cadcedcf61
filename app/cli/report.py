"""Write a report of a saved model as one HTML file.

It holds the card, training curves, architecture, confusion matrix and worst
errors, filters, feature visualizations and a map of the dataset; for each IMAGE
its probabilities, their explanations and the response maps. The file loads
nothing from the network and can be printed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.options import add_data_dir, add_import, data_dir_of, refuse_to_overwrite
from app.data.registry import DATASETS
from app.reporting import CONSOLE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_import(parser)
    parser.add_argument("model", help="folder of a saved model, its name, or a .keras or .h5 file")
    parser.add_argument("images", metavar="IMAGE", nargs="*", help="image files to explain")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="HTML file to write")
    parser.add_argument(
        "--dataset",
        metavar="NAME|FOLDER",
        help=f"{', '.join(DATASETS)}, or a folder (default: the model's own)",
    )
    parser.add_argument(
        "--split",
        default="validation",
        choices=("train", "validation", "test"),
        help="split to evaluate and show (default: validation)",
    )
    parser.add_argument("--raw", action="store_true", help="do not find and center digits first")
    add_data_dir(parser)


def run(parsed: argparse.Namespace) -> int:
    """Write the report; return 0."""
    output = Path(parsed.output)
    refuse_to_overwrite(output, (".html", ".htm"))
    CONSOLE.info(f"writing {output}: loading {parsed.model} …")  # the libraries take seconds

    from app.keras_startup import start_keras

    start_keras()
    from app.classifier import load
    from app.classifier.dataset_images import Selection
    from app.report.report import write_report

    write_report(
        load(parsed.model, raw=parsed.raw),
        output,
        images=[Path(image) for image in parsed.images],
        selection=Selection(
            dataset=parsed.dataset, split=parsed.split, data_dir=data_dir_of(parsed)
        ),
        reporter=CONSOLE,
    )
    CONSOLE.info(f"wrote {output}")
    return 0
