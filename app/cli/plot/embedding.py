"""Draw a dataset as a network sees it: its last hidden layer in two dimensions.

Images that the network finds alike lie side by side; colours are their true
classes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.options import add_data_dir, data_dir_of
from app.cli.plot.arguments import MOST_SEEDS, add_model, add_seed, check_range
from app.config import DATASETS
from app.reporting import CONSOLE

_METHODS = ("pca", "tsne")
_IMAGES = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the picture's arguments."""
    add_model(parser)
    parser.add_argument(
        "--dataset",
        metavar="NAME|FOLDER",
        help=f"{', '.join(DATASETS)}, or a folder (the model's own)",
    )
    parser.add_argument(
        "--split", default="validation", choices=("train", "validation", "test"),
        help="(validation)",
    )  # fmt: skip
    parser.add_argument("--method", choices=_METHODS, default="tsne", help="(tsne)")
    parser.add_argument("--images", type=int, default=_IMAGES, help=f"how many ({_IMAGES})")
    add_seed(parser, "t-SNE")
    add_data_dir(parser)


def draw(parsed: argparse.Namespace, output: Path) -> None:
    """Draw the picture into a file."""
    check_range("--images", parsed.images, 5, 10_000)
    check_range("--seed", parsed.seed, 0, MOST_SEEDS)

    from app.figure_files import save
    from app.figures.embedding import embedding_figure
    from app.insight import open_model
    from app.samples import load_samples

    model = open_model(parsed.model)
    samples = load_samples(
        model,
        parsed.dataset,
        split=parsed.split,
        count=parsed.images,
        data_dir=data_dir_of(parsed),
        reporter=CONSOLE,
    )
    with CONSOLE.progress("looking at images") as update:
        figure = embedding_figure(
            model,
            samples.images,
            samples.labels,
            samples.class_names,
            source=samples.source,
            method=parsed.method,
            seed=parsed.seed,
            progress=update,
        )
    save(figure, output)
