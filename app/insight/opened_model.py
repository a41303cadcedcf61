"""A saved model, opened so that its layers can be looked into."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np

from app.augmentation.tta import View, identity, views_of
from app.data.decoding import UndecodableImage, load_image
from app.data.mnist_style.normalize import load_digit
from app.errors import AppError
from app.image_sources import image_source
from app.insight.anatomy import Part, one_thread, take_apart, to_numpy
from app.metrics import DISTRIBUTION, OutputKind, class_values, faults_of
from app.names import did_you_mean, find_name, listed
from app.storage.card import Card
from app.storage.loading import load_with_keras
from app.storage.output_head import activation_of, last_operations

_BATCH = 32


@dataclass(frozen=True, repr=False)
class OpenedModel:
    """An image classifier and its parts.

    Attributes:
        name: Of its folder or file.
        keras_model: The network.
        class_names: In the order of the classes; two for a single sigmoid unit.
        image_size: `(height, width)` in pixels.
        channels: 3 for RGB, 1 for grey.
        card: What is known of it, or `None` for a bare file.
        finds_digits: Whether images are brought to the form of MNIST's first.
        parts: Its layers, in the order in which they finish.
        kind: What its outputs are.
        views: `predict` gives the mean over these views of an image; here one view is looked at.
    """

    name: str
    keras_model: keras.Model
    class_names: tuple[str, ...]
    image_size: tuple[int, int]
    channels: int
    card: Card | None
    finds_digits: bool
    parts: tuple[Part, ...]
    kind: OutputKind = DISTRIBUTION
    views: Sequence[View] = (identity,)

    def __repr__(self) -> str:
        sides = "×".join(map(str, (*self.image_size, self.channels)))
        return f"<OpenedModel {self.name}: {listed(self.class_names)}; {sides}>"

    def load_image(self, image: Any) -> np.ndarray:
        """Return an image as the network sees it, `(H, W, C)` uint8.

        Args:
            image: A path, the bytes of an image file, a file object, a Pillow image or uint8
                pixels `(H, W)`, `(H, W, 1)`, `(H, W, 3)` or `(H, W, 4)`.

        Raises:
            AppError: If it is missing, something else, or cannot be decoded.
        """
        source = image_source(image)
        try:
            if self.finds_digits:
                return load_digit(source, self.image_size)
            return load_image(source, self.image_size, self.channels)
        except UndecodableImage as error:
            what = "The image" if isinstance(source, bytes) else f"'{source}'"
            raise AppError(
                f"{what} cannot be used: {error}.",
                "Expected an image file such as a JPEG or PNG"
                + (" that shows a digit." if self.finds_digits else "."),
            ) from None

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return `(B, K)` for images `(B, H, W, C)`, in batches that fit into memory.

        They are scores where the model gives no probabilities: see `kind`.

        Raises:
            AppError: If the outputs are not finite, or not what they should be.
        """
        with one_thread:
            parts = [
                to_numpy(self.keras_model(images[start : start + _BATCH], training=False))
                for start in range(0, len(images), _BATCH)
            ]
        values = class_values(np.concatenate(parts), self.kind)
        fault = next(filter(None, faults_of(values, self.kind)), "")
        if fault:
            raise AppError(
                f"The model '{self.name}' cannot be looked into: {fault}.",
                "Expected finite probabilities.",
                status=1,
            )
        return values

    def class_index(self, name: str | None, image: np.ndarray) -> int:
        """Return the position of a class, or of the most probable one for `None`.

        Raises:
            AppError: If there is no such class.
        """
        if name is None:
            return int(self.probabilities(image[np.newaxis])[0].argmax())
        found = find_name(name, self.class_names)
        if found is not None:
            return self.class_names.index(found)
        raise AppError(
            f"The model '{self.name}' has no class '{name}'.",
            f"Expected one of: {listed(self.class_names, name)}.",
            did_you_mean(name, self.class_names),
        )

    def part(self, path: str) -> Part:
        """Return a layer by its path, or by its name where only one layer is called so.

        Raises:
            AppError: If there is none, or there are several.
        """
        found = [part for part in self.parts if part.path == path] or [
            part for part in self.parts if part.path.split("/")[-1] == path
        ]
        if len(found) == 1:
            return found[0]
        what = "several layers" if found else "no layer"
        choice = [part.path for part in found or self.parts]
        raise AppError(
            f"The model '{self.name}' has {what} '{path}'.",
            f"Expected one of: {listed(choice, path)}.",
            "" if found else did_you_mean(path, choice),
        )

    def part_with_maps(self, path: str) -> Part:
        """Return a layer that gives a map per filter.

        Raises:
            AppError: If there is no such layer, or it has no spatial axes.
        """
        part = self.part(path)
        if part.has_maps:
            return part
        raise AppError(
            f"The layer '{path}' of the model '{self.name}' gives {part.output_shape[1:]}.",
            "Expected a layer with spatial axes: (H, W, filters), more than one cell.",
            f"Choose one of: {self._with_maps(path)}.",
        )

    @cached_property
    def last_maps(self) -> Part:
        """The last layer that still knows where things are, before pooling.

        Raises:
            AppError: If there is none behind a convolution or locally connected layer.
        """
        last = None
        for part in self.outer_parts:
            before = self.parts[: self.parts.index(part) + 1]
            filtered = any(one.has_kernel for one in before)
            if filtered and part.has_maps and not _only_looks(part.layer):
                last = part
        if last is not None:
            return last
        raise AppError(
            f"The model '{self.name}' has no layer with filters and spatial axes.",
            "Expected a network with convolutions or locally connected layers.",
            "A dense network can be asked by `plot saliency` and `plot occlusion`.",
        )

    @property
    def outer_parts(self) -> list[Part]:
        """The layers of the network and of models in it: composite layers are not opened."""
        models = {part.path for part in self.parts if isinstance(part.layer, keras.Model)}
        return [
            part
            for part in self.parts
            if part.path not in models and part.path.rpartition("/")[0] in {"", *models}
        ]

    @contextmanager
    def linear_output(self) -> Iterator[None]:
        """Let the network give scores while the block runs: what its softmax or sigmoid gets.

        A probability near 1 hardly changes any more, whatever is changed in the image; the score
        before it does.
        """
        with one_thread, ExitStack() as changes:
            for operation in last_operations(self.keras_model.outputs[0]):
                changes.enter_context(_without_squashing(operation))
            yield

    def score_of(self, class_index: int) -> Callable[[Any], Any]:
        """Return the function from outputs `(B, units)` to scores `(B,)` of a class.

        A single unit's score speaks for the second class, its negative for the first.
        """

        def score(outputs: Any) -> Any:
            if outputs.shape[-1] == 1:
                return outputs[:, 0] if class_index == 1 else -outputs[:, 0]
            return outputs[:, class_index]

        return score

    def _with_maps(self, wanted: str) -> str:
        paths = [part.path for part in self.parts if part.has_maps]
        return listed(paths, wanted) or "there is none"


# They have no filters of their own.
_LOOKS_ONLY = (
    keras.layers.Rescaling,
    keras.layers.Normalization,
    keras.layers.Dropout,
    keras.layers.ZeroPadding2D,
    keras.layers.Reshape,
    keras.layers.UpSampling2D,
    keras.layers.GaussianNoise,
)
_SQUASHING = ("softmax", "sigmoid")


def _only_looks(layer: keras.Layer) -> bool:
    return isinstance(layer, _LOOKS_ONLY) or "Pooling" in type(layer).__name__


@contextmanager
def _without_squashing(operation: Any) -> Iterator[None]:
    """Let an operation pass on what its softmax or sigmoid gets while the block runs."""
    if activation_of(operation) not in _SQUASHING:
        yield
    elif hasattr(operation, "activation"):
        activation, operation.activation = operation.activation, keras.activations.linear
        try:
            yield
        finally:
            operation.activation = activation
    else:  # a layer or operation of that name
        operation.call = lambda inputs, **_: inputs
        try:
            yield
        finally:
            del operation.call


def open_model(model: Path | str, *, raw: bool = False) -> OpenedModel:
    """Open a saved model to look inside.

    Args:
        model: Its folder, its name in `saved_models/`, or a `.keras` or `.h5` file.
        raw: Do not bring images to the form of MNIST's, as models of digits otherwise do.

    Raises:
        AppError: If there is no such model, or it cannot be used.
    """
    network, keras_model = load_with_keras(Path(model))
    card = network.card
    return OpenedModel(
        name=network.name,
        keras_model=keras_model,
        class_names=network.class_names,
        image_size=network.image_size,
        channels=network.channels,
        card=card,
        finds_digits=card is not None and card.reads_digits and not raw,
        parts=take_apart(keras_model, (*network.image_size, network.channels)),
        kind=network.kind,
        views=views_of(card.configuration if card is not None else {}, network.image_size),
    )
