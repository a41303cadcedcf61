"""Draw the weights of a layer: what its filters are made of.

Kernels over an image's own channels are shown as images, deeper ones by the
input maps that weigh most. Similar filters lie side by side. Of a locally
connected layer, each filter's kernels lie where they are used.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.plot.arguments import add_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the picture's arguments."""
    add_model(parser)
    parser.add_argument("--layer", metavar="NAME", help="layer with weights (the first)")


def draw(parsed: argparse.Namespace, output: Path) -> None:
    """Draw the picture into a file."""
    from app.figure_files import save
    from app.figures.filters import filters_figure
    from app.insight import open_model

    save(filters_figure(open_model(parsed.model), parsed.layer), output)
