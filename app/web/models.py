"""The models of a running server: what they are, and what they say of an image."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from app.augmentation.tta import identity
from app.classifier.classifier import Classifier
from app.data.fitting import SQUASH
from app.errors import AppError
from app.metrics import DISTRIBUTION
from app.web.errors import PublicError, error_json
from app.web.facts import image_facts, shown_accuracy, shown_dataset
from app.web.limits import ORACLE_SECONDS
from app.web.oracle import Oracle
from app.web.programs import Prepared, fingerprint, keep_prepared, read_prepared
from app.web.served import Served

_THREADS = 4


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

    def add(self, model: Served) -> None:
        """Offer another model, or a newer one of the same name."""
        self._served[model.name] = model
        self._prepared.pop(model.name, None)

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
        if task is None or (task.done() and self._known(name) is None):
            task = self._prepared[name] = asyncio.ensure_future(self._prepare(model))
        return await asyncio.shield(task)

    async def _prepare(self, model: Served) -> Prepared:
        key = await asyncio.to_thread(fingerprint, model.path)
        kept = await asyncio.to_thread(read_prepared, key)
        if kept is not None:
            return kept
        facts, arrays = await self._oracle.ask_once("prepare", model.name, {}, {"name": model.name})
        prepared = Prepared(**facts, program=arrays["program"].tobytes())
        await asyncio.to_thread(keep_prepared, key, prepared)
        return prepared

    async def classifier(self, name: str) -> Classifier:
        """Return a model as a classifier, whose methods are to be called by `in_thread`.

        Raises:
            PublicError: As `prepared`.
        """
        model = self.find(name)
        if model.network is not None and model.card is not None:
            card = model.card
            facts = _Facts(card.class_names, (*card.image_size, card.channels), card.kind)
            return _classifier(model, model.network, facts)
        prepared = await self.prepared(name)
        height, width, channels = prepared.image
        facts = _Facts(tuple(prepared.classes), (height, width, channels), prepared.outputs)
        return _classifier(model, self._outputs_of(name), facts)

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
        """Return the probabilities or scores `(K,)` of an image, and the classifier.

        Args:
            name: Name of the model.
            pixels: `(H, W, C)` or `(H·W·C,)` uint8.

        Raises:
            PublicError: If the image has another size than the model's.
            AppError: If the outputs are not finite.
        """
        classifier = await self.classifier(name)
        pixels = image_of_size(classifier, pixels)
        values = await self.in_thread(name, classifier.values, pixels[np.newaxis])
        return values[0], classifier

    async def describe(self) -> list[dict[str, Any]]:
        """Return the list of models as JSON."""
        return [await self._describe(model) for model in self._served.values()]

    async def _describe(self, model: Served) -> dict[str, Any]:
        card, prepared = model.card, self._known(model.name)
        if card is None:
            try:
                prepared = await self.prepared(model.name)
            except AppError as error:
                return {"name": model.name, **error_json(error, self.hidden)}
            image, classes, kind = prepared.image, prepared.classes, prepared.outputs
        else:
            image, classes = [*card.image_size, card.channels], list(card.class_names)
            kind = card.kind if prepared is None else prepared.outputs
        about = prepared if card is None else card
        assert about is not None
        return {
            "name": model.name,
            "classes": classes,
            "image": image_facts(image, card),
            "mnist_style": card is not None and card.mnist_style,
            "dataset": shown_dataset(card),
            "parameters": about.parameters,
            "accuracy": shown_accuracy(card),
            "outputs": kind,
            "thresholds": list(card.thresholds) if card is not None else [],
            "server_only": (prepared.server_only if prepared is not None else "") or None,
        }

    def _known(self, name: str) -> Prepared | None:
        """Return what `prepared` would return at once."""
        task = self._prepared.get(name)
        if task is None or not task.done() or task.cancelled() or task.exception():
            return None
        return task.result()

    def close(self) -> None:
        """End the threads, as soon as what they do is done."""
        self._quick.shutdown(wait=False, cancel_futures=True)
        self._slow.shutdown(wait=False, cancel_futures=True)


def image_of_size(classifier: Classifier, pixels: np.ndarray) -> np.ndarray:
    """Return an image as `(H, W, C)`, if it has the size of a model.

    Args:
        classifier: The model.
        pixels: `(H, W, C)` or `(H·W·C,)` uint8.

    Raises:
        PublicError: With both sizes.
    """
    wanted = (*classifier.image_size, classifier.channels)
    if pixels.shape not in (wanted, (np.prod(wanted),)):
        raise PublicError(f"The image is {pixels.shape}.", f"Expected {wanted}.")
    return pixels.reshape(wanted)


class _Facts(NamedTuple):
    classes: tuple[str, ...]
    image: tuple[int, int, int]
    kind: Any


def _classifier(
    model: Served, outputs: Callable[[np.ndarray], np.ndarray], facts: _Facts
) -> Classifier:
    card = model.card
    return Classifier(
        name=model.name, outputs=outputs, class_names=facts.classes, image_size=facts.image[:2],
        channels=facts.image[2], fit=card.fit if card is not None else SQUASH, kind=facts.kind,
        card=card, path=model.path,
        mnist_style=card is not None and card.mnist_style,
        views=card.tta if card is not None else (identity,),
        temperature=card.temperature if card is not None and facts.kind == DISTRIBUTION else 1.0,
    )  # fmt: skip
