"""Messages of the socket: requests of the page and answers to them, as safetensors.

A message is one safetensors file. Its metadata holds JSON, its tensors the arrays.

    request   {"request": {"id", "kind", "model", …}}      tensor `pixels` (H, W, C) uint8, or flat
    answer    {"answer": {"id", "ok", "done", …}}          tensors of the kind

`id` is a number or a short text that the page chooses, and that its answers repeat. Kinds:

    predict      {}                        values (K,) float32: probabilities or scores, `classes`
    activations  {layers: [path, …]}       the outputs of each layer, under its path
                 {operations: [name, …]}   those of operations of the program
    grad_cam     {class, layer?}           map (H, W) float32; `layer`
    saliency     {class, method?}          map (H, W) float32
    occlusion    {class, cells?}           map (cells, cells) float32, NaN where it is not known
                                           yet; several answers, `done` with the last; `filled`
                                           of `total` cells are known
    cancel       {cancel: id}              ends that request; takes no model and has no answer

`class` is the position of a class, by default of the most probable one. A request that fails is
answered with `ok: false`, `error`, and where it helps `expected` and `fix`; the socket stays open.
Of requests that differ in nothing but `id` and `pixels` the newest counts: those that wait are
answered with `ok: false, stale: true`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from app.insight.choices import SALIENCY_METHODS
from app.web.errors import PublicError

_MOST_NAMES, _LONGEST_NAME = 16, 300
_LARGEST = 2**53 - 1  # whole number that JavaScript has
_MOST_CELLS = 64


@dataclass(frozen=True)
class Request:
    """A valid request.

    Attributes:
        id: What its answers repeat.
        kind: One of `KINDS`, or `cancel`.
        model: Name of a model; empty for `cancel`.
        pixels: `(H, W, C)` or `(H·W·C,)` uint8.
        options: What the kind takes.
    """

    id: int | str
    kind: str
    model: str = ""
    pixels: np.ndarray = field(default_factory=lambda: np.empty((0, 0, 0), np.uint8))
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def topic(self) -> tuple[str, str, str]:
        """What requests of which only the newest counts have in common."""
        return self.kind, self.model, json.dumps(self.options, sort_keys=True)


def encode(metadata: Mapping[str, Any], tensors: Mapping[str, np.ndarray] | None = None) -> bytes:
    """Return a message.

    Args:
        metadata: Values that JSON can hold, under `request` or `answer`.
        tensors: Arrays by name.
    """
    texts = {
        key: json.dumps(value, ensure_ascii=False, allow_nan=False)
        for key, value in metadata.items()
    }
    arrays = {name: np.ascontiguousarray(array) for name, array in (tensors or {}).items()}
    return save(arrays, texts)


def decode(message: bytes, key: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the JSON object under `key`, and the tensors of a message.

    Raises:
        PublicError: If it is no such message.
    """
    try:
        tensors = load(message)
        # The library has checked the header; it does not return its metadata.
        length = int.from_bytes(message[:8], "little")
        texts = json.loads(message[8 : 8 + length]).get("__metadata__", {})
        content = json.loads(texts[key], parse_constant=_refuse_constant)
    except (SafetensorError, KeyError, TypeError, ValueError, RecursionError):
        raise _malformed() from None
    if not isinstance(content, dict):
        raise _malformed()
    return content, tensors


def parse_request(message: bytes) -> Request:
    """Return the request in a message.

    Raises:
        PublicError: If it is none. Its attribute `request_id` is what the answer repeats, or
            `None`.
    """
    content, tensors = decode(message, "request")
    request_id = content.get("id")
    try:
        return _checked(content, tensors)
    except PublicError as error:
        error.request_id = request_id if is_id(request_id) else None
        raise


def _checked(content: dict[str, Any], tensors: Mapping[str, np.ndarray]) -> Request:
    request_id, kind, model = content.get("id"), content.get("kind"), content.get("model")
    if not is_id(request_id):
        raise PublicError("The request has no usable id.", "Expected a number or a short text.")
    assert isinstance(request_id, int | str)
    if kind == "cancel":
        if not is_id(content.get("cancel")):
            raise PublicError("The cancellation names no request.", "Expected `cancel`: its id.")
        return Request(request_id, kind, options={"cancel": content["cancel"]})
    if not isinstance(kind, str) or kind not in KINDS:
        raise PublicError(
            "The kind of the request is unknown.", f"Expected one of: {', '.join(KINDS)}."
        )
    if not isinstance(model, str) or len(model) > _LONGEST_NAME:
        raise PublicError("The request names no model.", "Expected the name of a served model.")
    pixels = tensors.get("pixels")
    if pixels is None or pixels.dtype != np.uint8 or pixels.ndim not in (1, 3):
        raise PublicError(
            "The request holds no image.", "Expected a tensor `pixels` (H, W, C) of uint8."
        )
    options = {}
    for name, value in content.items():
        if name in ("id", "kind", "model") or value is None:
            continue
        if name not in KINDS[kind]:
            raise PublicError(
                f"A request of the kind '{kind}' does not take every one of these options.",
                f"Expected any of: {', '.join(KINDS[kind]) or 'none'}.",
            )
        if not KINDS[kind][name](value):
            raise PublicError(f"The option '{name}' has an unusable value.", _EXPECTED[name])
        options[name] = value
    return Request(request_id, kind, model, pixels, options)


def is_id(value: Any) -> bool:
    """Return whether a request can be called so: by a number or a short text."""
    return is_integer(value, -_LARGEST, _LARGEST) or (isinstance(value, str) and len(value) <= 64)


def is_integer(value: Any, low: int, high: int) -> bool:
    """Return whether a value of JSON is a whole number in a range; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= _MOST_NAMES and all(map(_is_name, value))


def _is_class(value: Any) -> bool:
    return is_integer(value, 0, _LARGEST)


# Kinds of requests, and what their options must be.
KINDS: dict[str, dict[str, Callable[[Any], bool]]] = {
    "predict": {},
    "activations": {"layers": _are_names, "layer": _is_name, "operations": _are_names},
    "grad_cam": {"class": _is_class, "layer": _is_name},
    "saliency": {"class": _is_class, "method": lambda value: value in SALIENCY_METHODS},
    "occlusion": {"class": _is_class, "cells": lambda value: is_integer(value, 1, _MOST_CELLS)},
}
# Their answers come in parts; a newer request ends an older one that is worked on.
PROGRESSIVE = ("occlusion",)
_EXPECTED = {
    "layers": f"Expected up to {_MOST_NAMES} paths of layers.",
    "layer": "Expected the path of a layer.",
    "operations": f"Expected up to {_MOST_NAMES} names of operations.",
    "class": "Expected the position of a class, from 0.",
    "method": f"Expected one of: {', '.join(SALIENCY_METHODS)}.",
    "cells": f"Expected a whole number from 1 to {_MOST_CELLS}.",
}


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _malformed() -> PublicError:
    return PublicError(
        "The message cannot be read.",
        "Expected a safetensors file whose metadata holds a request as JSON.",
    )
