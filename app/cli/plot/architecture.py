"""Draw the volumes W×H×D through a network, as the lecture's overview does.

Below each: its layers, its size, its weights, and how many pixels of the image
one of its cells sees. Normalisation, ReLU and dropout belong to the volume of
the layer before them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.plot.arguments import add_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the picture's arguments."""
    add_model(parser)


def draw(parsed: argparse.Namespace, output: Path) -> None:
    """Draw the picture into a file."""
    from app.figure_files import save
    from app.figures.architecture import architecture_figure
    from app.insight import open_model

    save(architecture_figure(open_model(parsed.model)), output)
