"""The trainer's side without a process: its runs in a thread, and what they send."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from app.web.training.commands import Command
from app.web.training.control import Control
from app.web.training.mailbox import Event
from tests.conftest import write_shapes

LAYERS = [
    {"layer": "Rescaling"},
    {"layer": "Conv2D", "filters": 4},
    {"layer": "MaxPooling2D"},
    {"layer": "Flatten"},
    {"layer": "Dropout", "rate": 0.25},
]
_PATIENCE = 120.0


class Driver:
    """Commands a trainer and waits for its events.

    Attributes:
        events: Everything that it sent.
    """

    def __init__(self, control: Control):
        self.control = control
        self.events: list[Event] = []
        self._number = 0
        self._changed = threading.Condition()

    def receive(self, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def tell(self, kind: str, **values) -> dict:
        """Send a command and return its answer."""
        self._number += 1
        after = len(self.events)
        self.control.put(Command(self._number, kind, values))
        return dict(self.wait(f"answer/{self._number}", after).values)

    def wait(self, topic: str, after: int = 0, **values) -> Event:
        """Return the first event of a topic with these values, after so many events."""
        end = time.monotonic() + _PATIENCE
        with self._changed:
            while True:
                for event in self.events[after:]:
                    if event.topic == topic and values.items() <= event.values.items():
                        return event
                if topic == "state":
                    failed = [e for e in self.events[after:] if e.values.get("state") == "failed"]
                    assert not failed, failed[0].values
                assert self._changed.wait(end - time.monotonic()), (topic, values)

    def newest(self, topic: str) -> Event:
        """Return the last event of a topic."""
        return [event for event in self.events if event.topic == topic][-1]

    def wait_for_failure(self) -> dict:
        """Return what a run that failed says."""
        end = time.monotonic() + _PATIENCE
        with self._changed:
            while True:
                for event in self.events:
                    if event.values.get("state") == "failed":
                        return dict(event.values)
                assert self._changed.wait(end - time.monotonic())

    def steps(self, count: int) -> None:
        """Train so many batches, and wait for the pause."""
        after = len(self.events)
        assert self.tell("step", batches=count)["ok"]
        self.wait("state", after, state="paused")

    def curve(self, after: int = 0) -> dict[str, list[float]]:
        """Return the points of all batches."""
        found: dict[str, list[float]] = {"step": [], "loss": [], "accuracy": []}
        for event in self.events[after:]:
            if event.topic == "metrics":
                for name, points in found.items():
                    points += event.values[name]
        return found

    def snapshots(self, after: int = 0) -> dict[int, dict[str, np.ndarray]]:
        """Return the weights by step."""
        return {
            event.values["step"]: dict(event.arrays)
            for event in self.events[after:]
            if event.topic.startswith("snapshot/")
        }


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    return write_shapes(tmp_path_factory.mktemp("live") / "shapes", count=20, side=20)


@contextmanager
def driving(folder: Path) -> Iterator[Driver]:
    from app.web.training.process import Folders
    from app.web.training.runs import Runs

    control = Control()
    driver = Driver(control)
    (folder / "scratch").mkdir(parents=True)
    (folder / "models").mkdir()
    runs = Runs(
        control, driver.receive, Folders(folder / "scratch", folder / "models", str(folder))
    )
    threading.Thread(target=runs.work, daemon=True).start()
    driver.wait("state", state="idle")
    yield driver
    driver.tell("cancel")  # whether something trains or not


@pytest.fixture
def driver(tmp_path, keras) -> Iterator[Driver]:
    with driving(tmp_path) as driver:
        yield driver


def start(driver: Driver, data: Path, layers=LAYERS, *, keep_weights=False, **settings) -> dict:
    """Start a run, wait until it is paused before its first batch, and return the answer."""
    after = len(driver.events)
    chosen = {"dataset": str(data), "epochs": 3, "batch_size": 8, "image_size": 16,
              "learning_rate": 0.01, "augment": "none", **settings}  # fmt: skip
    answer = driver.tell("start", settings=chosen, layers=layers, keep_weights=keep_weights)
    assert answer["ok"]
    driver.wait("state", after, state="paused")
    return answer
