"""Draw occlusion: what is lost when a place of an image is covered.

A patch of the border's colour is moved over the image; each cell shows how far
the class's score (its logit) falls with the patch there. Beside the map, how
true it is to the network (see gradcam).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.plot.explaining import add_subject, draw_explanations
from app.reporting import CONSOLE

_CELLS = 15


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the picture's arguments."""
    add_subject(parser)
    parser.add_argument(
        "--cells", type=int, default=_CELLS, help=f"positions along each side ({_CELLS})"
    )
    parser.add_argument(
        "--patch", type=int, metavar="PIXELS", help="side of the patch (a fifth of the image's)"
    )


def draw(parsed: argparse.Namespace, output: Path) -> None:
    """Draw the picture into a file."""
    from app.figures.explanations import by_occlusion

    with CONSOLE.progress("covering places") as update:
        draw_explanations(parsed, output, by_occlusion(parsed.cells, parsed.patch, update))
