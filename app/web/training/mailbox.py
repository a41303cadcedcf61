"""Events that wait to be sent: of each topic the newest, so that a slow reader costs no memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from app.web.protocol import decode, encode

MOST_POINTS = 2_000  # of a curve in one message


@dataclass(frozen=True)
class Event:
    """A message of the trainer.

    Attributes:
        topic: What it is about; see `app.web.training.protocol`.
        values: Values that JSON can hold.
        arrays: Arrays by name.
    """

    topic: str
    values: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)

    @cached_property
    def message(self) -> bytes:
        """The event as a message of the socket."""
        return encode({"event": {"topic": self.topic, **self.values}}, self.arrays)

    @classmethod
    def parse(cls, message: bytes) -> Event:
        """Return the event of a message."""
        values, arrays = decode(message, "event")
        return cls(values.pop("topic"), values, arrays)

    def after(self, earlier: Event) -> Event:
        """Return an event that replaces both: this one, and points of a curve in order."""
        points = {name: value for name, value in self.values.items() if isinstance(value, list)}
        if self.topic != "metrics":
            return self
        joined = {
            name: thinned([*earlier.values.get(name, ()), *value]) for name, value in points.items()
        }
        return replace(self, values={**self.values, **joined})


def thinned(points: list[Any]) -> list[Any]:
    """Return every second point of a curve that has too many."""
    while len(points) > MOST_POINTS:
        points = points[(len(points) - 1) % 2 :: 2]  # the newest stays
    return points


class Mailbox:
    """The events that wait, at most one of each topic, in the order in which they came.

    Whatever must not be lost, such as an answer, has a topic of its own.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, Event] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, event: Event) -> None:
        """Let an event wait, in the place of an earlier one of its topic."""
        earlier = self._waiting.pop(event.topic, None)
        self._waiting[event.topic] = event if earlier is None else event.after(earlier)

    def take(self) -> Event:
        """Return the event that has waited longest."""
        return self._waiting.pop(next(iter(self._waiting)))
