"""A stack of layers: parsed from JSON, with every argument checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import AppError
from app.names import did_you_mean
from app.stack.kinds import KINDS, Kind

MOST_LAYERS = 64


@dataclass(frozen=True)
class Layer:
    """A layer of a stack.

    Attributes:
        kind: Name in `KINDS`.
        name: Name that no other layer of the stack has, such as `conv_2`.
        arguments: Value of every argument.
    """

    kind: str
    name: str
    arguments: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return what `parse_stack` takes."""
        return {"layer": self.kind, **self.arguments}


Stack = tuple[Layer, ...]


def parse_stack(layers: Any) -> Stack:
    """Return a stack, from the input to the layer before the probabilities.

    Args:
        layers: List of objects such as `{"layer": "Conv2D", "filters": 8}`; arguments that one
            does not name have their defaults.

    Raises:
        AppError: If it is no such list, or a kind, a name or a value is not accepted.
    """
    if not isinstance(layers, list) or not all(isinstance(one, dict) for one in layers):
        raise AppError(
            "The network is no list of layers.",
            'Expected a list such as [{"layer": "Conv2D", "filters": 8}].',
        )
    if len(layers) > MOST_LAYERS:
        raise AppError(f"The network has {len(layers)} layers.", f"Expected up to {MOST_LAYERS}.")
    stack: list[Layer] = []
    seen: Counter[str] = Counter()
    for number, description in enumerate(layers, start=1):
        kind = _kind(number, description)
        seen[kind.prefix] += 1
        name = f"{kind.prefix}_{seen[kind.prefix]}"
        stack.append(Layer(description["layer"], name, _arguments(number, description, kind)))
    return tuple(stack)


def stack_to_json(stack: Sequence[Layer]) -> list[dict[str, Any]]:
    """Return what `parse_stack` takes."""
    return [layer.to_json() for layer in stack]


def _kind(number: int, description: Mapping[str, Any]) -> Kind:
    name = description.get("layer")
    if isinstance(name, str) and name in KINDS:
        return KINDS[name]
    raise AppError(
        f"Layer {number} is of the kind {name!r}.",
        f"Expected one of: {', '.join(KINDS)}.",
        did_you_mean(name, KINDS) if isinstance(name, str) else "",
    )


def _arguments(number: int, description: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    where = f"Layer {number}, {description['layer']}"
    unknown = [name for name in description if name not in ("layer", *kind.arguments)]
    if unknown:
        raise AppError(
            f"{where}: {unknown[0]!r} is no argument.",
            f"Expected any of: {', '.join(kind.arguments) or 'none'}.",
        )
    values = {}
    for name, argument in kind.arguments.items():
        value = description.get(name, argument.default)
        if not argument.accepts(value):
            raise AppError(f"{where}: {name} is {value!r}.", f"Expected {argument.expected}.")
        values[name] = float(value) if isinstance(argument.default, float) else value
    return values
