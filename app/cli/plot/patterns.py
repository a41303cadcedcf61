"""Draw a feature visualization of the filters of a layer.

For each filter a pattern that maximizes its activation, found by gradient
ascent from noise,
beside its nine strongest patches in the images that are searched.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.options import add_data_dir, data_dir_of
from app.cli.plot.arguments import MOST_SEEDS, add_model, add_seed, check_range
from app.config import DATASETS
from app.errors import AppError
from app.reporting import CONSOLE

if TYPE_CHECKING:
    from app.insight import OpenedModel
    from app.samples import Samples

_IMAGES = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the picture's arguments."""
    add_model(parser)
    parser.add_argument(
        "--layer",
        metavar="NAME,NAME,…",
        help="layer (the last one before pooling), or several, for the hierarchy that they form",
    )
    parser.add_argument(
        "--filters", metavar="N,N,…", help="such as 0,5,7 (the first 32, or 8 of each layer)"
    )
    parser.add_argument(
        "--dataset",
        metavar="NAME|FOLDER|none",
        help=f"where the patches come from: {', '.join(DATASETS)}, a folder, or none "
        "(the model's own)",
    )
    parser.add_argument(
        "--images", type=int, default=_IMAGES, help=f"images that are searched ({_IMAGES})"
    )
    add_seed(parser, "the noise")
    add_data_dir(parser)


def draw(parsed: argparse.Namespace, output: Path) -> None:
    """Draw the picture into a file."""
    filters = _filters(parsed.filters)
    check_range("--images", parsed.images, 1, 20_000)
    check_range("--seed", parsed.seed, 0, MOST_SEEDS)

    from app.figure_files import save
    from app.figures.feature_visualization import choose_filters, feature_visualization
    from app.insight import open_model

    model = open_model(parsed.model)
    layers = parsed.layer.split(",") if parsed.layer else ()
    choose_filters(model, layers, filters)  # a slip should not wait for the images
    samples = _samples(parsed, model)
    with CONSOLE.progress("searching images, growing patterns") as update:
        figure = feature_visualization(
            model,
            layers,
            filters=filters,
            images=samples.images if samples else None,
            source=samples.source if samples else "",
            seed=parsed.seed,
            progress=update,
        )
    save(figure, output)


def _samples(parsed: argparse.Namespace, model: OpenedModel) -> Samples | None:
    from app.samples import load_samples

    if parsed.dataset == "none":
        return None
    if parsed.dataset is None and model.card is None:
        CONSOLE.warning("note: the model has no card that names its dataset: no patches are shown.")
        return None
    return load_samples(
        model,
        parsed.dataset,
        split="train",
        count=parsed.images,
        data_dir=data_dir_of(parsed),
        reporter=CONSOLE,
    )


def _filters(text: str | None) -> list[int] | None:
    if text is None:
        return None
    try:
        return [int(number) for number in text.split(",")]
    except ValueError:
        raise AppError(
            f"--filters '{text}'.", "Expected numbers with commas between them, such as 0,5,7."
        ) from None
