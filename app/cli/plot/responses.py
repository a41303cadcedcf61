"""Draw the response maps (activations) of a network for an image.

The 12 strongest maps of every layer, with --all up to 256 of each; or, with
--layer, all maps of one layer, and the receptive field of one of its cells.
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
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--layer", metavar="NAME", help="one layer, with all its maps")
    which.add_argument(
        "--all", action="store_true", help="all maps of every layer (the 12 strongest of each)"
    )
    parser.add_argument(
        "--cell",
        metavar="ROW,COLUMN",
        help="cell of --layer whose receptive field is drawn (that of the strongest activation)",
    )


def draw(parsed: argparse.Namespace, output: Path) -> None:
    """Draw the picture into a file."""
    cell = _cell(parsed.cell)
    if cell is not None and parsed.layer is None:
        raise AppError("--cell without --layer.", "Expected --layer with the cell's layer.")

    from app.figure_files import save
    from app.figures.responses import responses_figure
    from app.insight import open_model

    model = open_model(parsed.model, raw=parsed.raw)
    image = model.load_image(parsed.image)
    name = printable(Path(parsed.image).name)
    figure = responses_figure(model, image, parsed.layer, all_maps=parsed.all, cell=cell, name=name)
    save(figure, output)


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
