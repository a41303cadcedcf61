"""Layers that cannot be opened, collected so that one error names all of them."""

from __future__ import annotations

from pathlib import Path

from app.errors import AppError

_SHOWN = 20


class UnsupportedLayersError(AppError, ValueError):
    """A model has layers that cannot be opened; a `ValueError`, as Keras itself raises."""


class Problems:
    """The layers of one model that cannot be opened, and why."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, layer: str, class_name: str, reason: str) -> None:
        """Note a layer that cannot be opened.

        Args:
            layer: Name of the layer.
            class_name: Its class in the file.
            reason: Why it cannot be opened, without a full stop.
        """
        line = f"'{layer}' ({class_name}): {reason}"
        if line not in self._lines:
            self._lines.append(line)

    def add_code(self, layer: str) -> None:
        """Note a layer that holds Python code."""
        self.add(
            layer,
            "Lambda",
            "it holds Python code, and a file must not cause arbitrary code execution",
        )

    def raise_if_any(self, path: str | Path) -> None:
        """Raise one error that names all layers.

        Raises:
            UnsupportedLayersError: If there is any.
        """
        if not self._lines:
            return
        shown = [f"- {line}." for line in self._lines[:_SHOWN]]
        if len(self._lines) > _SHOWN:
            shown.append(f"- and {len(self._lines) - _SHOWN} more.")
        count = len(self._lines)
        raise UnsupportedLayersError(
            f"'{path}' cannot be loaded: {count} of its layers "
            f"{'has' if count == 1 else 'have'} no safe counterpart in Keras 3.\n"
            + "\n".join(shown),
            "Expected layers that both Keras 2 and Keras 3 have, without Python code.",
            "In the program that made the model, replace these layers by built-in ones (Rescaling "
            "instead of a Lambda that divides), copy the weights with set_weights, and save again.",
        )
