"""Convolution by its definition, with the sum of every entry, and cross-correlation.

`c_xy = Σ_u Σ_v a_uv · b_(x−u+1)(y−v+1)`: the kernel is flipped. Keras's `Conv2D` computes the
cross-correlation, which is the same without the flip. Source: lecture, "Convolution of vectors",
"Definition: Convolution of Matrices".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.errors import AppError
from app.lecture.arrays import show_factor, show_number
from app.lecture.choices import CONVOLUTION_MODES
from app.lecture.sizes import format_size

DEFINITIONS = {
    1: "c_x = Σ_u a_u · b_(x−u+1)",
    2: "c_xy = Σ_u Σ_v a_uv · b_(x−u+1)(y−v+1)",
}
NO_FLIP = (
    "Layers of networks compute the cross-correlation: they do not flip the kernel. The flip makes "
    "no difference to what they can learn. A layer that flips would learn the same numbers in "
    "reverse order, with the same outputs and the same loss."
)


class Term(NamedTuple):
    """One product of a sum.

    Attributes:
        a_index: Index in A, counted from 0.
        b_index: Index in B, counted from 0.
        a: Number at `a_index`.
        b: Number at `b_index`.
    """

    a_index: tuple[int, ...]
    b_index: tuple[int, ...]
    a: float
    b: float


@dataclass(frozen=True)
class Convolution:
    """A convolution and the products behind each of its entries; made by `convolution`.

    Entry `i` of the result is the sum of `kernel · padded[i : i + k]`.

    Attributes:
        a: `(n,)` or `(n, m)`.
        b: `(k,)` or `(k, l)`.
        mode: `full`, `same` or `valid`.
        kernel_is_a: Whether A is the kernel, which slides over B; otherwise B slides over A.
        full: `(n + k − 1, …)`: the convolution with every overlap.
        start: First entry of the result in `full`.
        result: The part of `full` that the mode keeps.
        padded: Image under the kernel, with the zeros around it that the mode needs.
        before: Number of these zeros before the image, along each axis.
        kernel: The kernel, flipped.
    """

    a: np.ndarray
    b: np.ndarray
    mode: str
    kernel_is_a: bool
    full: np.ndarray
    start: tuple[int, ...]
    result: np.ndarray
    padded: np.ndarray
    before: tuple[int, ...]
    kernel: np.ndarray

    @property
    def image(self) -> np.ndarray:
        """The array under the kernel, without zeros."""
        return self.b if self.kernel_is_a else self.a

    def terms(self, index: tuple[int, ...]) -> list[Term]:
        """Return the products whose sum is one entry, in the lecture's order.

        Args:
            index: Index of the entry, counted from 0.
        """
        products = []
        for a_index, value in np.ndenumerate(self.a):
            b_index = tuple(i + s - u for i, s, u in zip(index, self.start, a_index, strict=True))
            if all(0 <= v < k for v, k in zip(b_index, self.b.shape, strict=True)):
                products.append(Term(a_index, b_index, value.item(), self.b[b_index].item()))
        return products

    def window(self, index: tuple[int, ...]) -> np.ndarray:
        """Return the numbers under the kernel at one entry, in the shape of the kernel."""
        return self.padded[
            tuple(slice(i, i + k) for i, k in zip(index, self.kernel.shape, strict=True))
        ]

    def show(self, index: tuple[int, ...]) -> str:
        """Return `c33 = a11·b33 + a12·b32 + … = 1·9 + 2·8 + … = 165`.

        Indices of c count the entries of the full convolution from 1. If the mode keeps a part of
        them, `y[0,0] = ` stands before the first that is kept, as on the slide.
        """
        products = self.terms(index)
        symbols = " + ".join(f"a{_label(t.a_index)}·b{_label(t.b_index)}" for t in products)
        numbers = " + ".join(f"{show_factor(t.a)}·{show_factor(t.b)}" for t in products)
        value = show_number(self.result[index].item())
        name = f"c{_label(tuple(i + s for i, s in zip(index, self.start, strict=True)))}"
        if self.mode != "full":
            name = f"y[{','.join(map(str, index))}] = {name}"
        return f"{name} = {symbols} = {numbers} = {value}"


def convolution(
    a: np.ndarray, b: np.ndarray, mode: str = "full", kernel: str | None = None
) -> Convolution:
    """Return the convolution of two vectors or two matrices, with what is behind each entry.

    Args:
        a: `(n,)` or `(n, m)`.
        b: `(k,)` or `(k, l)`.
        mode: As for `convolve`; `same` is as large as the image.
        kernel: `A` or `B`, the one that slides over the other, which is the image; by default the
            smaller one, or B. The full convolution is the same.

    Raises:
        AppError: As `convolve`, or if the kernel does not fit into the image for `valid`.
        ValueError: If there is no such mode.
    """
    kernel_is_a = a.size < b.size if kernel is None else kernel == "A"
    image, sliding = (b, a) if kernel_is_a else (a, b)
    result = convolve(image, sliding, mode)
    if mode == "valid" and any(k > n for k, n in zip(sliding.shape, image.shape, strict=True)):
        raise AppError(
            f"A kernel of {format_size(sliding.shape)} does not fit into an image of "
            f"{format_size(image.shape)} with the mode 'valid'.",
            "Expected a kernel that is no larger than the image.",
            f"Make {'B' if kernel_is_a else 'A'} the kernel.",
        )
    start, shape = _cut(image.shape, sliding.shape, mode)
    before = tuple(k - 1 - s for k, s in zip(sliding.shape, start, strict=True))
    after = [s + c - n for s, c, n in zip(start, shape, image.shape, strict=True)]
    padded = np.pad(image, list(zip(before, after, strict=True)))
    flipped = np.flip(sliding)
    full = convolve(a, b)
    return Convolution(
        a, b, mode, kernel_is_a, full, start, result, padded, before, flipped
    )  # fmt: skip


def convolve(a: np.ndarray, b: np.ndarray, mode: str = "full") -> np.ndarray:
    """Return the convolution of two vectors or two matrices.

    Args:
        a: `(n,)` or `(n, m)`.
        b: `(k,)` or `(k, l)`.
        mode: `full`: every overlap, `(n + k − 1, m + l − 1)`; `same`: as large as A, its middle;
            `valid`: where the smaller lies whole inside the larger one.

    Raises:
        AppError: If one is a vector and the other a matrix, or neither fits into the other for
            `valid`.
        ValueError: If there is no such mode.
    """
    _check(a, b, mode)
    full = np.zeros([n + k - 1 for n, k in zip(a.shape, b.shape, strict=True)],
                    np.result_type(a, b))  # fmt: skip
    few, many = (a, b) if a.size < b.size else (b, a)  # an image has many more numbers
    for index, value in np.ndenumerate(few):
        covered = tuple(slice(i, i + n) for i, n in zip(index, many.shape, strict=True))
        full[covered] += value * many
    start, shape = _cut(a.shape, b.shape, mode)
    return full[tuple(slice(s, s + n) for s, n in zip(start, shape, strict=True))]


def cross_correlate(a: np.ndarray, b: np.ndarray, mode: str = "full") -> np.ndarray:
    """Return what slides B over A without flipping it.

    Args:
        a: `(n,)` or `(n, m)`.
        b: `(k,)` or `(k, l)`.
        mode: As for `convolve`; `same` and `valid` are Keras's `padding`. For a kernel of even
            size, Keras pads one zero more behind than in front, where SciPy does the opposite.

    Raises:
        AppError: As `convolve`.
        ValueError: If there is no such mode.
    """
    flipped = np.flip(b)
    if mode != "same":
        return convolve(a, flipped, mode)
    full = convolve(a, flipped)
    start = [k // 2 for k in b.shape]
    return full[tuple(slice(s, s + n) for s, n in zip(start, a.shape, strict=True))]


def _label(index: tuple[int, ...]) -> str:
    """Return an index as the lecture writes it, counted from 1."""
    numbers = [str(i + 1) for i in index]
    return ("," if any(len(n) > 1 for n in numbers) else "").join(numbers)


def _cut(
    a_shape: tuple[int, ...], b_shape: tuple[int, ...], mode: str
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return where in the full convolution a mode begins, and its shape."""
    axes = list(zip(a_shape, b_shape, strict=True))
    if mode == "full":
        return tuple(0 for _ in axes), tuple(n + k - 1 for n, k in axes)
    if mode == "same":
        return tuple((k - 1) // 2 for _, k in axes), a_shape
    return tuple(min(n, k) - 1 for n, k in axes), tuple(abs(n - k) + 1 for n, k in axes)


def _check(a: np.ndarray, b: np.ndarray, mode: str) -> None:
    if mode not in CONVOLUTION_MODES:
        raise ValueError(f"Argument `mode` must be one of {CONVOLUTION_MODES}. Received: {mode!r}")
    if a.ndim != b.ndim:
        names = {1: "a vector", 2: "a matrix"}
        raise AppError(
            f"A is {names[a.ndim]}, B is {names[b.ndim]}.",
            "Expected two vectors or two matrices.",
            'A matrix of one row: write its row twice, or convolve vectors. A column: "1; 0; -1".',
        )
    axes = list(zip(a.shape, b.shape, strict=True))
    if mode == "valid" and not (all(n >= k for n, k in axes) or all(n <= k for n, k in axes)):
        raise AppError(
            f"Nothing is left of {format_size(a.shape)} and {format_size(b.shape)} with the mode "
            "'valid': neither lies whole inside the other.",
            "Expected a kernel that is no larger than the matrix along either axis.",
        )
