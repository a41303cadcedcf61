"""The program of a network: one image's way from pixels to outputs as a list of simple operations.

All values are float32 of one image: maps `(H, W, C)` or vectors `(N,)`, in C order. `[r, c]` is a
pair for rows and columns, `padding` is `[top, bottom, left, right]`. Kinds, attributes, weights:

    input             pixels 0–255
    rescale           x · scale + offset; numbers, or lists over the channels
    pad, crop         {top, bottom, left, right}: zeros added, cells removed
    conv              {strides, dilation, padding, groups}; kernel (kh, kw, C/groups, F), bias (F)
    depthwise         {strides, dilation, padding}; kernel (kh, kw, C, M), bias (C·M)
    local             {size, strides, dilation, padding};
                      kernel (OH, OW, kh, kw, C, F), bias (OH, OW, F)
    dense             kernel (I, O), bias (O); acts on the last axis of a map
    max_pool, average_pool, l2_pool
                      {size, strides, padding}; cells of the padding do not count
    global_average, global_max
                      (C,), or (1, 1, C)
    normalize         {epsilon}; mean, variance, gamma, beta (C)
    layer_normalize   {epsilon}; gamma, beta (C); over the last axis
    activation        {function, …}: see `app.export.page.activations`
    add, subtract, multiply
                      of two or more values of the same shape, from left to right
    concatenate       along the last axis
    flatten, reshape  in C order
    upsample          {size, interpolation: "nearest"}: each cell repeated
    dropout           {rate}, and {maps: true} where whole maps are dropped; nothing at inference
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

import numpy as np

from app.augmentation.tta import View, identity
from app.errors import AppError
from app.metrics import DISTRIBUTION, OutputKind

FORMAT = 1  # of the program and the file


class NotLowerable(AppError):
    """A network has a layer that the page cannot run.

    Args:
        layer: Path of the layer; empty for the network as a whole.
        reason: Predicate of a sentence about it, such as `resizes images`.
        kind: Type of the layer.

    Attributes:
        layer: Path of the layer.
        reason: The predicate.
    """

    def __init__(self, layer: str, reason: str, kind: str = ""):
        subject = f"The layer '{layer}'" if layer else "The network"
        if kind:
            subject += f" ({kind})"
        super().__init__(
            f"{subject} {reason}, which the page cannot compute, so the server answers for this "
            "model."
        )
        self.layer = layer
        self.reason = reason


@dataclass(frozen=True)
class Operation:
    """One operation of a program.

    Attributes:
        name: Unique name: that of the layer, or of a part of it, such as `conv_1:relu`.
        kind: One of the kinds of this module.
        inputs: Names of the operations whose outputs it takes.
        output_shape: `(H, W, C)` or `(N,)`.
        attributes: Numbers and words, by name.
        weights: Names of tensors, by what they are.
        layer: Path of the Keras layer; the last operation with it has the layer's output.
        layer_type: Class of the layer.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    output_shape: tuple[int, ...]
    attributes: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, str] = field(default_factory=dict)
    layer: str = ""
    layer_type: str = ""


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a program says of its model besides the operations.

    Attributes:
        name: Name of the model.
        class_names: Classes in the order of the outputs; two for a single sigmoid unit.
        image_shape: `(H, W, C)` of its images.
        outputs: What the outputs are.
        mnist_style: Whether images are brought to the form of MNIST's digits first.
        views: Probabilities are means over these views of an image.
        temperature: Temperature of these means.
    """

    name: str
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    outputs: OutputKind = DISTRIBUTION
    mnist_style: bool = False
    views: tuple[View, ...] = (identity,)
    temperature: float = 1.0


class Described(Protocol):
    """What an `app.classifier.Classifier` says of itself."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def class_names(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def image_size(self) -> tuple[int, int]: ...  # noqa: D102
    @property
    def channels(self) -> int: ...  # noqa: D102
    @property
    def kind(self) -> OutputKind: ...  # noqa: D102
    @property
    def mnist_style(self) -> bool: ...  # noqa: D102
    @property
    def views(self) -> Sequence[View]: ...  # noqa: D102
    @property
    def temperature(self) -> float: ...  # noqa: D102


def describe(classifier: Described) -> Description:
    """Return the description of a classifier."""
    return Description(
        name=classifier.name,
        class_names=tuple(classifier.class_names),
        image_shape=(*classifier.image_size, classifier.channels),
        outputs=classifier.kind,
        mnist_style=classifier.mnist_style,
        views=tuple(classifier.views),
        temperature=classifier.temperature,
    )


@dataclass(frozen=True)
class Program:
    """A lowered network.

    Attributes:
        description: What it says of its model.
        operations: Operations in the order of execution; the last one has the outputs.
        tensors: Float32 weights by name.
    """

    description: Description
    operations: tuple[Operation, ...]
    tensors: Mapping[str, np.ndarray]


def refuse(layer: str, reason: str, kind: str = "") -> NoReturn:
    """Raise `NotLowerable`."""
    raise NotLowerable(layer, reason, kind)
