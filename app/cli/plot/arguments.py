"""Arguments that several pictures share."""

from __future__ import annotations

import argparse

from app.cli.options import PICTURES
from app.errors import AppError

MOST_SEEDS = 2**32 - 1
MODEL_HELP = "folder of a saved model, its name, or a .keras or .h5 file"


def add_output(parser: argparse.ArgumentParser) -> None:
    """Declare `-o`."""
    parser.add_argument(
        "-o", "--output", metavar="FILE", required=True, help=f"picture: {', '.join(PICTURES)}"
    )


def add_model(parser: argparse.ArgumentParser) -> None:
    """Declare the model, how it gets its images, and `-o`."""
    parser.add_argument("model", metavar="MODEL", help=MODEL_HELP)
    add_output(parser)


def add_seed(parser: argparse.ArgumentParser, what: str) -> None:
    """Declare `--seed`."""
    parser.add_argument("--seed", type=int, default=0, help=f"of {what} (0)")


def check_range(flag: str, value: int, lowest: int, highest: int) -> None:
    """Refuse a number outside its range.

    Raises:
        AppError: With the range.
    """
    if not lowest <= value <= highest:
        raise AppError(
            f"{flag} is {value}.", f"Expected a whole number from {lowest} to {highest:,}."
        )


def add_image(parser: argparse.ArgumentParser) -> None:
    """Declare an image that a model looks at."""
    parser.add_argument("image", metavar="IMAGE", help="image file")
    parser.add_argument(
        "--raw", action="store_true", help="do not centre a digit first, as MNIST's are"
    )
