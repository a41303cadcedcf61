"""A row of the table of plots, and options that several plots share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.cli.options import PICTURES, data_dir_of
from app.errors import AppError
from app.reporting import CONSOLE

if TYPE_CHECKING:
    from app.classifier.dataset_images import DatasetImages
    from app.classifier.inspected_model import InspectedModel
    from app.figures.canvas.style import Figure

MODEL_HELP = "folder of a saved model, its name, or a .keras or .h5 file"


class Option:
    """An argument of a plot, declared as with `argparse.add_argument`."""

    def __init__(self, *flags: str, **keywords: Any):
        self.flags = flags
        self.keywords = keywords

    def add_to(self, parser: argparse._ActionsContainer) -> None:
        """Declare the argument."""
        parser.add_argument(*self.flags, **self.keywords)


class OneOf(Option):
    """Options that exclude one another."""

    def __init__(self, *options: Option):
        self.options = options

    def add_to(self, parser: argparse._ActionsContainer) -> None:
        """Declare the options."""
        group = parser.add_mutually_exclusive_group()
        for option in self.options:
            option.add_to(group)


@dataclass(frozen=True)
class Plot:
    """A picture that `plot` draws.

    Attributes:
        help: One line about it.
        options: Arguments of the command.
        draw: Function from the parsed arguments to the figure; its docstring is the description.
    """

    help: str
    options: Sequence[Option]
    draw: Callable[[argparse.Namespace], Figure]


def whole_number(flag: str, lowest: int, highest: int) -> Callable[[str], int]:
    """Return a function that parses the value of a flag and refuses numbers outside its limits."""

    def parse(text: str) -> int:
        value = int(text)
        if not lowest <= value <= highest:
            raise AppError(
                f"{flag} is {value}.", f"Expected a whole number from {lowest} to {highest:,}."
            )
        return value

    parse.__name__ = "int"  # argparse names it where the text is no number
    return parse


def number_option(flag: str, limits: tuple[int, int], **keywords: Any) -> Option:
    """Return an option for a whole number within limits."""
    return Option(flag, type=whole_number(flag, *limits), **keywords)


def seed_option(what: str) -> Option:
    """Return `--seed`."""
    return number_option("--seed", (0, 2**32 - 1), default=0, help=f"seed of {what} (default: 0)")


OUTPUT = Option(
    "-o", "--output", metavar="FILE", required=True, help=f"picture: {', '.join(PICTURES)}"
)
DATA_DIR = Option(
    "--data-dir",
    metavar="FOLDER",
    help="folder of the datasets (default: $CONVLAB_DATA, else datasets/)",
)
MODEL = Option("model", metavar="MODEL", help=MODEL_HELP)
IMAGE = (
    Option("image", metavar="IMAGE", help="image file"),
    Option("--raw", action="store_true", help="do not find and center the digit first"),
)


def dataset_images(parsed: argparse.Namespace, model: InspectedModel, split: str) -> DatasetImages:
    """Return the images of `--dataset`, by default the model's own, as many as `--images` says."""
    from app.classifier.dataset_images import Selection, select_images

    selection = Selection(
        dataset=parsed.dataset,
        split=split,
        count=parsed.images,
        data_dir=data_dir_of(parsed),
        any_classes=True,
        allow_stand_in=True,
    )
    return select_images(model, selection, CONSOLE)
