"""Events that wait to be sent: of each topic the newest, so that a slow reader costs no memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from app.web.protocol import decode, encode
from app.web.training.commands import Command
from app.web.training.curve import averaged

MOST_ROWS = 2_000  # of epochs
MOST_LINES = 200  # of a record, and of changes


@dataclass(frozen=True)
class Event:
    """A message of the trainer, or of the server about it.

    Topics:

    - `kinds`, `wheel`: the available layers and settings; who controls the run.
    - `state`, `progress`, `record`, `settings`: what the trainer reports of itself.
    - `network`: the start of a run, with the program of its network.
    - `metrics`, `epochs`: points of the curves of batches, and rows of epochs.
    - `changes`: settings that were changed on the way, with the number of batches before that.
    - `weights`, `batch`, `gradients`, `validation`: their current values.
    - `snapshot/STEP`, `snapshots`: stored weights, and the steps of all stored weights.
    - `hardest`, `dissection`: images with the largest loss; one training step in detail.
    - `answer/ID`: the answer to a command.

    Attributes:
        topic: What it is about.
        values: Values that JSON can hold.
        arrays: Arrays by name.
    """

    topic: str
    values: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def answer(cls, command: Command, values: Mapping[str, Any]) -> Event:
        """Return the answer to a command; it failed if `values` has an `error`."""
        done = {"id": command.id, "command": command.kind, "ok": "error" not in values}
        return cls(f"answer/{command.id}", {**done, **values})

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
        """Return an event that stands for both: this one, with the lists of both in order.

        Events of different runs have nothing in common.
        """
        if self.topic not in JOINED or earlier.values.get("run") != self.values.get("run"):
            return self
        lists = {
            name: [*earlier.values.get(name, ()), *value]
            for name, value in self.values.items()
            if isinstance(value, list)
        }
        return replace(self, values={**self.values, **JOINED[self.topic](lists)})


def _newest(most: int) -> Callable[[dict[str, list[Any]]], dict[str, list[Any]]]:
    """Return a function that keeps the last items of lists."""
    return lambda lists: {name: each[-most:] for name, each in lists.items()}


# Topics whose events hold lists that add up, and how these are kept short.
JOINED: dict[str, Callable[[dict[str, list[Any]]], dict[str, list[Any]]]] = {
    "metrics": averaged, "epochs": _newest(MOST_ROWS), "record": _newest(MOST_LINES),
    "changes": _newest(MOST_LINES),
}  # fmt: skip


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

    def take(self, held: Collection[str] = ()) -> Event | None:
        """Return the event that has waited longest, or `None`; topics of `held` have to wait."""
        for topic in self._waiting:
            if topic not in held:
                return self._waiting.pop(topic)
        return None
