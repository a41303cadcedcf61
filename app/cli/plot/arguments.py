"""Arguments that several pictures share."""

from __future__ import annotations

import argparse

PICTURES = (".png", ".svg", ".pdf")
MODEL_HELP = "folder of a saved model, its name, or a .keras or .h5 file"


def add_output(parser: argparse.ArgumentParser) -> None:
    """Declare `-o`."""
    parser.add_argument(
        "-o", "--output", metavar="FILE", required=True, help="picture: .png, .svg or .pdf"
    )


def add_model(parser: argparse.ArgumentParser) -> None:
    """Declare the model, how it gets its images, and `-o`."""
    parser.add_argument("model", metavar="MODEL", help=MODEL_HELP)
    add_output(parser)


def add_image(parser: argparse.ArgumentParser) -> None:
    """Declare an image that a model looks at."""
    parser.add_argument("image", metavar="IMAGE", help="image file")
    parser.add_argument(
        "--raw", action="store_true", help="do not centre a digit first, as MNIST's are"
    )
