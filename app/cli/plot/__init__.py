"""Draw figures of a network, its activations and its explanations.

MODEL is the folder of a saved model, its name in saved_models/, or any .keras
or Keras 2 .h5 file. `python -m app plot PICTURE --help` explains each picture.
"""

from __future__ import annotations

import argparse
import inspect
from pathlib import Path

from app.cli.options import PICTURES, add_import, refuse_to_overwrite
from app.cli.plot import augmentation, explanations, networks
from app.cli.plot.options import OUTPUT
from app.files import printable
from app.reporting import CONSOLE

PLOTS = {**augmentation.PLOTS, **networks.PLOTS, **explanations.PLOTS}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the pictures and their arguments."""
    group = parser.add_subparsers(title="pictures", metavar="PICTURE", required=True)
    for name, plot in PLOTS.items():
        command = group.add_parser(
            name,
            help=plot.help,
            description=inspect.getdoc(plot.draw),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        for option in (OUTPUT, *plot.options):
            option.add_to(command)
        add_import(command)
        command.set_defaults(plot=plot)


def run(parsed: argparse.Namespace) -> int:
    """Draw the picture; return 0."""
    output = Path(parsed.output)
    refuse_to_overwrite(output, PICTURES)
    subject = parsed.model if hasattr(parsed, "model") else parsed.subject
    CONSOLE.info(f"drawing {output}: loading {printable(subject)} …")  # libraries take seconds
    if hasattr(parsed, "model"):
        from app.keras_startup import start_keras

        start_keras()
    figure = parsed.plot.draw(parsed)

    from app.figure_files import save

    save(figure, output)
    CONSOLE.info(f"wrote {output}")
    return 0
