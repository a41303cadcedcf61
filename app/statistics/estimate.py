"""An estimate with its 95% interval, and how it is printed."""

from __future__ import annotations

from typing import NamedTuple

LEVEL = 0.95


class Estimate(NamedTuple):
    """An estimate with its 95% interval.

    Attributes:
        value: Point estimate, such as a share of images or a difference of shares.
        low: Lower end of the interval.
        high: Upper end of the interval.
    """

    value: float
    low: float
    high: float

    def excludes(self, value: float) -> bool:
        """Return whether the interval does not contain a value."""
        return not self.low <= value <= self.high

    @property
    def percent(self) -> str:
        """A share as text, such as `97.40% [96.61, 98.01]`; one decimal if that is enough."""
        decimals = _decimals(self)
        value, low, high = (f"{100 * number:.{decimals}f}".replace("-", "−") for number in self)
        return f"{value}% [{low}, {high}]"

    @property
    def points(self) -> str:
        """A difference of shares as text in percentage points, such as `+0.8 [−0.2, +1.9]`."""
        decimals = _decimals(self)
        value, low, high = (_signed(100 * number, decimals) for number in self)
        return f"{value} [{low}, {high}]"


def _decimals(estimate: Estimate) -> int:
    """Return the decimals that tell a narrow interval's ends apart."""
    return 1 if estimate.high - estimate.low > 0.01 else 2


def _signed(number: float, decimals: int) -> str:
    text = f"{number:+.{decimals}f}"
    return f"{0:.{decimals}f}" if float(text) == 0 else text.replace("-", "−")
