"""Formatting of numbers in findings and figures."""

from __future__ import annotations

from collections.abc import Sequence


def percent(share: float) -> str:
    """Return `97.5%`."""
    return f"{100 * share:.1f}%"


def listed(parts: Sequence[str]) -> str:
    """Return `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
