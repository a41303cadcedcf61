"""The pictures of a network."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.plot.options import (
    DATA_DIR,
    IMAGE,
    MODEL,
    OneOf,
    Option,
    Plot,
    dataset_images,
    number_option,
    seed_option,
)
from app.data.registry import DATASETS
from app.errors import AppError
from app.files import printable
from app.insight.choices import EMBEDDING_METHODS
from app.reporting import CONSOLE

if TYPE_CHECKING:
    from app.figures.canvas.style import Figure

_DATASET_NAMES = ", ".join(DATASETS)


def filters(parsed: argparse.Namespace) -> Figure:
    """Draw the kernels of a layer's filters.

    Kernels of the first layer are drawn as images. Deeper kernels are drawn as
    the slices with the largest weights. Similar filters are placed next to each
    other. A locally connected layer has a field: norms by position, one filter.
    """
    from app.classifier import load
    from app.figures.filters import filters_figure

    return filters_figure(load(parsed.model).inspect(), parsed.layer)


def responses(parsed: argparse.Namespace) -> Figure:
    """Draw the response maps (activations) of a network for an image.

    By default, the 12 strongest maps of every layer are drawn; with --all, up to
    256 maps of every layer. With --layer, all maps of one layer are drawn, with
    the receptive field of one of its cells.
    """
    cell = _numbers(parsed.cell, "--cell", "a row and a column, such as --cell 3,5", count=2)
    if cell is not None and parsed.layer is None:
        raise AppError("--cell without --layer.", "Expected --layer with the cell's layer.")

    from app.classifier import load
    from app.figures.responses import layer_responses_figure, responses_figure

    model = load(parsed.model, raw=parsed.raw).inspect()
    image, name = model.load_image(parsed.image), printable(Path(parsed.image).name)
    if parsed.layer is None:
        return responses_figure(model, image, all_maps=parsed.all, name=name)
    chosen = (cell[0], cell[1]) if cell else None
    return layer_responses_figure(model, image, parsed.layer, cell=chosen, name=name)


def patterns(parsed: argparse.Namespace) -> Figure:
    """Draw a feature visualization of the filters of a layer.

    For each filter, an image that maximizes its activation, found by gradient
    ascent from noise, next to its nine top-activating patches in a dataset, all
    cropped to the filter's effective receptive field. With --diversity, several
    images that differ: a filter may detect more than one thing. Then the same for
    the logits of the classes.
    """
    filters = _numbers(
        parsed.filters, "--filters", "numbers with commas between them, such as 0,5,7"
    )

    from app.classifier import load
    from app.figures.feature_visualization import (
        SearchedImages,
        choose_filters,
        feature_visualization,
    )
    from app.insight.feature_visualization import VisualizationSettings

    model = load(parsed.model).inspect()
    layers = parsed.layer.split(",") if parsed.layer else ()
    choose_filters(model, layers, filters)  # fails before the images are loaded
    images = None
    if parsed.dataset is None and model.card is None:
        CONSOLE.info("note: the model has no card that names its dataset: no patches are shown.")
    elif parsed.dataset != "none":
        found = dataset_images(parsed, model, "train")
        images = SearchedImages(found.pixels, found.source, found.labels, found.dataset.class_names)
    with CONSOLE.progress("searching images, maximizing activations") as update:
        return feature_visualization(
            model,
            choose_filters(model, layers, filters, images=images),
            images=images,
            settings=VisualizationSettings(parsed.diversity, parsed.seed),
            progress=update,
        )


def architecture(parsed: argparse.Namespace) -> Figure:
    """Draw the volumes W×H×D through a network, as the lecture's overview does.

    Below each volume: its layers, its size, its weights, and the receptive field
    of one cell. Normalization, ReLU and dropout are shown with the layer before
    them. With --effective, also the effective receptive field, measured by the
    gradients of images, of the trained network and of an untrained one.
    """
    from app.classifier import load
    from app.figures.architecture import architecture_figure

    if not parsed.effective and parsed.dataset is not None:
        raise AppError("--dataset without --effective.", "Expected both.")
    model = load(parsed.model).inspect()
    if not parsed.effective:
        return architecture_figure(model)
    from app.insight.effective_fields import effective_widths

    images = dataset_images(parsed, model, "validation")
    with CONSOLE.progress("measuring effective receptive fields") as update:
        return architecture_figure(model, effective_widths(model, images.pixels, update))


def embedding(parsed: argparse.Namespace) -> Figure:
    """Draw a dataset in the feature space of a network, projected to two dimensions.

    Images with similar activations are close together; colors show true classes.
    Below, how well neighbors are kept: the accuracy of nearest neighbors before and
    after the projection, and its trustworthiness.
    """
    if parsed.perplexity is not None and parsed.method != "tsne":
        raise AppError(f"--perplexity with --method {parsed.method}.", "Expected --method tsne.")
    from app.classifier import load
    from app.figures.embedding import embedding_figure
    from app.insight.embedding import TSNE_OF_30, Projection

    model = load(parsed.model).inspect()
    images = dataset_images(parsed, model, parsed.split)
    with CONSOLE.progress("computing activations") as update:
        perplexity = parsed.perplexity or TSNE_OF_30.perplexity
        projection = Projection(parsed.method, perplexity, parsed.seed)
        return embedding_figure(model, images, projection=projection, progress=update)


def _numbers(text: str | None, flag: str, expected: str, count: int = 0) -> list[int] | None:
    """Return whole numbers separated by commas, `count` of them if it is not 0."""
    if text is None:
        return None
    try:
        numbers = [int(number) for number in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or count not in (0, len(numbers)):
        raise AppError(f"{flag} '{text}'.", f"Expected {expected}.")
    return numbers


PLOTS = {
    "filters": Plot(
        "the weights of a layer",
        (MODEL, Option("--layer", metavar="NAME", help="layer with weights (default: the first)")),
        filters,
    ),
    "responses": Plot(
        "response maps (activations) of the layers for an image",
        (
            MODEL,
            *IMAGE,
            OneOf(
                Option("--layer", metavar="NAME", help="one layer, with all its maps"),
                Option(
                    "--all",
                    action="store_true",
                    help="up to 256 maps of every layer (default: the 12 strongest)",
                ),
            ),
            Option(
                "--cell",
                metavar="ROW,COLUMN",
                help="cell of --layer whose receptive field is drawn (default: the cell with the "
                "strongest activation)",
            ),
        ),
        responses,
    ),
    "patterns": Plot(
        "feature visualization: images that maximize the activation of each filter",
        (
            MODEL,
            Option(
                "--layer",
                metavar="NAME,NAME,…",
                help="layer, or several layers to compare (default: the last one before pooling)",
            ),
            Option(
                "--filters",
                metavar="N,N,…",
                help="filters, such as 0,5,7 (default: the 32 most class-selective, or 8 of each "
                "of several layers)",
            ),
            Option(
                "--dataset",
                metavar="NAME|FOLDER|none",
                help=f"source of the patches: {_DATASET_NAMES}, a folder, or none "
                "(default: the model's own)",
            ),
            number_option(
                "--images",
                (1, 20_000),
                default=1000,
                help="number of images to search (default: 1000)",
            ),
            number_option(
                "--diversity",
                (1, 8),
                default=1,
                metavar="N",
                help="number of different images of each filter (default: 1)",
            ),
            seed_option("the noise"),
            DATA_DIR,
        ),
        patterns,
    ),
    "architecture": Plot(
        "output volume of each layer: width, height, depth",
        (
            MODEL,
            Option(
                "--effective",
                action="store_true",
                help="measure the effective receptive fields, too",
            ),
            Option(
                "--dataset",
                metavar="NAME|FOLDER",
                help=f"images for them: {_DATASET_NAMES}, or a folder (default: the model's own)",
            ),
            number_option(
                "--images", (1, 10_000), default=64, help="number of images (default: 64)"
            ),
            DATA_DIR,
        ),
        architecture,
    ),
    "embedding": Plot(
        "a dataset in the feature space of the last hidden layer",
        (
            MODEL,
            Option(
                "--dataset",
                metavar="NAME|FOLDER",
                help=f"{_DATASET_NAMES}, or a folder (default: the model's own)",
            ),
            Option(
                "--split",
                default="validation",
                choices=("train", "validation", "test"),
                help="split to draw (default: validation)",
            ),
            Option(
                "--method",
                choices=EMBEDDING_METHODS,
                default="tsne",
                help="projection (default: tsne)",
            ),
            number_option(
                "--images", (5, 10_000), default=500, help="number of images (default: 500)"
            ),
            number_option(
                "--perplexity",
                (2, 1000),
                help="number of neighbors that t-SNE keeps (default: 30)",
            ),
            seed_option("t-SNE"),
            DATA_DIR,
        ),
        embedding,
    ),
}
