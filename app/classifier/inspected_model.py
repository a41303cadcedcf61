"""A model opened by Keras, with its layers: what `app.insight` explains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras
import numpy as np

from app.augmentation.tta import identity
from app.classifier.classifier import Classifier
from app.classifier.hooks import LayerInfo, hook_lock, keras_outputs, list_layers, to_numpy
from app.classifier.layer_kinds import role_of
from app.errors import AppError
from app.names import did_you_mean, find_name, listed
from app.storage.output_head import activation_of, last_operations


@dataclass(frozen=True, repr=False, kw_only=True)
class InspectedModel(Classifier):
    """A classifier and its layers.

    Attributes:
        layers: Layers in the order in which they finish.
    """

    layers: tuple[LayerInfo, ...]

    @classmethod
    def wrap(
        cls,
        model: keras.Model,
        *,
        class_names: tuple[str, ...],
        image_shape: tuple[int, int, int],
        **attributes: Any,
    ) -> InspectedModel:
        """Return a Keras model, which may be in training, as an inspected model.

        Args:
            model: Image classifier; it is used, not copied.
            class_names: Classes in the order of the outputs.
            image_shape: `(H, W, C)` of its images.
            **attributes: Further attributes of `Classifier`.
        """
        height, width, channels = image_shape
        return cls(
            class_names=class_names,
            image_size=(height, width),
            channels=channels,
            outputs=keras_outputs(model),
            keras_model=model,
            layers=list_layers(model, image_shape),
            **{"name": model.name, **attributes},
        )

    def inspect(self) -> InspectedModel:
        """Return the model itself."""
        return self

    def class_index(self, name: str | None, image: np.ndarray) -> int:
        """Return the position of a class; for `None`, of the most probable one of one view.

        Args:
            name: Name of a class, in any case.
            image: `(H, W, C)` uint8 of the model's size.

        Raises:
            AppError: If there is no such class.
        """
        if name is None:
            return int(self.values(image[np.newaxis], [identity])[0].argmax())
        known = find_name(name, self.class_names)
        if known is not None:
            return self.class_names.index(known)
        raise AppError(
            f"The model '{self.name}' has no class '{name}'.",
            f"Expected one of: {listed(self.class_names, name)}.",
            did_you_mean(name, self.class_names),
        )

    def layer(self, path: str) -> LayerInfo:
        """Return a layer by its path, or by its name if only one layer has that name.

        Raises:
            AppError: If there is none, or there are several.
        """
        layers = [info for info in self.layers if info.path == path] or [
            info for info in self.layers if info.path.split("/")[-1] == path
        ]
        if len(layers) == 1:
            return layers[0]
        what = "several layers" if layers else "no layer"
        paths = [info.path for info in layers or self.layers]
        raise AppError(
            f"The model '{self.name}' has {what} '{path}'.",
            f"Expected one of: {listed(paths, path)}.",
            "" if layers else did_you_mean(path, paths),
        )

    def spatial_layer(self, path: str) -> LayerInfo:
        """Return a layer whose output is a map per filter.

        Raises:
            AppError: If there is no such layer, or it has no spatial axes.
        """
        info = self.layer(path)
        if info.is_spatial:
            return info
        paths = [other.path for other in self.layers if other.is_spatial]
        raise AppError(
            f"The layer '{path}' of the model '{self.name}' has the output shape "
            f"{info.output_shape[1:]}.",
            "Expected a layer with spatial axes: (H, W, filters), more than one cell.",
            f"Choose one of: {listed(paths, path) or 'there is none'}.",
        )

    @cached_property
    def last_conv_layer(self) -> LayerInfo:
        """The last layer with spatial axes behind a filter, before pooling.

        Raises:
            AppError: If there is none behind a convolution or locally connected layer.
        """
        last = None
        for info in self.outer_layers:
            before = self.layers[: self.layers.index(info) + 1]
            filtered = any(other.has_kernel for other in before)
            if filtered and info.is_spatial and not _is_passthrough(info.layer):
                last = info
        if last is not None:
            return last
        raise AppError(
            f"The model '{self.name}' has no layer with filters and spatial axes.",
            "Expected a network with convolutions or locally connected layers.",
            "For a dense network, use `plot saliency` or `plot occlusion`.",
        )

    @property
    def outer_layers(self) -> list[LayerInfo]:
        """The layers of the network and of models in it, without the parts of composite layers."""
        models = {info.path for info in self.layers if isinstance(info.layer, keras.Model)}
        return [
            info
            for info in self.layers
            if info.path not in models and info.path.rpartition("/")[0] in {"", *models}
        ]

    @contextmanager
    def linear_output(self) -> Iterator[None]:
        """Let the network return logits while the block runs: the inputs of its softmax or sigmoid.

        A probability near 1 hardly changes, whatever is changed in the image; its logit does.
        """
        with hook_lock, ExitStack() as changes:
            for operation in last_operations(self.keras_model.outputs[0]):
                changes.enter_context(_without_squashing(operation))
            yield

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Return the scores of all classes before softmax or sigmoid, `(B, K)` float32.

        Args:
            images: `(B, H, W, C)` of the model's size.
        """
        with self.linear_output():
            outputs = to_numpy(self.keras_model(images, training=False))
        scores = [self.score_of(k)(outputs) for k in range(len(self.class_names))]
        return np.stack(scores, axis=-1)

    def score_of(self, class_index: int) -> Callable[[Any], Any]:
        """Return the function from outputs `(B, units)` to scores `(B,)` of a class.

        A single unit is the score of the second class, its negative that of the first.
        """

        def score(outputs: Any) -> Any:
            if outputs.shape[-1] == 1:
                return outputs[:, 0] if class_index == 1 else -outputs[:, 0]
            return outputs[:, class_index]

        return score


# Layers without filters of their own.
_PASSTHROUGH_LAYERS = (
    keras.layers.Rescaling,
    keras.layers.Normalization,
    keras.layers.Dropout,
    keras.layers.ZeroPadding2D,
    keras.layers.Reshape,
    keras.layers.UpSampling2D,
    keras.layers.GaussianNoise,
)


def _is_passthrough(layer: keras.Layer) -> bool:
    return isinstance(layer, _PASSTHROUGH_LAYERS) or role_of(layer) == "pooling"


@contextmanager
def _without_squashing(operation: Any) -> Iterator[None]:
    """Let an operation return the input of its softmax or sigmoid while the block runs."""
    if activation_of(operation) not in ("softmax", "sigmoid"):
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
