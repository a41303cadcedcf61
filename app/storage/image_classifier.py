"""Bring any Keras image classifier to one form.

Other models take `(B, H, W)` without a channel axis, or their image in a list or a dictionary.
They return their output likewise, flat or as `(B, 1, 1, K)`, as probabilities or as scores. Here
they become models from one tensor `(B, H, W, C)` to one tensor `(B, K)` of a known kind.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from app.errors import AppError, AppWarning
from app.metrics import DISTRIBUTION, PER_CLASS, SCORES, OutputKind, are_probabilities
from app.storage.output_head import activations_at_the_end

# Inputs of a softmax, or of the sigmoid of a single unit.
_LOGITS = frozenset({"linear", "log_softmax"})
# Their values are not probabilities, even if they lie between 0 and 1.
_NO_PROBABILITIES = frozenset({
    "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "glu", "tanh", "tanh_shrink",
    "hard_tanh", "softplus", "softsign", "exponential", "silu", "swish", "hard_silu", "hard_swish",
    "mish", "log_sigmoid", "squareplus", "soft_shrink", "hard_shrink", "sparse_plus", "threshold",
})  # fmt: skip
_PROBED = 4  # images


@dataclass(frozen=True)
class ImageClassifier:
    """A Keras model from one tensor of images to one row per image.

    Attributes:
        keras_model: Model that maps `(B, H, W, C)`, or `(B, H, W)` where it has no channel axis,
            to `(B, K)`.
        image_shape: `(H, W, C)` of one image; `C` is 1 where the model has no channel axis.
        units: `K`.
        kind: Kind of the outputs.
    """

    keras_model: keras.Model
    image_shape: tuple[int, int, int]
    units: int
    kind: OutputKind


def as_image_classifier(model: keras.Model, path: Path) -> ImageClassifier:
    """Bring a model to one form.

    Args:
        model: Built model with one input and one output.
        path: File of the model, for messages.

    Raises:
        AppError: If it is not an image classifier, or fails on an image.
    """
    source, output = _single(model, "input", path), _single(model, "output", path)
    image_shape = _image_shape(source.shape, path)
    ends = activations_at_the_end(output)
    target = _flat(output, path)
    units = int(target.shape[-1])
    if ends <= _LOGITS:
        target = _probabilities_from_logits(target, path)
    # Only a functional model may have its one tensor in a list or dictionary.
    bare = isinstance(model, keras.Sequential) or (model.input is source and model.output is output)
    if target is not output or not bare:
        model = keras.Model(source, target, name=model.name)
    outputs = _probe(model, image_shape, path)
    if ends & _NO_PROBABILITIES:
        kind = SCORES
    else:
        kind = next((k for k in (DISTRIBUTION, PER_CLASS) if are_probabilities(outputs, k)), SCORES)
    return ImageClassifier(model, image_shape, units, kind)


def _single(model: keras.Model, side: str, path: Path) -> Any:
    """Return the one input or output tensor of a model."""
    tensors = getattr(model, f"{side}s", None)
    if not tensors:
        raise AppError(
            f"'{path}' cannot be loaded: it does not say what its {side}s are.",
            "Expected a Sequential or functional model that was built before it was saved.",
        )
    if len(tensors) > 1:
        listed = ", ".join(f"'{name}' {tuple(t.shape)}" for name, t in _named(model, side).items())
        fix = "Save a model of one output: keras.Model(model.inputs, model.outputs[0]).save(…)"
        raise AppError(
            f"'{path}' has {len(tensors)} {side}s: {listed}.",
            "Expected an image classifier: one image in, one row of classes out.",
            fix if side == "output" else "",
        )
    return tensors[0]


def _named(model: keras.Model, side: str) -> dict[str, Any]:
    """Return the input or output tensors of a functional model by name."""
    structure = getattr(model, side)
    if isinstance(structure, dict):
        return structure
    return dict(zip(getattr(model, f"{side}_names"), getattr(model, f"{side}s"), strict=True))


def _image_shape(shape: Sequence[int | None], path: Path) -> tuple[int, int, int]:
    """Return `(H, W, C)` of the images that an input of this shape takes."""
    if len(shape) not in (3, 4):
        raise AppError(
            f"'{path}' takes inputs of shape {tuple(shape)}.",
            "Expected images: (None, height, width, channels), or (None, height, width) in gray.",
        )
    height, width, channels = (*shape[1:], 1) if len(shape) == 3 else shape[1:]
    if channels not in (1, 3):
        hint = " Its channels seem to come first." if len(shape) == 4 and shape[1] in (1, 3) else ""
        raise AppError(
            f"'{path}' takes images of {channels} channels: {tuple(shape)}.{hint}",
            "Expected 1 (gray) or 3 (RGB) channels, in the last axis.",
        )
    if height is None or width is None:
        raise AppError(
            f"'{path}' takes images of any size: {tuple(shape)}.",
            "Expected a fixed height and width.",
            "Fix them, for instance at 224×224: keras.Sequential("
            f"[keras.Input((224, 224, {channels})), model]).save(…)",
        )
    return height, width, channels


def _flat(target: Any, path: Path) -> Any:
    """Return an output tensor as `(B, K)`."""
    shape = tuple(target.shape)
    inner, units = shape[1:-1], shape[-1]
    if len(shape) < 2 or units is None or any(side != 1 for side in inner):
        raise AppError(
            f"'{path}' gives outputs of shape {shape}.",
            "Expected one row of classes per image: (None, classes).",
        )
    return keras.layers.Flatten(name="flat_output")(target) if inner else target


def _probabilities_from_logits(target: Any, path: Path) -> Any:
    name = "sigmoid" if target.shape[-1] == 1 else "softmax"
    warnings.warn(
        f"The last layer of '{path}' gives scores: a {name} is applied to them.",
        AppWarning,
        stacklevel=4,
    )
    return keras.layers.Activation(name, dtype="float32", name=f"{name}_of_scores")(target)


def _probe(model: keras.Model, image_shape: tuple[int, int, int], path: Path) -> np.ndarray:
    """Return the outputs for a black, a white and two random images."""
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (_PROBED, *image_shape)).astype(np.float32)
    images[0], images[1] = 0.0, 255.0
    try:
        outputs = model(images, training=False)
    except Exception as error:
        # Whatever its layers raise, such as for a size that they do not fit.
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise AppError(
            f"'{path}' fails on images of shape {image_shape}: {reason}",
            "Expected an image classifier.",
        ) from None
    return np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(outputs, "float32")))
