"""What a run shows of itself: curves often, the network and a batch when it costs little."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from app.training.inputs import Inputs
from app.training.plan import Plan
from app.web.training.curve import BatchValues
from app.web.training.losses import Batch
from app.web.training.mailbox import Event
from app.web.training.readings import Readings, statistics

_METRICS_SECONDS = 0.1
_WEIGHTS_SECONDS = _BATCH_SECONDS = 0.5
_GRADIENTS_SECONDS = 2.0
_SHARE = 0.006  # of the time may go into each of them
_STRIP = 24  # validation images that are always shown
_CONFUSED = 1_000  # validation images of the confusion matrix
_SHOWN_BYTES = 2_000_000  # of the images of its cells


class Where(NamedTuple):
    """Where a run is.

    Attributes:
        step: Number of batches that are done.
        epoch: Epoch, counted from 0.
        batch: Batch of the epoch, counted from 0.
    """

    step: int
    epoch: int
    batch: int


class Pace:
    """Says when something that takes time may be shown again.

    Args:
        seconds: Least time between two of them.
    """

    def __init__(self, seconds: float):
        self._seconds = seconds
        self._next = 0.0
        self._is_first = True

    def is_due(self) -> bool:
        """Return whether it is time."""
        return time.monotonic() >= self._next

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Do it, and rest long enough afterwards, but not for the first time, which compiles."""
        started = time.monotonic()
        yield
        ended = time.monotonic()
        cost = 0.0 if self._is_first else ended - started
        self._is_first = False
        self._next = ended + max(self._seconds, cost / _SHARE)


class Display:
    """Sends what is shown of a run.

    Args:
        run: Number of the run.
        readings: Reads the network.
        inputs: Images of the run.
        send: Called with each event.

    Attributes:
        values: Values of single batches.
    """

    def __init__(self, run: int, readings: Readings, inputs: Inputs, send: Callable[[Event], None]):
        self.values = BatchValues()
        self._run = run
        self._readings = readings
        self._inputs = inputs
        self._send = send
        self._points: dict[str, list[float]] = {"step": [], "loss": [], "accuracy": []}
        self._next_report = 0.0
        self._next_snapshot = 1
        self._shown = {
            self._show_weights: Pace(_WEIGHTS_SECONDS),
            self._show_batch: Pace(_BATCH_SECONDS),
            self._show_gradients: Pace(_GRADIENTS_SECONDS),
        }

    def show_start(self, plan: Plan, step: int) -> None:
        """Show the network before its first batch, after `step` batches of an earlier part."""
        while self._next_snapshot <= step:
            self._next_snapshot *= 2
        facts = {
            "classes": list(plan.dataset.class_names),
            "batches": self._inputs.training.num_batches,
            "epochs": len(plan.sides),
            "parameters": self._readings.parameters,
            "augmentation": plan.configuration["augment"],
            "step": step,
            "run": self._run,
        }
        program = np.frombuffer(self._readings.program(), np.uint8)
        self._send(Event("network", facts, {"program": program}))
        where = Where(step, 0, 0)
        if step == 0:
            self.keep_snapshot(where)
        self.show_validation(where)

    def show_batch(self, where: Where, means: Mapping[str, Any]) -> None:
        """Note a batch, and show what it is time to show."""
        images = len(self._inputs.training.positions(where.batch))
        found = self.values.values(
            {name: means[name] for name in ("loss", "accuracy") if name in means}, images
        )
        self._points["step"].append(where.step)
        for name, value in found.items():
            self._points[name].append(value)
        now = time.monotonic()
        if now >= self._next_report:
            self.report_curve()
        if where.step >= self._next_snapshot:
            self._next_snapshot *= 2
            self.keep_snapshot(where)
        else:
            self._show(where)

    def report_curve(self) -> None:
        """Send the points that are new."""
        self._next_report = time.monotonic() + _METRICS_SECONDS
        if self._points["step"]:
            points = {name: list(each) for name, each in self._points.items()}
            self._send(Event("metrics", {"run": self._run, **points}))
            for each in self._points.values():
                each.clear()

    def show_pause(self, where: Where) -> None:
        """Show everything as it stands."""
        self.report_curve()
        if where.step:
            self._show(where, everything=True)

    def _show(self, where: Where, *, everything: bool = False) -> None:
        @cache
        def batch() -> Batch:  # made again, at most once
            return self._inputs.training.again(where.batch)

        for show, pace in self._shown.items():
            if everything or pace.is_due():
                with pace.measured():
                    show(where, batch)

    def _show_weights(self, where: Where, _: Callable[[], Batch]) -> None:
        weights = self._readings.weights()
        facts = {**where._asdict(), "statistics": statistics(weights)}
        self._send(Event("weights", facts, weights))

    def _show_batch(self, where: Where, batch: Callable[[], Batch]) -> None:
        images, targets, *_ = batch()
        losses = self._readings.losses(images, targets).astype(np.float32)
        labels = np.asarray(targets, np.float32)
        arrays = {"images": images, "labels": labels, "losses": losses}
        self._send(Event("batch", where._asdict(), arrays))

    def _show_gradients(self, where: Where, batch: Callable[[], Batch]) -> None:
        gradients = self._readings.gradients(*batch())
        facts = {**where._asdict(), "statistics": statistics(gradients)}
        self._send(Event("gradients", facts, gradients))

    def keep_snapshot(self, where: Where) -> None:
        """Send the weights, to be kept."""
        weights = self._readings.weights()
        self._send(Event(f"snapshot/{where.step}", where._asdict(), weights))

    def show_validation(self, where: Where) -> None:
        """Show how validation images are predicted; no test image is ever looked at."""
        split = self._inputs.splits["validation"]
        chosen = _spread(len(split.examples.labels), _CONFUSED)
        labels = split.examples.labels[chosen]
        images = split.images[chosen]
        probabilities = self._readings.probabilities(images)
        predicted = probabilities.argmax(axis=1)
        classes = probabilities.shape[1]
        matrix = np.zeros((classes, classes), np.int32)
        np.add.at(matrix, (labels, predicted), 1)
        shown = _shown(labels != predicted, images[0].nbytes)
        arrays = {
            "matrix": matrix, "positions": chosen[shown].astype(np.int32), "images": images[shown],
            "labels": labels[shown].astype(np.int32),
            "probabilities": probabilities[shown].astype(np.float32),
        }  # fmt: skip
        facts = {**where._asdict(), "of": len(split.examples.labels)}
        self._send(Event("validation", facts, arrays))


def _spread(count: int, most: int) -> np.ndarray:
    """Return positions at equal distances: the images may be in the order of their classes."""
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.int64)


def _shown(wrong: np.ndarray, image_bytes: int) -> np.ndarray:
    """Return positions of the images to show: always the same ones, then errors, then others."""
    first = np.isin(np.arange(len(wrong)), _spread(len(wrong), _STRIP))
    ordered = np.lexsort((~wrong | first, ~first))
    return ordered[: max(_STRIP, _SHOWN_BYTES // image_bytes)]
