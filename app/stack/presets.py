"""Stacks to begin with: the networks that the program ships, and those of ConvNetJS."""

from __future__ import annotations

from typing import Any

from app.errors import AppError
from app.models import build_model
from app.registries import MODELS
from app.stack.network import stack_of
from app.stack.stack import Stack, parse_stack

_DROPOUT = 0.3
_SMALL = "stack-10000"
_LARGEST_DIGIT = 40  # pixels


def presets(input_shape: tuple[int, int, int], num_classes: int) -> dict[str, Stack]:
    """Return the stacks by name that fit images `(H, W, C)`."""
    found = {}
    for name in (*MODELS, _SMALL):
        try:
            found[name] = stack_of(build_model(name, input_shape, num_classes, _DROPOUT))
        except AppError:  # too small an image, a window that is not square, or a frozen layer
            continue
    digits = min(input_shape[:2]) <= _LARGEST_DIGIT and input_shape[2] == 1
    found["convnetjs"] = parse_stack(_CONVNETJS_DIGITS if digits else _CONVNETJS_OBJECTS)
    return found


def _convolution(filters: int) -> dict[str, Any]:
    return {"layer": "Conv2D", "filters": filters, "kernel_size": 5, "padding": "same"}


def _pool(size: int) -> dict[str, Any]:
    return {"layer": "MaxPooling2D", "pool_size": size, "strides": size}


_HEAD: list[dict[str, Any]] = [{"layer": "Rescaling"}]
_TAIL: list[dict[str, Any]] = [{"layer": "Flatten"}]
# Source: Karpathy, ConvNetJS, demos on MNIST and on CIFAR-10.
_CONVNETJS_DIGITS = [*_HEAD, _convolution(8), _pool(2), _convolution(16), _pool(3), *_TAIL]
_CONVNETJS_OBJECTS = [
    *_HEAD, _convolution(16), _pool(2), _convolution(20), _pool(2), _convolution(20), _pool(2),
    *_TAIL,
]  # fmt: skip
