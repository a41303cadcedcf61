"""Formatting of numbers in findings and figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def mean_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and standard deviation (0 for a single value)."""
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def percent(share: float) -> str:
    """Return `97.5%`."""
    return f"{100 * share:.1f}%"


def with_spread(values: Sequence[float]) -> str:
    """Return `97.5 ± 0.3%` for several shares, `97.5%` for one."""
    mean, spread = mean_and_spread(values)
    return f"{100 * mean:.1f} ± {100 * spread:.1f}%" if len(values) > 1 else percent(mean)


def listed(parts: Sequence[str]) -> str:
    """Return `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
