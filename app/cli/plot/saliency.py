"""Draw saliency: which pixels of an image matter to a class.

smoothgrad is the mean gradient over noisy copies, gradient the plain one;
integrated shares the score out among the pixels, those against the class
negative. Beside the map, how true it is to the network (see gradcam).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.plot.arguments import MOST_SEEDS, add_seed, check_range
from app.cli.plot.explaining import add_subject, draw_explanations

_METHODS = ("smoothgrad", "integrated", "gradient")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the picture's arguments."""
    add_subject(parser)
    parser.add_argument("--method", choices=_METHODS, default="smoothgrad", help="(smoothgrad)")
    add_seed(parser, "the noise")


def draw(parsed: argparse.Namespace, output: Path) -> None:
    """Draw the picture into a file."""
    check_range("--seed", parsed.seed, 0, MOST_SEEDS)

    from app.figures.explanations import by_saliency

    draw_explanations(parsed, output, by_saliency(parsed.method, parsed.seed))
