"""The convolution integral, and the sum that approximates it.

`(f ∗ g)(t) = ∫ f(τ) · g(t − τ) dτ`: g is flipped, shifted by t, multiplied by f, and the product is
integrated. With samples Δ apart, the integral becomes the convolution of two vectors times Δ.
Source: lecture, the slide before "Convolution of vectors".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.lecture.choices import SIGNALS
from app.lecture.convolution import convolve

Function = Callable[[np.ndarray], np.ndarray]

_END = 6.0  # of the exponential's samples: sums for t ≤ 5.5 do not need later ones


@dataclass(frozen=True)
class Signal:
    """A function of time that is zero before its start.

    Attributes:
        formula: Formula as text.
        start: First time at which it is not zero.
        end: Last time that is sampled.
        values: Function of times `(n,)`.
    """

    formula: str
    start: float
    end: float
    values: Function


def _box(t: np.ndarray) -> np.ndarray:
    return np.where(np.abs(t) <= 0.5, 1.0, 0.0)


def _exponential(t: np.ndarray) -> np.ndarray:
    return np.where(t >= 0, np.exp(-np.maximum(t, 0)), 0.0)


_SIGNALS = {
    "box": Signal("1 for |t| ≤ 1/2, else 0", -0.5, 0.5, _box),
    "exponential": Signal("exp(−t) for t ≥ 0, else 0", 0.0, _END, _exponential),
}


def signal_named(name: str) -> Signal:
    """Return a signal.

    Raises:
        ValueError: If the name is unknown.
    """
    if name not in _SIGNALS:
        raise ValueError(f"Argument `name` must be one of {SIGNALS}. Received: {name!r}")
    return _SIGNALS[name]


def exact(f: str, g: str, times: np.ndarray) -> np.ndarray:
    """Return the closed form of the convolution integral `(n,)`.

    Args:
        f: Name of the first signal.
        g: Name of the second signal; the integral is the same if they are exchanged.
        times: `(n,)` values of t.
    """
    names = {f, g}
    if names == {"box"}:
        return np.maximum(1 - np.abs(times), 0)
    if names == {"exponential"}:
        return np.maximum(times, 0) * _exponential(times)
    # The integral of exp(−(t − τ)) over the part of the box before t.
    upper = np.minimum(times, 0.5)
    covered = np.exp(upper - times) - np.exp(-0.5 - times)
    return np.where(times > -0.5, covered, 0.0)


@dataclass(frozen=True)
class RiemannSum:
    """The convolution of two sampled signals.

    Attributes:
        step: Δ.
        a: `(m,)` samples of f in the middle of intervals of length Δ.
        b: `(n,)` samples of g.
        times: `(m + n − 1,)` times of the entries.
        values: `(m + n − 1,)` entries c_x = Σ_u a_u · b_(x−u+1), times Δ.
    """

    step: float
    a: np.ndarray
    b: np.ndarray
    times: np.ndarray
    values: np.ndarray


def riemann_sum(f: str, g: str, step: float) -> RiemannSum:
    """Return the convolution of two signals as a sum.

    Args:
        f: Name of the first signal.
        g: Name of the second signal.
        step: Δ; a divisor of 1, so that intervals end where a box does.
    """
    first, second = signal_named(f), signal_named(g)
    a, b = (one.values(_midpoints(one, step)) for one in (first, second))
    c = convolve(a, b) * step
    # Entry x, counted from 1, is at the sum of the times of a_u and b_(x−u+1).
    times = first.start + second.start + step * np.arange(1, len(c) + 1)
    return RiemannSum(step, a, b, times, c)


def _midpoints(signal: Signal, step: float) -> np.ndarray:
    count = round((signal.end - signal.start) / step)
    return signal.start + step * (np.arange(count) + 0.5)
