"""The convolution integral: a flipped function slides over another, and the area traces a curve."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from app.figures.canvas.annotation import add_note, add_title
from app.figures.canvas.style import BLUE, GREEN, INK, VERMILLION, WIDTH, styled
from app.lecture.integral import RiemannSum, exact, signal_named

_FIRST, _LAST = -2.0, 4.0  # of both axes
_CURVE = np.linspace(_FIRST, _LAST, 1201)


@styled()
def integral_step(f: str, g: str, t: float, coarse: RiemannSum) -> Figure:
    """Draw f, the flipped and shifted g, the area under their product, and the integral up to t.

    Args:
        f: Name of the signal that stays.
        g: Name of the signal that is flipped and shifted.
        t: Time.
        coarse: Sum whose entries are drawn as points.
    """
    figure = Figure(figsize=(WIDTH, 5.4))
    area = exact(f, g, np.array([t]))[0]
    add_title(figure, f"(f ∗ g)(t) = ∫ f(τ) g(t − τ) dτ at t = {_number(t)}: {_number(area)}")
    top, bottom = figure.subplots(2, 1, sharex=True)
    fixed = signal_named(f).values(_CURVE)
    moving = signal_named(g).values(t - _CURVE)
    top.plot(_CURVE, fixed, color=BLUE, label=f"f(τ), {f}")
    top.plot(_CURVE, moving, color=VERMILLION, linestyle="--", label=f"g(t − τ), {g}, flipped")
    top.fill_between(_CURVE, fixed * moving, color=GREEN, alpha=0.45, linewidth=0,
                     label="f(τ) · g(t − τ)")  # fmt: skip
    top.axvline(t, ymax=0.82, color=INK, linewidth=0.8)
    top.set(ylim=(-0.05, 1.3), xlabel="τ")
    top.tick_params(labelbottom=True)
    top.legend(loc="upper right", ncols=3)
    past = _CURVE[t >= _CURVE]
    bottom.plot(past, exact(f, g, past), color=GREEN, label="integral")
    inside = (coarse.times <= t + 1e-9) & (coarse.times <= _LAST)
    bottom.plot(coarse.times[inside], coarse.values[inside], "o", color=INK, markersize=5, zorder=4,
                label=f"Σ a·b · Δ, Δ = {coarse.step:g}")  # fmt: skip
    bottom.plot([t], [area], "s", color=GREEN, markersize=7)
    bottom.axvline(t, ymax=0.82, color=INK, linewidth=0.8)
    bottom.set(xlim=(_FIRST, _LAST), ylim=(-0.05, 1.3), xlabel="t")
    bottom.legend(loc="upper right", ncols=2)
    add_note(
        figure,
        "Above: the green area is the value of the integral. Below: its values so far; points: "
        "convolution of vectors of samples, times Δ.",
    )
    return figure


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
