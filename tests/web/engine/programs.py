"""Programs written by hand, without the lowering of Keras models."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from safetensors.numpy import save

Weights = Mapping[str, np.ndarray]


class ProgramBuilder:
    """Appends operations; each reads the one before it, unless `inputs` are named.

    Args:
        shape: `(H, W, C)` of the image.
    """

    def __init__(self, shape: Sequence[int]):
        self.shape = tuple(shape)
        self.operations: list[dict[str, Any]] = []
        self.tensors: dict[str, np.ndarray] = {}
        self.add("input", "input", shape, inputs=[])

    def add(
        self,
        name: str,
        kind: str,
        shape: Sequence[int],
        weights: Weights | None = None,
        inputs: Sequence[str] | None = None,
        **attributes: Any,
    ) -> ProgramBuilder:
        """Append an operation of an output shape; return the builder."""
        weights = weights or {}
        before = [self.operations[-1]["name"]] if self.operations else []
        for role, values in weights.items():
            self.tensors[f"{name}/{role}"] = np.ascontiguousarray(values, np.float32)
        self.operations.append({
            "name": name,
            "kind": kind,
            "inputs": list(before if inputs is None else inputs),
            "output_shape": [int(size) for size in shape],
            "attributes": attributes,
            "weights": {role: f"{name}/{role}" for role in weights},
            "layer": name,
            "layer_type": "Layer",
        })  # fmt: skip
        return self

    def build(self, **description: Any) -> bytes:
        """Return the file; `description` replaces what a program says of itself."""
        height, width, channels = self.shape
        plan = {
            "format": 1,
            "name": "by hand",
            "classes": ["a", "b"],
            "image": {"height": height, "width": width, "channels": channels},
            "outputs": "distribution",
            "mnist_style": False,
            "views": [{"crop": 1.0, "rotation": 0.0, "rows": 0, "columns": 0, "flip": False}],
            "temperature": 1.0,
            "operations": self.operations,
            **description,
        }
        return save(self.tensors, metadata={"program": json.dumps(plan)})


def window(
    strides: Sequence[int] = (1, 1),
    dilation: Sequence[int] = (1, 1),
    padding: Sequence[int] = (0, 0, 0, 0),
) -> dict[str, list[int]]:
    """Return the attributes of a window; `padding` is top, bottom, left, right."""
    return {"strides": [*strides], "dilation": [*dilation], "padding": [*padding]}


def positions(image: int, size: int, stride: int, dilation: int, padding: int) -> int:
    """Return how many windows fit along an axis, `padding` on both sides together."""
    return (image + padding - (size - 1) * dilation - 1) // stride + 1
