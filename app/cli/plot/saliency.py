"""Draw saliency: which pixels of an image matter to a class.

smoothgrad is the mean gradient over noisy copies, gradient the plain one;
integrated shares the score out among the pixels, those against the class
negative. Beside the map, how true it is to the network (see gradcam).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.plot.explaining import add_subject, draw_explanations
from app.errors import AppError

_NAMES = {
    "smoothgrad": ("SmoothGrad: which pixels matter to a class", "score per grey level"),
    "integrated": ("Integrated gradients: what each pixel gives a class", "score (logits)"),
    "gradient": ("The gradient: which pixels matter to a class", "score per grey level"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the picture's arguments."""
    add_subject(parser)
    parser.add_argument(
        "--method", choices=tuple(_NAMES), default="smoothgrad", help="(smoothgrad)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the noise (0)")


def draw(parsed: argparse.Namespace, output: Path) -> None:
    """Draw the picture into a file."""
    if not 0 <= parsed.seed < 2**32:
        raise AppError(f"--seed is {parsed.seed}.", f"Expected a number from 0 to {2**32 - 1:,}.")

    from app.pictures.explanations import by_saliency

    what, label = _NAMES[parsed.method]
    draw_explanations(parsed, output, by_saliency(parsed.method, parsed.seed), what, label)
