"""The models that a server offers, by name: from the command line, or all saved models."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.classifier.classifier import Classifier
from app.data.dataset import display_name
from app.errors import AppError
from app.files import printable
from app.metrics import DISTRIBUTION
from app.storage.card import Card, read_card
from app.storage.finding import find_model, model_folders
from app.storage.folder import CARD, list_models
from app.storage.loading import open_litert
from app.web.errors import PublicError, error_json
from app.web.limits import ORACLE_SECONDS
from app.web.oracle import Oracle
from app.web.programs import Prepared, fingerprint, keep_prepared, read_prepared

_THREADS = 4


@dataclass(frozen=True)
class Served:
    """A model that the server offers.

    Attributes:
        name: Its name in the page and the protocol.
        path: Its folder or file.
        card: Its card, if it has one.
        network: Its LiteRT file, opened; `None` if only Keras can run it.
    """

    name: str
    path: Path
    card: Card | None
    network: Callable[[np.ndarray], np.ndarray] | None


def find_served(names: Sequence[str]) -> dict[str, Served]:
    """Return the models of a command line, or all saved models, by their names in the page.

    Args:
        names: Folders, names or files of models; none for all saved models.

    Raises:
        AppError: If one of them is missing or damaged, or there is no model at all.
    """
    paths = [find_model(Path(name)) for name in names] or _saved_models()
    served: dict[str, Served] = {}
    for path in paths:
        if path.resolve() in [other.path.resolve() for other in served.values()]:
            continue
        name = base = printable(path.resolve().name)
        number = 1
        while name in served:
            number += 1
            name = f"{base} ({number})"
        card = read_card(path / CARD) if path.is_dir() else None
        network = open_litert(path, card) if card is not None else None
        served[name] = Served(name, path, card, network)
    return served


def _saved_models() -> list[Path]:
    found: dict[str, Path] = {}
    for place in model_folders():
        for folder, card in list_models(place):
            if not isinstance(card, AppError):
                found.setdefault(folder.name, folder)
    if not found:
        places = ", ".join(f"'{place.resolve()}'" for place in model_folders())
        raise AppError(
            f"There is no saved model in {places}.",
            "Expected at least one model to show.",
            "Train one: python train.py. Or name one: python -m app serve MODEL",
        )
    return list(found.values())


class Models:
    """The models of a server. All methods belong to one event loop.

    Args:
        served: Models by name.
        oracle: Process that runs those without a LiteRT file, and lowers all of them.
    """

    def __init__(self, served: Mapping[str, Served], oracle: Oracle):
        self._served = dict(served)
        self._oracle = oracle
        self._prepared: dict[str, asyncio.Task[Prepared]] = {}
        # Apart, so that a model that only the oracle runs keeps no other one waiting.
        self._quick = ThreadPoolExecutor(_THREADS, "predictions")
        self._slow = ThreadPoolExecutor(_THREADS, "oracle-predictions")

    @property
    def names(self) -> list[str]:
        """Names of all models."""
        return list(self._served)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Texts that must not be in an answer: paths of the models."""
        paths = [model.path for model in self._served.values()]
        return tuple(str(text) for path in paths for text in (path, path.resolve()))

    def find(self, name: str) -> Served:
        """Return a model.

        Raises:
            PublicError: If there is none of this name.
        """
        try:
            return self._served[name]
        except KeyError:
            raise PublicError(
                "The server has no model of this name.",
                f"Expected one of: {', '.join(self._served)}.",
                http_status=404,
            ) from None

    async def prepared(self, name: str) -> Prepared:
        """Return what Keras found out about a model, from the cache if it was found out before.

        Raises:
            PublicError: If the model is unknown, or Keras cannot open it.
        """
        model = self.find(name)
        task = self._prepared.get(name)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._prepared[name] = asyncio.ensure_future(self._prepare(model))
        return await asyncio.shield(task)

    async def _prepare(self, model: Served) -> Prepared:
        key = await asyncio.to_thread(fingerprint, model.path)
        kept = await asyncio.to_thread(read_prepared, key)
        if kept is not None:
            return kept
        facts, arrays = await self._oracle.ask_once(
            "prepare", model.name, {}, {"name": model.name}
        )
        prepared = Prepared(**facts, program=arrays["program"].tobytes())
        await asyncio.to_thread(keep_prepared, key, prepared)
        return prepared

    async def classifier(self, name: str) -> Classifier:
        """Return a model as a classifier, whose methods are to be called by `in_thread`.

        Raises:
            PublicError: As `prepared`.
        """
        model = self.find(name)
        card = model.card
        if model.network is not None and card is not None:
            return _classifier(model, model.network, card.class_names, card.image_size,
                               card.channels, DISTRIBUTION)  # fmt: skip
        prepared = await self.prepared(name)
        height, width, channels = prepared.image
        return _classifier(model, self._outputs_of(name), tuple(prepared.classes),
                           (height, width), channels, prepared.outputs)  # fmt: skip

    def _outputs_of(self, name: str) -> Callable[[np.ndarray], np.ndarray]:
        loop = asyncio.get_running_loop()

        def outputs(images: np.ndarray) -> np.ndarray:
            asked = self._oracle.ask_once("outputs", name, {"images": images})
            future = asyncio.run_coroutine_threadsafe(asked, loop)
            try:
                return future.result(2 * ORACLE_SECONDS)[1]["outputs"]
            finally:
                future.cancel()

        return outputs

    async def in_thread(self, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function that runs a model, without stopping the server."""
        threads = self._quick if self.find(name).network is not None else self._slow
        return await asyncio.get_running_loop().run_in_executor(threads, function, *arguments)

    async def values(self, name: str, pixels: np.ndarray) -> tuple[np.ndarray, Classifier]:
        """Return the probabilities or scores `(K,)` of an image `(H, W, C)`, and the classifier.

        Raises:
            PublicError: If the image has another size than the model's.
            AppError: If the outputs are not finite.
        """
        classifier = await self.classifier(name)
        check_size(classifier, pixels)
        values = await self.in_thread(name, classifier.values, pixels[np.newaxis])
        return values[0], classifier

    async def describe(self) -> list[dict[str, Any]]:
        """Return the list of models as JSON."""
        return [await self._describe(model) for model in self._served.values()]

    async def _describe(self, model: Served) -> dict[str, Any]:
        card, task = model.card, self._prepared.get(model.name)
        prepared: Prepared | None = None
        if card is None:
            try:
                prepared = await self.prepared(model.name)
            except AppError as error:
                return {"name": model.name, **error_json(error, self.hidden)}
        elif task is not None and task.done() and not task.cancelled() and not task.exception():
            prepared = task.result()
        if card is not None:
            image, classes, parameters = (*card.image_size, card.channels), card.class_names, card.parameters
        else:
            assert prepared is not None
            image, classes, parameters = tuple(prepared.image), tuple(prepared.classes), prepared.parameters
        return {
            "name": model.name,
            "classes": list(classes),
            "image": dict(zip(("height", "width", "channels"), image, strict=True)),
            "mnist_style": card is not None and card.mnist_style,
            "dataset": _dataset(card),
            "parameters": parameters,
            "accuracy": _accuracy(card),
            "outputs": prepared.outputs if prepared is not None else DISTRIBUTION,
            "server_only": (prepared.server_only if prepared is not None else "") or None,
        }

    def close(self) -> None:
        """End the threads, as soon as what they do is done."""
        self._quick.shutdown(wait=False, cancel_futures=True)
        self._slow.shutdown(wait=False, cancel_futures=True)


def check_size(classifier: Classifier, pixels: np.ndarray) -> None:
    """Refuse an image that has not the size of a model.

    Raises:
        PublicError: With both sizes.
    """
    wanted = (*classifier.image_size, classifier.channels)
    if pixels.shape != wanted:
        raise PublicError(f"The image is {pixels.shape}.", f"Expected {wanted}.")


def _classifier(
    model: Served,
    outputs: Callable[[np.ndarray], np.ndarray],
    classes: tuple[str, ...],
    image_size: tuple[int, int],
    channels: int,
    kind: Any,
) -> Classifier:
    card = model.card
    views = {"views": card.tta, "mnist_style": card.mnist_style} if card is not None else {}
    return Classifier(
        name=model.name, outputs=outputs, class_names=classes, image_size=image_size,
        channels=channels, kind=kind, card=card, path=model.path, **views,
    )  # fmt: skip


def _dataset(card: Card | None) -> str | None:
    return display_name(Path(card.dataset).name, stand_in=card.stand_in) if card else None


def _accuracy(card: Card | None) -> float | None:
    metrics = (card.metrics["test"] or card.metrics["validation"]) if card else None
    return metrics["accuracy"] if metrics else None
