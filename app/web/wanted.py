"""Which samples a request asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.web.errors import PublicError
from app.web.limits import MAX_SAMPLES

ORDERS = ("first", "random", "errors")


@dataclass(frozen=True)
class Wanted:
    """Which samples are asked for.

    Attributes:
        order: One of `ORDERS`; errors come the most confident first if there is no seed.
        seed: Seed of the order.
        start: Position of the first one.
        count: Largest number of them.
        label: Only images of this class, by position.
        predicted: Only images for which the model predicts this class.
    """

    order: str
    seed: int | None
    start: int
    count: int
    label: int | None
    predicted: int | None


def parse_wanted(query: Mapping[str, str]) -> Wanted:
    """Return what the query of a request asks for.

    Args:
        query: Texts by name.

    Raises:
        PublicError: If a value is none of those that are accepted.
    """
    order = query.get("order", "first")
    if order not in ORDERS:
        raise PublicError("The order is unknown.", f"Expected one of: {', '.join(ORDERS)}.")

    def number(name: str, high: int) -> int | None:
        text = query.get(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= high):
            raise PublicError(
                f"'{name}' has an unusable value.", f"Expected a whole number from 0 to {high:,}."
            )
        return int(text)

    return Wanted(
        order, number("seed", 2**31), number("start", 10**9) or 0,
        number("count", MAX_SAMPLES) or 1, number("label", 10**6), number("predicted", 10**6),
    )  # fmt: skip
