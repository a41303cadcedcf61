"""What the notebooks share: figures as images, and exercises that check themselves.

    from lesson import QUICK, check, check_function, show

Importing it changes to the folder of the project, so that names of models and images are found.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from app.lecture.convolution import convolve, cross_correlate
from app.lecture.equivariance import equivariance_error, layers, on_canvas
from app.lecture.kernels import KERNELS
from app.lecture.parameters import count_layer, dense_weights
from app.lecture.pooling import pool
from app.lecture.receptive_field import PIXEL, through_window
from app.lecture.sizes import output_size

# Set by the tests: fewer epochs, so that a notebook ends after seconds.
QUICK = bool(os.environ.get("CONVLAB_QUICK"))

_RANDOM = np.random.default_rng(0)
_DIGIT = _RANDOM.integers(0, 256, (20, 20))


def _field_of_three_layers() -> int:
    return through_window(through_window(through_window(PIXEL, 3), 2, 2), 3).size


def _odd_shift() -> float:
    strided = layers(KERNELS["sobel-x"].weights)[1]
    return float(equivariance_error(strided, on_canvas(_DIGIT, 8), 2))


# The right answers, computed.
ANSWERS: dict[str, Callable[[], float]] = {
    "dense parameters": lambda: 100 * (dense_weights((64, 64, 3)) + 1),
    "c2": lambda: convolve(np.array([2, 1, 3]), np.array([1, 0, -1]))[1],
    "length": lambda: len(convolve(np.zeros(7), np.zeros(4))),
    "even shift": _odd_shift,
    "output size": lambda: output_size(32, 5, 2, 2),
    "padding": lambda: next(p for p in range(9) if output_size(64, 9, 1, p) == 64),
    "layer parameters": lambda: count_layer((14, 14, 16), 3, 1, 0, 24).shared,
    "untied parameters": lambda: count_layer((14, 14, 16), 3, 1, 0, 24).unshared,
    "maximum": lambda: pool(np.array([[3, -1], [2, 7]]), "max", 2, 2).item(),
    "receptive field": _field_of_three_layers,
    "shift range": lambda: 0.25 * 128,
}


def _images(count: int) -> list[np.ndarray]:
    return [_RANDOM.integers(-9, 10, (6, 8)) for _ in range(count)]


def _vectors(count: int) -> list[np.ndarray]:
    return [_RANDOM.integers(-9, 10, length) for length in range(3, 3 + count)]


# Functions to write: reference, and arguments to compare with.
FUNCTIONS: dict[str, tuple[Callable[..., Any], list[tuple[Any, ...]]]] = {
    "convolution of vectors": (
        convolve, [(a, b) for a in _vectors(3) for b in _vectors(3)],
    ),
    "cross-correlation": (
        lambda x, w: cross_correlate(x, w, "valid"),
        [(x, _RANDOM.integers(-3, 4, (3, 3))) for x in _images(4)],
    ),
    "max pooling": (lambda x: pool(x, "max", 2, 2), [(x,) for x in _images(4)]),
}  # fmt: skip


def check(name: str, answer: Any) -> None:
    """Print whether the answer to an exercise is right.

    Args:
        name: Name of the exercise, a key of `ANSWERS`.
        answer: Number; `...` if there is none yet.
    """
    if answer is ...:
        print(f"{name}: not answered yet. Replace the ... by a number.")
    elif np.isclose(float(answer), float(ANSWERS[name]()), rtol=0, atol=1e-9):
        print(f"{name}: right.")
    else:
        print(f"{name}: {answer} is wrong; try again.")


def check_function(name: str, function: Callable[..., Any]) -> None:
    """Print whether a function gives what the program gives.

    Args:
        name: Name of the exercise, a key of `FUNCTIONS`.
        function: Function to check; it raises `NotImplementedError` until it is written.
    """
    reference, cases = FUNCTIONS[name]
    for arguments in cases:
        try:
            found = np.asarray(function(*arguments))
        except NotImplementedError:
            print(f"{name}: not written yet.")
            return
        expected = np.asarray(reference(*arguments))
        if found.shape != expected.shape:
            print(f"{name}: wrong shape {found.shape}, expected {expected.shape}.")
            return
        if not np.allclose(found, expected):
            print(f"{name}: wrong for {', '.join(map(repr, arguments))}.")
            return
    print(f"{name}: right for {len(cases)} random inputs.")


def show(figure: Any) -> Any:
    """Return a figure as an image that a notebook displays."""
    from IPython.display import Image

    from app.figures.canvas.style import encode

    return Image(encode(figure, ".png"), width=800)
