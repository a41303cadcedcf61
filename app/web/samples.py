"""Images of a model's dataset for the page: the first ones, random ones, and its errors.

They are validation images, since test images are for one measurement, and training images are
known to the model. Nothing is downloaded: where the dataset is not on this machine, the stand-in is
shown, and said to be one; no accuracy is computed on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from app.classifier.classifier import Classifier
from app.classifier.dataset_images import DatasetImages, Selection, select_images
from app.errors import AppError
from app.metrics import evaluate_probabilities
from app.web.errors import PublicError
from app.web.models import Models
from app.web.wanted import Wanted

_SPLIT = "validation"
_LITERT_BATCH, _ORACLE_BATCH = 1, 32  # one by one, so that predictions of drawings come between
_LONGEST_WAIT = 100.0  # seconds
_POLL = 0.1
_MOST_DECODED_BYTES = 2**29


class _Evaluated:
    """The validation images of a model, and what the model says of them so far."""

    def __init__(self, images: DatasetImages):
        self.images = images
        self.values = np.zeros((len(images.labels), len(images.dataset.class_names)), np.float32)
        self.done = 0
        self.task: asyncio.Task[None] | None = None

    @property
    def predicted(self) -> np.ndarray:
        """`(N,)` int32: predicted classes, −1 where there is none yet."""
        predicted = self.values.argmax(axis=1).astype(np.int32)
        predicted[self.done :] = -1
        return predicted

    @property
    def is_complete(self) -> bool:
        """Whether the model has seen all images."""
        return self.done == len(self.values)


class Samples:
    """The samples of a server's models.

    Args:
        models: Models of the server.
        data_dir: Folder of the datasets.
    """

    def __init__(self, models: Models, data_dir: Path):
        self._models = models
        self._data_dir = data_dir
        self._loading: dict[str, asyncio.Task[_Evaluated]] = {}
        self._evaluations = ThreadPoolExecutor(1, "evaluations")
        self._closed = False

    async def select(
        self, name: str, wanted: Wanted
    ) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return samples: facts as JSON, and arrays `images`, `labels` and `predicted`.

        Raises:
            PublicError: If the model is unknown or its images are not available.
        """
        evaluated = await self._evaluated(name)
        needs_predictions = wanted.order == "errors" or wanted.predicted is not None
        if needs_predictions:
            self._evaluate(name, evaluated)
            await _until(lambda: len(_chosen(evaluated, wanted)) >= wanted.start + wanted.count,
                         evaluated)  # fmt: skip
        chosen = _chosen(evaluated, wanted)
        shown = chosen[wanted.start : wanted.start + wanted.count]
        images, names = evaluated.images, evaluated.images.decoded.examples.names
        pixels = images.decoded.images[shown] if len(shown) else np.empty((0, 1, 1, 1), np.uint8)
        facts = {
            "names": [names[i].replace("\\", "/").rpartition("/")[2] for i in shown],
            "total": len(chosen),
            "classes": list(images.dataset.class_names),
            "note": _note(evaluated, needs_predictions),
        }
        return facts, {
            "images": pixels,
            "labels": images.labels[shown].astype(np.int32),
            "predicted": evaluated.predicted[shown],
        }

    async def evaluation(self, name: str) -> dict[str, Any]:
        """Return the confusion matrix of the validation images, and how good the model is.

        Raises:
            PublicError: As `select`, or if there are only stand-ins.
        """
        evaluated = await self._evaluated(name)
        images, card = evaluated.images, self._models.find(name).card
        if images.dataset.stand_in and not (card is not None and card.stand_in):
            raise PublicError(
                "The images of the model's dataset are not on this machine.",
                "An accuracy on other images would say nothing about it.",
                f"Download them: python -m app data fetch {images.dataset.name}",
                http_status=404,
            )
        self._evaluate(name, evaluated)
        await _until(lambda: False, evaluated)
        if not evaluated.is_complete:
            raise PublicError(
                "The evaluation takes longer.", "", "Ask again in a minute.", http_status=503
            )
        result = evaluate_probabilities(evaluated.values, images.labels, images.dataset.class_names)
        return {
            "matrix": result.confusion_matrix.tolist(),
            "classes": list(result.class_names),
            "split": _SPLIT,
            "accuracy": result.accuracy,
            "loss": result.loss,
            "count": result.n,
            "source": images.source,
        }

    def close(self) -> None:
        """Stop what runs in the background."""
        self._closed = True
        self._evaluations.shutdown(wait=False, cancel_futures=True)

    async def _evaluated(self, name: str) -> _Evaluated:
        classifier = await self._models.classifier(name)
        task = self._loading.get(name)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._loading[name] = asyncio.ensure_future(self._load(classifier))
        return await asyncio.shield(task)

    async def _load(self, classifier: Classifier) -> _Evaluated:
        if classifier.thresholds:
            raise PublicError(
                f"There are no samples for the model '{classifier.name}': its images have any "
                "number of labels.",
                "Expected a model that predicts one label per image.",
                "Choose an image of your own.",
                http_status=404,
            )
        height, width = classifier.image_size
        selection = Selection(
            split=_SPLIT, data_dir=self._data_dir, allow_stand_in=True, download=False,
            count=max(1, _MOST_DECODED_BYTES // (3 * height * width)),
        )  # fmt: skip
        try:
            images = await asyncio.to_thread(select_images, classifier, selection)
        except (AppError, OSError):
            # What is wrong names folders of this machine.
            raise PublicError(
                f"There are no images to show for the model '{classifier.name}'.",
                "Expected those of the dataset that it was trained on.",
                http_status=404,
            ) from None
        return _Evaluated(images)

    def _evaluate(self, name: str, evaluated: _Evaluated) -> None:
        """Begin to run the model on all images, if nobody has."""
        if evaluated.task is None:
            evaluated.task = asyncio.ensure_future(self._run(name, evaluated))

    async def _run(self, name: str, evaluated: _Evaluated) -> None:
        classifier = await self._models.classifier(name)
        quick = self._models.find(name).network is not None
        loop = asyncio.get_running_loop()
        batch = _LITERT_BATCH if quick else _ORACLE_BATCH
        await loop.run_in_executor(self._evaluations, self._fill, classifier, evaluated, batch)

    def _fill(self, classifier: Classifier, evaluated: _Evaluated, batch: int) -> None:
        for positions in _batches(len(evaluated.values), batch):
            if self._closed:
                return
            evaluated.values[positions] = classifier.values(
                evaluated.images.decoded.images[positions]
            )
            evaluated.done = int(positions[-1]) + 1


def _batches(total: int, size: int) -> Iterator[np.ndarray]:
    for start in range(0, total, size):
        yield np.arange(start, min(start + size, total))


def _chosen(evaluated: _Evaluated, wanted: Wanted) -> np.ndarray:
    """Return the positions of the wanted images, in the wanted order."""
    labels, predicted = evaluated.images.labels, evaluated.predicted
    chosen = np.ones(len(labels), bool)
    if wanted.order == "errors":
        chosen &= (predicted != labels) & (predicted >= 0)
    if wanted.label is not None:
        chosen &= labels == wanted.label
    if wanted.predicted is not None:
        chosen &= predicted == wanted.predicted
    positions = np.flatnonzero(chosen)
    if wanted.order == "random" or (wanted.order == "errors" and wanted.seed is not None):
        return np.random.default_rng(wanted.seed or 0).permutation(positions)
    if wanted.order == "errors":
        confidence = evaluated.values[positions].max(axis=1)
        return positions[np.argsort(-confidence, kind="stable")]
    return positions


async def _until(condition: Any, evaluated: _Evaluated) -> None:
    """Wait until enough is known, all is, or it takes too long."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _LONGEST_WAIT
    while not (condition() or evaluated.is_complete) and loop.time() < end:
        if evaluated.task is not None and evaluated.task.done():
            await evaluated.task  # raises what ended it
            return
        await asyncio.sleep(_POLL)


def _note(evaluated: _Evaluated, needs_predictions: bool) -> str:
    images = evaluated.images
    note = images.source
    if images.dataset.stand_in:
        note = f"{note} ({images.dataset.source}): the real ones are not on this machine"
    if needs_predictions and not evaluated.is_complete:
        note = f"{note}; {evaluated.done:,} of them evaluated so far"
    return note
