"""Draw Grad-CAM: which places of an image speak for a class.

Beside the map, how true it is to the network: the probability of the class
while the places that it calls important are covered (deletion, whose area
should be small), or laid onto a blurred image (insertion, whose area should be
large).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.plot.explaining import add_subject, draw_explanations


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the picture's arguments."""
    add_subject(parser)
    parser.add_argument("--layer", metavar="NAME", help="layer (the last one before pooling)")


def draw(parsed: argparse.Namespace, output: Path) -> None:
    """Draw the picture into a file."""
    from app.figures.explanations import by_grad_cam

    draw_explanations(parsed, output, by_grad_cam(parsed.layer))
