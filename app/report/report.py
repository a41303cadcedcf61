"""What a report says of a saved model, section by section."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from app.classifier import load
from app.errors import AppError, AppWarning
from app.evaluate import EvaluationResult, evaluate
from app.figures.architecture import architecture_figure
from app.figures.canvas.style import Figure
from app.figures.embedding import embedding_figure
from app.figures.evaluation import confusion_figure, errors_figure
from app.figures.explanations import (
    grad_cam_figure,
    occlusion_figure,
    saliency_figure,
)
from app.figures.feature_visualization import feature_visualization
from app.figures.filters import filters_figure
from app.figures.responses import responses_figure
from app.files import printable
from app.insight import OpenedModel, open_model
from app.metrics import accuracy_text, value_text
from app.report.page import Picture, Section, Table, picture_from, picture_of, write_page
from app.reporting import SILENT, Reporter
from app.samples import Samples, load_samples
from app.storage.card import Card
from app.storage.finding import find_model
from app.storage.folder import CURVES

_SAMPLES, _LAYERS, _WORST = 400, 3, 18
_EXPLANATIONS: dict[str, Callable[..., Figure]] = {
    "Grad-CAM": grad_cam_figure,
    "Occlusion": occlusion_figure,
    "SmoothGrad saliency": partial(saliency_figure, method="smoothgrad"),
    "Integrated gradients": partial(saliency_figure, method="integrated"),
}


@dataclass(frozen=True)
class Wish:
    """What a report is to be about.

    Attributes:
        model: A model's folder, its name in `saved_models/`, or a `.keras` or `.h5` file.
        images: Image files to be explained.
        dataset: Name or folder; `None` for the model's own.
        split: Which part of it is measured and shown.
        data_dir: Where datasets are kept.
        raw: Do not bring images to the form of MNIST's.
    """

    model: str
    images: Sequence[Path]
    dataset: str | None
    split: str
    data_dir: Path
    raw: bool


def write_report(wish: Wish, output: Path, reporter: Reporter = SILENT) -> None:
    """Write a model's report into one HTML file.

    What cannot be shown, such as a confusion matrix without the dataset, is left out, and the
    report says so.

    Args:
        wish: What it is about.
        output: The file.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If the model or an image cannot be used, or the file cannot be written.
    """
    model = open_model(wish.model, raw=wish.raw)
    images = [(printable(path.name), model.load_image(path)) for path in wish.images]
    sections: list[Section] = []
    missing: list[tuple[str, str]] = []
    for title, build in _chapters(wish, model, images, reporter):
        reporter.info(f"{title} …")
        try:
            sections.append(build())
        except AppError as error:
            missing.append((title, error.received))
            reporter.warning(f"left out: {title}: {error.received}")
    if missing:
        sections.append(Section("Left out", table=Table(missing)))
    card = model.card
    write_page(
        output,
        title=f"{model.name}: what it sees, and why it says so",
        summary=_summary(model),
        sections=sections,
        footer=f"Made by convlab. To make the model anew: {card.command}"
        if card is not None and card.command
        else "Made by convlab.",
    )


def _chapters(
    wish: Wish, model: OpenedModel, images: Sequence[tuple[str, np.ndarray]], reporter: Reporter
) -> Iterator[tuple[str, Callable[[], Section]]]:
    @cache
    def some() -> Samples | AppError:
        try:
            return load_samples(
                model,
                wish.dataset,
                split=wish.split,
                count=_SAMPLES,
                data_dir=wish.data_dir,
                reporter=reporter,
            )
        except AppError as error:  # once is enough: it may have waited for a network
            return error

    if model.card is not None:
        yield "Card", lambda: _card(model)
    if (find_model(Path(wish.model)) / CURVES).is_file():
        yield "Training", lambda: _curves(wish, model)
    yield (
        "Architecture",
        lambda: _one(
            "Architecture",
            picture_of(architecture_figure(model), f"The volumes through {model.name}"),
        ),
    )
    yield "Measured", lambda: _measured(wish, reporter)
    yield (
        "Filters",
        lambda: _one(
            "Filters", picture_of(filters_figure(model), f"The first filters of {model.name}")
        ),
    )
    for name, image in images:
        yield name, lambda name=name, image=image: _image(model, name, image)  # type: ignore[misc]
    yield "Patterns", lambda: _patterns(model, some())
    yield "Map of the data", lambda: _embedding(model, some())


def _summary(model: OpenedModel) -> str:
    height, width = model.image_size
    colour = "grey" if model.channels == 1 else "RGB"
    return (
        f"{model.keras_model.count_params():,} weights tell {len(model.class_names)} classes apart "
        f"in {colour} images of {width}×{height} pixels: {', '.join(model.class_names[:10])}"
        + (", …" if len(model.class_names) > 10 else "")
        + "."
    )


def _one(title: str, picture: Picture) -> Section:
    return Section(title, pictures=[picture])


def _card(model: OpenedModel) -> Section:
    card = model.card
    assert card is not None  # asked for only then
    rows = [
        ("dataset", f"{card.dataset} ({card.source})"),  # which says "stand-in for", where it is
        ("images", ", ".join(f"{count:,} {name}" for name, count in card.images.items())),
        ("test accuracy", _accuracy(card, "test")),
        ("validation accuracy", _accuracy(card, "validation")),
        ("saved", card.saved_epoch),
        ("made", card.created.replace("T", " ")),
        ("by", ", ".join(f"{name} {version}" for name, version in card.versions.items())),
        ("command", card.command or "unknown"),
    ]
    return Section("Card", table=Table(rows))


def _accuracy(card: Card, split: str) -> str:
    metrics = card.metrics[split]
    return (
        accuracy_text(metrics["accuracy"], card.images.get(split, 0)) if metrics else "not measured"
    )


def _curves(wish: Wish, model: OpenedModel) -> Section:
    path = find_model(Path(wish.model)) / CURVES
    text = (
        "Curves are of one view of each image, after every epoch. The star, and the numbers under "
        "Card and Measured, are of the saved model: of the mean of several views where it has them."
    )
    return Section(
        "Training", text, pictures=[picture_from(path, f"Training curves of {model.name}")]
    )


def _measured(wish: Wish, reporter: Reporter) -> Section:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AppWarning)  # shown when the model was opened
        classifier = load(wish.model, raw=True)
    measured = evaluate(
        classifier,
        dataset=wish.dataset,
        split=wish.split,
        data_dir=wish.data_dir,
        reporter=reporter,
    )
    evaluation = measured.evaluation
    rows = [
        (
            name,
            f"{row['n']:,}",
            f"{row['recall']:.2%}",
            f"{row['precision']:.2%}",
            f"{row['f1']:.2%}",
        )
        for name, row in evaluation.per_class().items()
    ]
    return Section(
        "Measured",
        f"On {measured.shown_dataset}, {measured.split}: accuracy "
        f"{evaluation.accuracy_text}, loss {evaluation.loss:.4f}, {evaluation.n:,} images.",
        Table(rows, ("class", "images", "recall", "precision", "F1"), (1, 2, 3, 4)),
        _measured_pictures(measured),
    )


def _measured_pictures(measured: EvaluationResult) -> list[Picture]:
    title = f"{measured.model} on {measured.shown_dataset}, {measured.split}"
    pictures = [picture_of(confusion_figure(measured), f"Confusion matrix of {title}")]
    errors = errors_figure(measured, _WORST)
    if errors is not None:
        pictures.append(picture_of(errors, f"The most confident errors of {title}"))
    return pictures


def _image(model: OpenedModel, name: str, image: np.ndarray) -> Section:
    probabilities = model.probabilities(image[np.newaxis])[0]
    order = np.argsort(-probabilities, kind="stable")[:5]
    subject = [(model, image, int(order[0]))]
    figures: list[tuple[str, Callable[[], Figure]]] = [
        (title, partial(draw, subject, name=name)) for title, draw in _EXPLANATIONS.items()
    ]
    figures.append(("Response maps", partial(responses_figure, model, image, name=name)))
    pictures, missing = [], []
    for title, draw in figures:
        try:
            pictures.append(picture_of(draw(), f"{title}, {name}"))
        except AppError as error:  # of a dense network, which has no maps
            missing.append(f"{title} is left out: {error.received}")
    rows = [(model.class_names[k], value_text(probabilities[k], model.kind)) for k in order]
    table = Table(rows, ("class", "probability, from one view"), (1,))
    return Section(name, " ".join(missing), table, pictures)


def _patterns(model: OpenedModel, samples: Samples | AppError) -> Section:
    if isinstance(samples, AppError):
        raise samples
    figure = feature_visualization(
        model, _hierarchy(model), images=samples.images, source=samples.source
    )
    return _one("Patterns", picture_of(figure, f"What filters of {model.name} look for"))


def _hierarchy(model: OpenedModel) -> list[str]:
    """Return up to three layers with filters, from the first to the last before pooling."""
    last = model.last_maps
    before = model.parts[: model.parts.index(last) + 1]
    found = [part for part in before if part.has_maps and part.has_kernel] or [last]
    count = min(_LAYERS, len(found))
    return [found[i].path for i in np.linspace(0, len(found) - 1, count).round().astype(int)]


def _embedding(model: OpenedModel, samples: Samples | AppError) -> Section:
    if isinstance(samples, AppError):
        raise samples
    figure = embedding_figure(
        model,
        samples.images,
        samples.labels,
        samples.class_names,
        source=samples.source,
    )
    return _one("Map of the data", picture_of(figure, "Images where the network puts them"))
