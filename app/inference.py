"""From image files to labelled probabilities.

`load(model).predict(images)` uses the LiteRT twin while it belongs to the model, so that nothing
imports TensorFlow; else it uses Keras.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.data.decoding import UndecodableImage, load_image
from app.data.handwriting import load_digit
from app.errors import AppError
from app.evaluation import class_probabilities
from app.storage.loading import Network, load_network
from app.views import View, as_it_is, mean_over_views, views_of

_BATCH = 32
_BATCHES_AHEAD = 4


@dataclass(frozen=True)
class Prediction:
    """What a model says of one image.

    Attributes:
        image: Its name.
        probabilities: `{class: probability}`, the most probable first; empty if it failed.
        error: Why the image could not be used, or the empty string.
    """

    image: str
    probabilities: dict[str, float]
    error: str = ""

    @property
    def label(self) -> str:
        """The most probable class.

        Raises:
            AppError: If the image could not be used.
        """
        if self.error:
            raise AppError(f"'{self.image}' has no label: {self.error}.", status=1)
        return next(iter(self.probabilities))

    @property
    def probability(self) -> float:
        """The probability of `label`."""
        return self.probabilities[self.label]


@dataclass(frozen=True)
class Classifier:
    """A saved model, ready to recognise images.

    Attributes:
        network: Its network, with class names and input size.
        finds_digits: Whether the MNIST recipe is applied before it.
        views: Probabilities are means over these views of an image.
    """

    network: Network
    finds_digits: bool
    views: Sequence[View] = (as_it_is,)

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return `(B, K)` probabilities for `(B, H, W, C)` uint8 images of the model's size."""
        return mean_over_views(
            lambda view: class_probabilities(self.network(view)), images, self.views
        )

    def predict(
        self, images: Path | str | bytes | Iterable[Path | str | bytes]
    ) -> list[Prediction]:
        """Recognise one or more images, given as files or as the bytes of some, in their order.

        A bad image does not stop the others: its prediction has `error` set.
        """
        if isinstance(images, Path | str | bytes):
            images = [images]
        return list(
            self.stream(
                (f"image {number}", source)
                if isinstance(source, bytes)
                else (str(source), Path(source))
                for number, source in enumerate(images)
            )
        )

    def stream(self, images: Iterable[tuple[str, Path | bytes]]) -> Iterator[Prediction]:
        """Yield predictions for `(name, image)` in order; later images are decoded meanwhile."""
        ahead: deque[tuple[str, Future[np.ndarray]]] = deque()
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for name, source in images:
                ahead.append((name, pool.submit(self._load, source)))
                if len(ahead) >= _BATCH * _BATCHES_AHEAD:
                    yield from self._batch([ahead.popleft() for _ in range(_BATCH)])
            while ahead:
                yield from self._batch([ahead.popleft() for _ in range(min(_BATCH, len(ahead)))])

    def _load(self, source: Path | bytes) -> np.ndarray:
        if self.finds_digits:
            return load_digit(source, self.network.image_size)
        return load_image(source, self.network.image_size, self.network.channels)

    def _batch(self, waiting: list[tuple[str, Future[np.ndarray]]]) -> Iterator[Prediction]:
        names, images, errors = [], [], {}
        for position, (name, future) in enumerate(waiting):
            names.append(name)
            try:
                images.append(future.result())
            except UndecodableImage as error:
                errors[position] = str(error)
        rows = iter(self.probabilities(np.stack(images)) if images else ())
        for position, name in enumerate(names):
            if position in errors:
                yield Prediction(name, {}, errors[position])
            else:
                yield Prediction(name, _ranked(next(rows), self.network.class_names))


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
