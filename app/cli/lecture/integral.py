"""Compute the convolution integral of two functions, and the sum close to it.

  python -m app lecture integral box box
  python -m app lecture integral box exponential -o integral.gif
  python -m app lecture integral box exponential --until 0.5 -o integral.png

(f ∗ g)(t) = ∫ f(τ)·g(t − τ) dτ: g is flipped, shifted by t and multiplied by f;
the area under the product is the value at t. With samples Δ apart, it becomes
the convolution of two vectors, c_x = Σ_u a_u·b_(x−u+1), times Δ. -o writes an
animation (.gif), or its last frame (.png, .jpg, .webp, .svg, .pdf). Slides: the
convolution integral, before "Convolution of vectors".
"""

from __future__ import annotations

import argparse

from app.cli.lecture.output import (
    ANIMATIONS,
    add_output,
    chosen_output,
    print_wrapped,
    write_steps,
)
from app.errors import AppError
from app.lecture.choices import SIGNALS

_STEPS = 0.5, 0.1, 0.01  # Δ
_FIRST, _LAST, _PITCH = -1.25, 3.5, 0.25  # of t, in the animation
_MILLISECONDS = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    names = " or ".join(SIGNALS)
    parser.add_argument("f", metavar="F", choices=SIGNALS, help=f"function that stays: {names}")
    parser.add_argument(
        "g", metavar="G", choices=SIGNALS, help=f"function that is flipped and shifted: {names}"
    )
    parser.add_argument(
        "--until", type=float, default=_LAST, metavar="T",
        help=f"last value of t in the figure, {_FIRST:g} to {_LAST:g} (default: {_LAST:g})",
    )  # fmt: skip
    add_output(parser, ANIMATIONS)


def show(parsed: argparse.Namespace) -> None:
    """Print the integral beside the sums; write the animation."""
    import numpy as np

    from app.lecture.integral import exact, riemann_sum, signal_named

    if not _FIRST <= parsed.until <= _LAST:
        raise AppError(f"--until is {parsed.until:g}.", f"Expected {_FIRST:g} to {_LAST:g}.")
    output = chosen_output(parsed, ANIMATIONS)
    for name, signal in (("f", parsed.f), ("g", parsed.g)):
        print(f"{name}(t): {signal}, {signal_named(signal).formula}")
    print("(f ∗ g)(t) = ∫ f(τ)·g(t − τ) dτ\n")
    sums = [riemann_sum(parsed.f, parsed.g, step) for step in _STEPS]
    _print_values(parsed.f, parsed.g)
    largest = [
        float(np.abs(one.values - exact(parsed.f, parsed.g, one.times))[one.times <= _LAST].max())
        for one in sums
    ]
    errors = ", ".join(
        f"{error:.1g} for {one.step:g}" for error, one in zip(largest, sums, strict=True)
    )
    print_wrapped(
        "The sum is the convolution of the vectors a and b of samples, times Δ. Its largest "
        f"difference from the integral: {errors}."
        if max(largest) > 1e-9
        else "The sum is the convolution of the vectors a and b of samples, times Δ. Here it is "
        "exact: the product of f and g is constant within every interval."
    )
    if output is not None:
        from app.figures.integral import integral_step

        times = [*np.arange(_FIRST, parsed.until, _PITCH), parsed.until]
        write_steps(
            lambda number: integral_step(parsed.f, parsed.g, times[number], sums[0]),
            len(times), output, _MILLISECONDS,
        )  # fmt: skip


def _print_values(f: str, g: str) -> None:
    """Print the integral and the sums at the entries of the coarsest vectors."""
    from app.cli.tables import print_table
    from app.lecture.integral import exact, riemann_sum

    sums = [riemann_sum(f, g, step) for step in _STEPS]
    shown = sums[0].times[sums[0].times <= _LAST]
    rows = []
    for t, value in zip(shown, exact(f, g, shown), strict=True):
        cells = (one.values[abs(one.times - t).argmin()] for one in sums)
        rows.append(tuple(_signed(x) for x in (t, value, *cells)))
    columns = ["t", "integral", *(f"sum, Δ = {step:g}" for step in _STEPS)]
    print_table(columns, rows, right="|".join(columns))
    few = ["  ".join(f"{x:.3g}" for x in vector[:4]) for vector in (sums[0].a, sums[0].b)]
    dots = [" …" if len(vector) > 4 else "" for vector in (sums[0].a, sums[0].b)]
    for name, vector, more in zip("ab", few, dots, strict=True):
        print(f"Δ = {_STEPS[0]:g}: {name} = [ {vector}{more} ]")


def _signed(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
