"""From image files to labelled probabilities.

`load(model).predict(images)` uses the LiteRT twin while it belongs to the model, so that nothing
imports TensorFlow; else it uses Keras.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from app.augmentation.tta import View, identity, mean_over_views, views_of
from app.data.decoding import UndecodableImage, load_image
from app.data.mnist_style.normalize import Box, in_reading_order, load_page
from app.errors import AppError
from app.image_sources import named_sources
from app.metrics import DISTRIBUTION, SCORES, class_values, faults_of, value_text
from app.storage.loading import Network, load_network

_BATCH = 32
_BATCHES_AHEAD = 4


@dataclass(frozen=True, repr=False)
class Prediction:
    """What a model says of one image.

    Attributes:
        image: Its name.
        probabilities: `{class: probability}`, the most probable first; empty if it failed, or if
            the model gives scores.
        error: Why there is no answer, or the empty string.
        scores: `{class: score}`, the highest first, of a model that gives no probabilities.
        box: Place of the digit that was read, in pixels of the upright image; else `None`.
        digits_found: Number of digits on the image.
        number: Place of the digit in reading order, from 1, if all of them were read; else 0.
    """

    image: str
    probabilities: dict[str, float]
    error: str = ""
    scores: dict[str, float] = field(default_factory=dict)
    box: Box | None = None
    digits_found: int = 0
    number: int = 0

    @property
    def label(self) -> str:
        """The most probable class, or that of the highest score.

        Raises:
            AppError: If there is no answer.
        """
        if self.error:
            raise AppError(f"'{self.image}' has no label: {self.error}.", status=1)
        return next(iter(self.probabilities or self.scores))

    @property
    def probability(self) -> float:
        """The probability of `label`.

        Raises:
            AppError: If there is no answer, or the model gives scores.
        """
        if self.scores:
            raise AppError(
                f"'{self.image}' has scores and no probabilities.", "Expected a use of `scores`."
            )
        return self.probabilities[self.label]

    def __repr__(self) -> str:
        if self.error:
            return f"<Prediction {self.image}: {self.error}>"
        kind = SCORES if self.scores else DISTRIBUTION
        text = value_text((self.scores or self.probabilities)[self.label], kind)
        return f"<Prediction {self.image}: {self.label}, {text}>"


class _Input(NamedTuple):
    """What the network gets, `(H, W, C)` uint8, and where it was on the image."""

    pixels: np.ndarray
    box: Box | None = None
    digits_found: int = 0
    number: int = 0


@dataclass(frozen=True, repr=False)
class Classifier:
    """A saved model, ready to recognise images. It may be used by many threads at once.

    Attributes:
        network: Its network, with class names and input size.
        finds_digits: Whether the MNIST recipe is applied before it.
        views: Probabilities are means over these views of an image.
    """

    network: Network
    finds_digits: bool
    views: Sequence[View] = (identity,)

    def __repr__(self) -> str:
        return repr(self.network).replace("Network", "Classifier", 1)

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return `(B, K)` probabilities for `(B, H, W, C)` uint8 images of the model's size.

        Raises:
            AppError: If the model gives scores, or what no probability can be.
        """
        if self.network.kind == SCORES:
            raise AppError(
                f"The model '{self.network.name}' gives scores and no probabilities.",
                "Expected a model that ends in a softmax or sigmoid.",
                "Give it one: keras.Sequential([model, keras.layers.Softmax()]).save(…)",
            )
        rows, faults = self._values(images)
        bad = [position for position, fault in enumerate(faults) if fault]
        if bad:
            raise AppError(
                f"The model '{self.network.name}' cannot judge {len(bad):,} of {len(images):,} "
                f"images; of the first of them, {faults[bad[0]]}.",
                "Expected finite probabilities.",
                "Train the model again, or take another one.",
                status=1,
            )
        return rows

    def _values(self, images: np.ndarray) -> tuple[np.ndarray, list[str]]:
        """Return `(B, K)` probabilities or scores, and what is wrong with each row."""
        faults = [""] * len(images)

        def values(view: np.ndarray) -> np.ndarray:
            rows = class_values(self.network(view), self.network.kind)
            found = faults_of(rows, self.network.kind)
            faults[:] = [before or fault for before, fault in zip(faults, found, strict=True)]
            return rows if self.network.kind == SCORES else np.clip(rows, 0.0, 1.0)

        return mean_over_views(values, images, self.views), faults

    def predict(self, images: Any, *, all_digits: bool = False) -> list[Prediction]:
        """Recognise one or more images, in their order.

        A file that cannot be decoded does not stop the others: its prediction has `error` set.

        Args:
            images: Paths, bytes of image files, file objects, Pillow images or uint8 arrays
                `(H, W)`, `(H, W, 1)`, `(H, W, 3)`, `(H, W, 4)`; one of them, or any iterable of
                them. An array `(B, H, W, C)` counts as `B` images.

            all_digits: Read every digit of an image in reading order, each as a prediction whose
                name ends in `#1`, `#2` …; else the largest.

        Raises:
            AppError: If one of them is something else, or if `all_digits` is set and the model
                does not read digits.
        """
        return list(self.stream(named_sources(images), all_digits=all_digits))

    def stream(
        self, images: Iterable[tuple[str, Path | bytes]], *, all_digits: bool = False
    ) -> Iterator[Prediction]:
        """Yield predictions for `(name, image)` in order; later images are decoded meanwhile.

        `all_digits` as in `predict`.
        """
        if all_digits and not self.finds_digits:
            raise AppError(
                f"The model '{self.network.name}' is not used to find digits on a page.",
                "Expected a model of a dataset of digits, without `raw`, to read all digits.",
            )
        ahead: deque[tuple[str, Future[list[_Input]]]] = deque()
        pool = ThreadPoolExecutor(os.cpu_count() or 1)
        try:
            for name, source in images:
                ahead.append((name, pool.submit(self._load, source, all_digits)))
                if len(ahead) >= _BATCH * _BATCHES_AHEAD:
                    yield from self._batch([ahead.popleft() for _ in range(_BATCH)])
            while ahead:
                yield from self._batch([ahead.popleft() for _ in range(min(_BATCH, len(ahead)))])
        finally:
            # Whoever stops in the middle does not wait for the images decoded ahead.
            pool.shutdown(cancel_futures=True)

    def _load(self, source: Path | bytes, all_digits: bool) -> list[_Input]:
        if not self.finds_digits:
            return [_Input(load_image(source, self.network.image_size, self.network.channels))]
        digits = load_page(source, self.network.image_size)
        if not all_digits:
            return [_Input(*digits[0], len(digits))]
        return [
            _Input(*digit, len(digits), number)
            for number, digit in enumerate(in_reading_order(digits), start=1)
        ]

    def _batch(self, waiting: list[tuple[str, Future[list[_Input]]]]) -> Iterator[Prediction]:
        found: list[tuple[str, list[_Input], str]] = []
        for name, future in waiting:
            try:
                found.append((name, future.result(), ""))
            except UndecodableImage as error:
                found.append((name, [], str(error)))
        pixels = [one.pixels for _, inputs, _ in found for one in inputs]
        # In batches again, since a page may hold hundreds of digits.
        answers = (
            answer
            for start in range(0, len(pixels), _BATCH)
            for answer in zip(*self._values(np.stack(pixels[start : start + _BATCH])), strict=True)
        )
        for name, inputs, problem in found:
            if problem:
                yield Prediction(name, {}, problem)
            for one in inputs:
                yield self._prediction(name, one, *next(answers))

    def _prediction(self, name: str, one: _Input, row: np.ndarray, fault: str) -> Prediction:
        name = f"{name}#{one.number}" if one.number else name
        place = one[1:]
        if fault:
            return Prediction(name, {}, fault, {}, *place)
        ranked = _ranked(row, self.network.class_names)
        if self.network.kind == SCORES:
            return Prediction(name, {}, "", ranked, *place)
        return Prediction(name, ranked, "", {}, *place)


def load(model: Path | str, *, raw: bool = False) -> Classifier:
    """Load a saved model for inference.

    Args:
        model: Its folder, its name in `saved_models/`, or a `.keras` or `.h5` file.
        raw: Do not apply the MNIST recipe, which models of digits otherwise do.

    Raises:
        AppError: If there is no such model, or it cannot be used.
    """
    network = load_network(Path(model))
    digits = network.card is not None and network.card.reads_digits
    settings = network.card.configuration if network.card is not None else {}
    return Classifier(network, digits and not raw, views_of(settings, network.image_size))


def _ranked(row: np.ndarray, class_names: Sequence[str]) -> dict[str, float]:
    order = np.argsort(-row, kind="stable")
    return {class_names[k]: float(row[k]) for k in order}
