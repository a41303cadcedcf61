"""Classification of images by a saved model."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.augmentation.augmentation import Augmentation
from app.augmentation.tta import View, identity, mean_over_views, tta_views
from app.classifier.image_sources import named_sources
from app.classifier.inputs import Input, digit_inputs, load_input
from app.classifier.prediction import Prediction
from app.data.decoding import UndecodableImage, load_image
from app.data.fitting import SQUASH
from app.data.shards.packed import ImageFile
from app.errors import AppError
from app.metrics import DISTRIBUTION, SCORES, OutputKind, class_values, faults_of
from app.names import listed
from app.processes import num_threads
from app.statistics.temperature import with_temperature
from app.storage.card import Card
from app.storage.loading import open_image_classifier

if TYPE_CHECKING:
    from app.classifier.inspected_model import InspectedModel

BATCH = 32  # images that the network gets at once
_BATCHES_AHEAD = 4


@dataclass(frozen=True, repr=False, kw_only=True)
class Classifier:
    """A loaded model. Many threads may use it at once.

    Attributes:
        name: Name on the model's card, or of its file.
        outputs: The network: maps `(B, H, W, C)` images to `(B, units)` float32.
        class_names: Classes in the order of the outputs; two for a single sigmoid unit.
        image_size: `(height, width)` in pixels.
        channels: 3 for RGB, 1 for gray.
        fit: Rule of `app.data.fitting` for images of another aspect ratio.
        kind: Kind of the outputs.
        card: The model's card, or `None` for a bare file.
        mnist_style: Whether images are first converted to the format of MNIST.
        views: Probabilities are means over these views of an image.
        temperature: Temperature of these means; see `app.statistics.temperature`.
        unknown_below: Predictions with a lower probability are labeled `unknown`; 0 for none.
        path: Folder or file of the model; `None` for a model in memory.
        keras_model: The Keras model, if it was loaded, else `None`.
    """

    name: str
    outputs: Callable[[np.ndarray], np.ndarray]
    class_names: tuple[str, ...]
    image_size: tuple[int, int]
    channels: int
    fit: str = SQUASH
    kind: OutputKind = DISTRIBUTION
    card: Card | None = None
    mnist_style: bool = False
    views: Sequence[View] = (identity,)
    temperature: float = 1.0
    unknown_below: float = 0.0
    path: Path | None = None
    keras_model: Any = None

    @property
    def engine(self) -> str:
        """What computes the outputs: `litert` or `keras`."""
        return "litert" if self.keras_model is None else "keras"

    @property
    def thresholds(self) -> tuple[float, ...]:
        """Of a multi-label model, the probability from which on each label is predicted."""
        return self.card.thresholds if self.card is not None else ()

    def __repr__(self) -> str:
        sides = "×".join(map(str, (*self.image_size, self.channels)))
        classes = listed(self.class_names)
        return f"<{type(self).__name__} {self.name}: {classes}; {sides}; {self.engine}>"

    def inspect(self) -> InspectedModel:
        """Return the same model, opened by Keras, with its layers.

        Raises:
            AppError: If Keras cannot load it.
        """
        model = self.keras_model
        if model is None:
            assert self.path is not None  # only a model in memory has no path
            model = open_image_classifier(self.path, self.card).keras_model
        # Imports Keras, which has been started now, without its messages.
        from app.classifier.inspected_model import InspectedModel

        return InspectedModel.wrap(
            model,
            name=self.name,
            class_names=self.class_names,
            image_shape=(*self.image_size, self.channels),
            fit=self.fit,
            kind=self.kind,
            card=self.card,
            mnist_style=self.mnist_style,
            views=self.views,
            temperature=self.temperature,
            unknown_below=self.unknown_below,
            path=self.path,
        )

    def with_views(self, *, averaged: bool) -> Classifier:
        """Return the same model with or without test-time augmentation.

        The temperature was fitted for the model's own views; with other views it is 1.

        Args:
            averaged: Whether probabilities are averaged over the views that suit the model's
                training, instead of those of one view.
        """
        views: Sequence[View] = (identity,)
        if averaged and self.card is not None:
            views = self.card.suitable_views()
        elif averaged:
            views = tta_views(Augmentation(), self.image_size)
        temperature = self.temperature if tuple(views) == tuple(self.views) else 1.0
        return replace(self, views=views, temperature=temperature)

    def load_image(self, image: Any) -> np.ndarray:
        """Return an image as the network sees it, `(H, W, C)` uint8.

        Args:
            image: Path, bytes of an image file, file object, Pillow image or uint8 pixels
                `(H, W)`, `(H, W, 1)`, `(H, W, 3)` or `(H, W, 4)`.

        Raises:
            AppError: If it is missing, something else, or cannot be decoded.
        """
        return load_input(
            image, self.image_size, self.channels, fit=self.fit, mnist_style=self.mnist_style
        )

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return `(N, K)` probabilities for `(N, H, W, C)` images of the model's size.

        Raises:
            AppError: As `values`, or if the model gives scores.
        """
        if self.kind == SCORES:
            raise AppError(
                f"The model '{self.name}' outputs scores, not probabilities.",
                "Expected a model that ends in a softmax or sigmoid.",
                "Add one: keras.Sequential([model, keras.layers.Softmax()]).save(…)",
            )
        return self.values(images)

    def values(self, images: np.ndarray, views: Sequence[View] | None = None) -> np.ndarray:
        """Return `(N, K)` probabilities, or the scores of a model that gives no probabilities.

        Args:
            images: `(N, H, W, C)` of the model's size.
            views: Views to average over; `None` for the model's own, at its temperature.

        Raises:
            AppError: If the outputs are not finite, or not what they should be.
        """
        views = self.views if views is None else views
        batches = [
            self._checked_outputs(images[start : start + BATCH], views)
            for start in range(0, len(images), BATCH)
        ]
        faults = [fault for _, batch in batches for fault in batch if fault]
        if faults:
            raise AppError(
                f"The model '{self.name}' cannot classify {len(faults):,} of {len(images):,} "
                f"images; of the first of them, {faults[0]}.",
                "Expected finite probabilities.",
                "Train the model again, or use another one.",
                status=1,
            )
        return np.concatenate([rows for rows, _ in batches])

    def _checked_outputs(
        self, images: np.ndarray, views: Sequence[View]
    ) -> tuple[np.ndarray, list[str]]:
        """Return probabilities or scores `(B, K)`, and the error of each row or an empty string."""
        faults = [""] * len(images)

        def values(view: np.ndarray) -> np.ndarray:
            rows = class_values(self.outputs(view), self.kind)
            new = faults_of(rows, self.kind)
            faults[:] = [before or fault for before, fault in zip(faults, new, strict=True)]
            return rows if self.kind == SCORES else np.clip(rows, 0.0, 1.0)

        means = mean_over_views(values, images, views)
        if tuple(views) == tuple(self.views):
            means = with_temperature(means, self.temperature).astype(means.dtype)
        return means, faults

    def predict(self, images: Any, *, all_digits: bool = False) -> list[Prediction]:
        """Classify one or more images, in their order.

        A file that cannot be decoded does not stop the others: its prediction has `error` set.

        Args:
            images: Paths, bytes of image files, file objects, Pillow images or uint8 arrays
                `(H, W)`, `(H, W, 1)`, `(H, W, 3)`, `(H, W, 4)`; one of them, or any iterable of
                them. An array `(B, H, W, C)` counts as `B` images.
            all_digits: Whether every digit of an image is read in reading order, each as a
                prediction with a name that ends in `#1`, `#2` …; by default the largest is.

        Raises:
            AppError: If one of them is something else, or if `all_digits` is set and the model
                does not read digits.
        """
        return list(self.stream(named_sources(images), all_digits=all_digits))

    def stream(
        self, images: Iterable[tuple[str, ImageFile | bytes]], *, all_digits: bool = False
    ) -> Iterator[Prediction]:
        """Yield predictions for `(name, image)` in order; later images are decoded meanwhile.

        Args:
            images: Names and images.
            all_digits: As in `predict`.
        """
        if all_digits and not self.mnist_style:
            raise AppError(
                f"The model '{self.name}' is not used to find digits on a page.",
                "Expected a model of a dataset of digits, without `raw`, to read all digits.",
            )
        ahead: deque[tuple[str, Future[list[Input]]]] = deque()
        pool = ThreadPoolExecutor(num_threads())
        try:
            for name, source in images:
                ahead.append((name, pool.submit(self._inputs, source, all_digits)))
                if len(ahead) >= BATCH * _BATCHES_AHEAD:
                    yield from self._predict_batch([ahead.popleft() for _ in range(BATCH)])
            while ahead:
                count = min(BATCH, len(ahead))
                yield from self._predict_batch([ahead.popleft() for _ in range(count)])
        finally:
            # A caller that stops in the middle does not wait for images decoded ahead.
            pool.shutdown(cancel_futures=True)

    def _inputs(self, source: ImageFile | bytes, all_digits: bool) -> list[Input]:
        if self.mnist_style:
            return digit_inputs(source, self.image_size, all_digits=all_digits)
        return [Input(load_image(source, self.image_size, self.channels, fit=self.fit))]

    def _predict_batch(
        self, waiting: list[tuple[str, Future[list[Input]]]]
    ) -> Iterator[Prediction]:
        decoded: list[tuple[str, list[Input], str]] = []
        for name, future in waiting:
            try:
                decoded.append((name, future.result(), ""))
            except UndecodableImage as error:
                decoded.append((name, [], str(error)))
        pixels = [one.pixels for _, inputs, _ in decoded for one in inputs]
        # In batches again, since a page may hold hundreds of digits.
        rows = (
            row
            for start in range(0, len(pixels), BATCH)
            for row in zip(
                *self._checked_outputs(np.stack(pixels[start : start + BATCH]), self.views),
                strict=True,
            )
        )
        for name, inputs, problem in decoded:
            if problem:
                yield Prediction(name, {}, problem)
            for one in inputs:
                yield self._prediction(name, one, *next(rows))

    def _prediction(self, name: str, one: Input, row: np.ndarray, fault: str) -> Prediction:
        name = f"{name}#{one.number}" if one.number else name
        place = one[1:]
        if fault:
            return Prediction(name, {}, fault, {}, *place)
        order = np.argsort(-row, kind="stable")
        ranked = {self.class_names[k]: float(row[k]) for k in order}
        if self.kind == SCORES:
            return Prediction(name, {}, "", ranked, *place)
        if self.thresholds:
            labels = [self.class_names[k] for k in order if row[k] >= self.thresholds[k]]
            return Prediction(name, ranked, "", {}, *place, labels=tuple(labels))
        unknown = float(row.max()) < self.unknown_below
        return Prediction(name, ranked, "", {}, *place, is_unknown=unknown)
