"""The report of a saved model, section by section."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from app.augmentation.tta import identity
from app.classifier import Classifier
from app.classifier.dataset_images import DatasetImages, Selection, select_images
from app.classifier.inspected_model import InspectedModel
from app.errors import AppError
from app.evaluate import EvaluationResult, evaluate
from app.figures.architecture import architecture_figure
from app.figures.canvas.style import Figure
from app.figures.embedding import embedding_figure
from app.figures.evaluation import confusion_figure, errors_figure
from app.figures.explanations import grad_cam_figure, occlusion_figure, saliency_figure
from app.figures.feature_visualization import (
    SearchedImages,
    choose_filters,
    feature_visualization,
)
from app.figures.filters import filters_figure
from app.figures.responses import responses_figure
from app.files import printable
from app.metrics import accuracy_text, value_text
from app.report.page import Page, Picture, Section, Table, picture_from, picture_of, write_page
from app.reporting import SILENT, Reporter
from app.storage.card import Card
from app.storage.folder import CURVES

_SAMPLES, _LAYERS, _WORST = 400, 3, 18
_EXPLANATIONS: dict[str, Callable[..., Figure]] = {
    "Grad-CAM": grad_cam_figure,
    "Occlusion": occlusion_figure,
    "SmoothGrad saliency": partial(saliency_figure, method="smoothgrad"),
    "Integrated gradients": partial(saliency_figure, method="integrated"),
}


def write_report(
    classifier: Classifier,
    output: Path,
    *,
    images: Sequence[Path] = (),
    selection: Selection | None = None,
    reporter: Reporter = SILENT,
) -> None:
    """Write the report of a model into one HTML file.

    Parts that cannot be shown, such as a confusion matrix without the dataset, are omitted with a
    note.

    Args:
        classifier: Model of the report.
        output: File to write.
        images: Image files to explain.
        selection: Images to evaluate and to show; by default the model's validation images.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If an image cannot be used, or the file cannot be written.
    """
    selection = selection or Selection(split="validation")
    report = _Report(classifier, classifier.inspect(), selection, reporter)
    model, card = report.model, report.model.card
    named_images = [(printable(path.name), model.load_image(path)) for path in images]
    sections: list[Section] = []
    missing: list[tuple[str, str]] = []
    for title, build in report.chapters(named_images):
        reporter.info(f"{title} …")
        try:
            sections.append(build())
        except AppError as error:
            missing.append((title, error.received))
            reporter.warning(f"left out: {title}: {error.received}")
    if missing:
        sections.append(Section("Left out", table=Table(missing)))
    page = Page(
        title=f"{model.name}: what it predicts, and why",
        summary=_summary(model),
        sections=sections,
        footer=f"Made by convlab. Command that reproduces the model: {card.command}"
        if card is not None and card.command
        else "Made by convlab.",
    )
    write_page(output, page)


@dataclass(frozen=True)
class _Report:
    classifier: Classifier
    model: InspectedModel
    selection: Selection
    reporter: Reporter

    def chapters(
        self, images: Sequence[tuple[str, np.ndarray]]
    ) -> Iterator[tuple[str, Callable[[], Section]]]:
        """Yield the title of each chapter and the function that builds it."""
        if self.model.card is not None:
            yield "Card", partial(_card_section, self.model.card)
        if self._curves.is_file():
            yield "Training", self._training
        yield "Architecture", self._architecture
        yield "Measured", self._evaluation
        yield "Filters", self._filters
        for name, image in images:
            yield name, partial(_image_section, self.model, name, image)
        yield "Patterns", self._patterns
        yield "Map of the data", self._embedding

    @property
    def _curves(self) -> Path:
        assert self.model.path is not None  # it was loaded from there
        return self.model.path / CURVES

    @cached_property
    def _images(self) -> DatasetImages | AppError:
        try:
            selection = replace(self.selection, count=_SAMPLES, any_classes=True)
            return select_images(self.model, selection, self.reporter)
        except AppError as error:  # kept, because trying again may wait for a network again
            return error

    def _available_images(self) -> DatasetImages:
        if isinstance(self._images, AppError):
            raise self._images
        return self._images

    def _training(self) -> Section:
        text = (
            "Curves are of one view of each image, after every epoch. The star, and the numbers "
            "under Card and Measured, are of the saved model: of the mean of several views if it "
            "averages over views."
        )
        picture = picture_from(self._curves, f"Training curves of {self.model.name}")
        return Section("Training", text, pictures=[picture])

    def _architecture(self) -> Section:
        return self._figure(
            "Architecture", architecture_figure(self.model), f"The volumes of {self.model.name}"
        )

    def _filters(self) -> Section:
        return self._figure(
            "Filters", filters_figure(self.model), f"The first filters of {self.model.name}"
        )

    def _patterns(self) -> Section:
        images = self._available_images()
        figure = feature_visualization(
            self.model,
            choose_filters(self.model, _hierarchy(self.model)),
            images=SearchedImages(images.pixels, images.source),
        )
        return self._figure("Patterns", figure, f"Feature visualization of {self.model.name}")

    def _embedding(self) -> Section:
        figure = embedding_figure(self.model, self._available_images())
        return self._figure("Map of the data", figure, "Images in the last hidden layer")

    def _evaluation(self) -> Section:
        result = evaluate(
            self.classifier,
            dataset=self.selection.dataset,
            split=self.selection.split,
            data_dir=self.selection.data_dir,
            reporter=self.reporter,
        )
        rows = [
            (name, f"{row['n']:,}", *(f"{row[key]:.2%}" for key in ("recall", "precision", "f1")))
            for name, row in result.evaluation.per_class().items()
        ]
        return Section(
            "Measured",
            f"On {result.shown_dataset}, {result.split}: accuracy "
            f"{result.evaluation.accuracy_text}, loss {result.evaluation.loss:.4f}, "
            f"{result.evaluation.n:,} images.",
            Table(rows, ("class", "images", "recall", "precision", "F1"), (1, 2, 3, 4)),
            _evaluation_pictures(result),
        )

    @staticmethod
    def _figure(title: str, figure: Figure, alt: str) -> Section:
        return Section(title, pictures=[picture_of(figure, alt)])


def _summary(model: InspectedModel) -> str:
    height, width = model.image_size
    color = "gray" if model.channels == 1 else "RGB"
    return (
        f"{model.keras_model.count_params():,} weights distinguish {len(model.class_names)} "
        f"classes in {color} images of {width}×{height} pixels: "
        + ", ".join(model.class_names[:10])
        + (", …." if len(model.class_names) > 10 else ".")
    )


def _card_section(card: Card) -> Section:
    rows = [
        ("dataset", f"{card.dataset} ({card.source})"),  # names a stand-in, if it is one
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
    if not metrics:
        return "not measured"
    return accuracy_text(metrics["accuracy"], card.images.get(split, 0))


def _evaluation_pictures(result: EvaluationResult) -> list[Picture]:
    title = f"{result.model} on {result.shown_dataset}, {result.split}"
    pictures = [picture_of(confusion_figure(result), f"Confusion matrix of {title}")]
    errors = errors_figure(result, _WORST)
    if errors is not None:
        pictures.append(picture_of(errors, f"The most confident errors of {title}"))
    return pictures


def _image_section(model: InspectedModel, name: str, image: np.ndarray) -> Section:
    values = model.values(image[np.newaxis], [identity])[0]
    order = np.argsort(-values, kind="stable")[:5]
    subject = [(model, image, int(order[0]))]
    figures: list[tuple[str, Callable[[], Figure]]] = [
        (title, partial(draw, subject, name=name)) for title, draw in _EXPLANATIONS.items()
    ]
    figures.append(("Response maps", partial(responses_figure, model, image, name=name)))
    pictures, missing = [], []
    for title, draw in figures:
        try:
            pictures.append(picture_of(draw(), f"{title}, {name}"))
        except AppError as error:  # of a dense network, which has no spatial layers
            missing.append(f"{title} is left out: {error.received}")
    rows = [(model.class_names[k], value_text(values[k], model.kind)) for k in order]
    table = Table(rows, ("class", "probability, from one view"), (1,))
    return Section(name, " ".join(missing), table, pictures)


def _hierarchy(model: InspectedModel) -> list[str]:
    """Return up to three layers with filters, from the first to the last before pooling."""
    last = model.last_conv_layer
    before = model.layers[: model.layers.index(last) + 1]
    layers = [info for info in before if info.is_spatial and info.has_kernel] or [last]
    count = min(_LAYERS, len(layers))
    return [layers[i].path for i in np.linspace(0, len(layers) - 1, count).round().astype(int)]
