"""Draw where the filters of a network answer to an image.

A row per layer with its strongest maps; or, with --layer, all maps of one
layer, and the part of the image that one of their cells sees.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.plot.arguments import add_image, add_model
from app.errors import AppError
from app.files import printable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the picture's arguments."""
    add_model(parser)
    add_image(parser)
    parser.add_argument("--layer", metavar="NAME|all", default="all", help="one layer, or all")
    parser.add_argument(
        "--cell",
        metavar="ROW,COLUMN",
        help="cell of --layer whose receptive field is drawn (that of the strongest answer)",
    )


def draw(parsed: argparse.Namespace, output: Path) -> None:
    """Draw the picture into a file."""
    layer = None if parsed.layer == "all" else parsed.layer
    cell = _cell(parsed.cell)
    if cell is not None and layer is None:
        raise AppError("--cell without --layer.", "Expected --layer with the cell's layer.")

    from app.insight import open_model
    from app.pictures.responses import responses_figure
    from app.plots.style import save

    model = open_model(parsed.model, raw=parsed.raw)
    image = model.load_image(parsed.image)
    name = printable(Path(parsed.image).name)
    save(responses_figure(model, image, layer, cell=cell, name=name), output)


def _cell(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    try:
        row, column = (int(number) for number in text.split(","))
    except ValueError:
        raise AppError(
            f"--cell '{text}'.", "Expected a row and a column, such as --cell 3,5."
        ) from None
    return row, column
