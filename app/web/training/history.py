"""What a viewer who comes late has to be told: the newest of each topic, curves, snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.web.errors import PublicError
from app.web.training.mailbox import JOINED, Event

MOST_BYTES = 64_000_000  # of all snapshots
# Of a run: the next one makes them meaningless.
_OF_A_RUN = (
    "metrics", "epochs", "weights", "gradients", "batch", "validation", "hardest", "settings",
    "changes",
)  # fmt: skip
_SNAPSHOT = "snapshot/"


class History:
    """The events of a run that still matter, in bounded memory."""

    def __init__(self) -> None:
        self._newest: dict[str, Event] = {}
        self._snapshots: dict[int, Event] = {}
        self._run = 0

    def add(self, event: Event) -> None:
        """Remember an event."""
        if event.topic == "network" and event.values["run"] != self._run:
            self._run = event.values["run"]
            self._snapshots.clear()
            for topic in _OF_A_RUN:
                self._newest.pop(topic, None)
        elif event.topic == "network":
            self._go_back(event.values["step"])
        if event.topic.startswith(_SNAPSHOT):
            self._snapshots[event.values["step"]] = event
            self._thin()
            return
        earlier = self._newest.pop(event.topic, None)
        if earlier is not None and event.topic in JOINED:
            event = event.after(earlier)
        self._newest[event.topic] = event

    def events(self) -> Iterator[Event]:
        """Return what a new viewer gets, the network first."""
        for topic in sorted(self._newest, key=lambda topic: topic != "network"):
            yield self._newest[topic]
        if self._snapshots:
            yield self.steps()

    def steps(self) -> Event:
        """Return the steps of which there are snapshots, in order."""
        ordered = sorted(self._snapshots)
        epochs = [self._snapshots[step].values["epoch"] for step in ordered]
        return Event("snapshots", {"run": self._run, "steps": ordered, "epochs": epochs})

    def snapshot(self, step: int) -> Event:
        """Return the weights after so many steps.

        Raises:
            PublicError: If there is no such snapshot (any more).
        """
        if step not in self._snapshots:
            raise PublicError(
                "There is no snapshot of this step.", "Expected one of the topic `snapshots`.",
                http_status=404,
            )  # fmt: skip
        return self._snapshots[step]

    def _go_back(self, step: int) -> None:
        """Forget what came after a step, from which a run that was stopped goes on."""
        for after in [one for one in self._snapshots if one > step]:
            del self._snapshots[after]
        points = self._newest.get("metrics")
        if points is not None:
            count = sum(one <= step for one in points.values["step"])
            kept = {
                name: value[:count] if isinstance(value, list) else value
                for name, value in points.values.items()
            }
            self._newest["metrics"] = replace(points, values=kept)
        changes = self._newest.get("changes")
        if changes is not None:
            before = [one for one in changes.values["changes"] if one["step"] <= step]
            self._newest["changes"] = replace(changes, values={**changes.values, "changes": before})

    def _thin(self) -> None:
        """Forget every second snapshot, but neither the first nor the last, if there are many."""
        while self._size() > MOST_BYTES and len(self._snapshots) > 2:
            ordered = sorted(self._snapshots)
            for step in ordered[1:-1:2]:
                del self._snapshots[step]

    def _size(self) -> int:
        return sum(
            array.nbytes for event in self._snapshots.values() for array in event.arrays.values()
        )
