"""Formatting of numbers in findings and figures."""

from __future__ import annotations

from collections.abc import Sequence

from app.statistics.estimate import Estimate


def percent(share: float) -> str:
    """Return `97.5%`."""
    return f"{100 * share:.1f}%"


def two_decimals(estimate: Estimate, sign: str = "") -> str:
    """Return `0.98 [0.97, 0.99]`, or with the sign `+`, as of a difference, `+0.98 [−0.01, …]`."""
    value, low, high = (f"{number:{sign}.2f}" for number in estimate)
    return f"{value} [{low}, {high}]".replace("-0.00", "0.00").replace("-", "−")


def listed(parts: Sequence[str]) -> str:
    """Return `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
