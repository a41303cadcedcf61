"""How a setting of a configuration is declared: default, help, accepted names and range."""

from __future__ import annotations

from dataclasses import Field, field
from typing import Any, NamedTuple

from app.errors import AppError
from app.names import did_you_mean
from app.registries import Registry


class Range(NamedTuple):
    """Values that a setting accepts.

    Attributes:
        low: Lowest value.
        high: Highest value.
        above: Whether `low` itself is excluded.
        below: Whether `high` itself is excluded.
        typical: Advice for the message.
    """

    low: float
    high: float
    above: bool = False
    below: bool = False
    typical: str = ""

    def holds(self, value: float) -> bool:
        """Return whether a value lies in the range."""
        return (self.low < value if self.above else self.low <= value) and (
            value < self.high if self.below else value <= self.high
        )

    def __str__(self) -> str:
        kind = "a number" if isinstance(self.low, float) else "a whole number"
        first = f"above {self.low:g} and at most" if self.above else f"from {self.low:,g} to"
        return f"{kind} {first}{' below' if self.below else ''} {self.high:,.10g}"


def setting(
    default: Any,
    help_text: str,
    *,
    affects_model: bool = True,
    names: Registry[Any] | tuple[str, ...] = (),
    limits: Range | None = None,
) -> Any:
    """Return a dataclass field.

    Args:
        default: Value if the user gives none; `None` leaves it to the recipe.
        help_text: Help of the flag.
        affects_model: Whether it decides which model comes out, not where it goes or how the work
            is done.
        names: Names that are accepted: those of a registry, or references, or these only.
        limits: Range of the value.
    """
    return field(
        default=default,
        metadata={
            "help": help_text, "affects_model": affects_model, "names": names, "limits": limits,
        },
    )  # fmt: skip


def flag(name: str) -> str:
    """Return the flag of a setting, such as `--batch-size`, or `--from` of `from_`."""
    return f"--{name.rstrip('_').replace('_', '-')}"


def check(declared: Field[Any], value: Any) -> None:
    """Refuse a value that its setting does not accept.

    Raises:
        AppError: With the names or the range that it accepts.
    """
    names, limits = declared.metadata["names"], declared.metadata["limits"]
    if isinstance(names, Registry):
        names.check(value)
    elif names and value not in names:
        raise AppError(
            f"{flag(declared.name)} is '{value}'.",
            f"Expected one of: {', '.join(names)}.",
            did_you_mean(str(value), names),
        )
    if limits and not limits.holds(value):
        raise AppError(f"{flag(declared.name)} is {value}.", f"Expected {limits}.", limits.typical)
