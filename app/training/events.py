"""The events of a training run, and the way to stop one.

A run reports everything to its listeners: the console, TensorBoard, snapshots, a web page. Each of
them may ask it to stop. Listeners are called in the thread that trains; `should_stop` may return
what another thread or process has set:

    stop = threading.Event()  # or multiprocessing.Event()

    class Page(Listener):
        def on_epoch(self, row):
            queue.put(dict(row))

        def should_stop(self):
            return stop.is_set()

    train(config, listeners=[Page()])
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from app.reporting import Update

if TYPE_CHECKING:
    import keras

    from app.figures.canvas.style import Figure
    from app.training.inputs import Inputs
    from app.training.plan import Plan
    from app.training.summary import Outcome


class StopRequested(Exception):
    """A listener asked the run to stop."""


class Listener:
    """Receives the events of a run; every method does nothing unless it is overridden."""

    def on_message(self, text: str) -> None:
        """Receive a line of the run's record."""

    def on_warning(self, text: str) -> None:
        """Receive a message that must not be missed."""

    def on_progress(self, task: str, done: int, total: int, in_bytes: bool) -> None:
        """Receive the progress of work outside of epochs; at its end `done` equals `total`."""

    def on_plan(self, plan: Plan) -> None:
        """Receive what will be done, before Keras starts and anything is decoded."""

    def on_inputs(self, inputs: Inputs) -> None:
        """Receive the decoded images, before the first epoch."""

    def on_fit_begin(self) -> None:
        """Prepare for the first epoch."""

    def on_batch(self, done: int, total: int) -> None:
        """Receive the number of finished training batches of the epoch."""

    def on_epoch(self, row: Mapping[str, float]) -> None:
        """Receive the results of an epoch after they were written to disk.

        Args:
            row: The row of the history: `epoch`, `accuracy`, `loss`, `val_accuracy`, `val_loss`,
                `learning_rate`, `images_per_second`, `seconds`; `val_balanced_accuracy` if classes
                differ in size; and `epochs`, their number,
                `is_best`, 1 if no earlier epoch was better, and `seconds_left`, an estimate.
        """

    def on_figure(self, name: str, figure: Figure) -> None:
        """Receive a figure, such as `curves` at the end, or `snapshot` after an epoch."""

    def on_fit_end(self) -> None:
        """Clean up after the last epoch, also if training was stopped or failed."""

    def on_end(self, outcome: Outcome) -> None:
        """Receive the result, after the model was saved."""

    def should_stop(self) -> bool:
        """Return whether to stop; asked after every batch and every decoded image."""
        return False

    def callbacks(self) -> Sequence[keras.callbacks.Callback]:
        """Return Keras callbacks to train with."""
        return ()


class Events:
    """Passes the events of a run to its listeners, and asks them whether to stop.

    It is also a `Reporter`, whose messages and progress are events.

    Args:
        listeners: Listeners in the order in which they are called.
    """

    def __init__(self, listeners: Sequence[Listener] = ()):
        self.listeners = list(listeners)
        self._agree: Callable[[bool], bool] = bool

    def emit(self, event: str, *details: Any) -> None:
        """Call a method of every listener, such as `on_epoch`."""
        for listener in self.listeners:
            getattr(listener, event)(*details)

    def info(self, *lines: str) -> None:
        """Report lines of the run's record."""
        for line in lines:
            self.emit("on_message", line)

    def warning(self, *lines: str) -> None:
        """Report what must not be missed."""
        for line in lines:
            self.emit("on_warning", line)

    @contextmanager
    def progress(self, description: str, *, in_bytes: bool = False) -> Iterator[Update]:
        """Yield `update(done, total)`, which raises `StopRequested` if a listener asks for it."""
        latest = 0

        def update(done: int, total: int) -> None:
            nonlocal latest
            latest = total
            self.emit("on_progress", description, done, total, in_bytes)
            self.check()

        try:
            yield update
        finally:
            self.emit("on_progress", description, latest, latest, in_bytes)

    @contextmanager
    def fitting(self, agree: Callable[[bool], bool] = bool) -> Iterator[None]:
        """Report that the epochs begin, and at the end of the block that they have ended.

        Args:
            agree: Returns whether to stop, given whether a listener asks for it.
        """
        with ExitStack() as stack:
            stack.callback(setattr, self, "_agree", bool)
            self._agree = agree
            for listener in self.listeners:
                stack.callback(listener.on_fit_end)
                listener.on_fit_begin()
            yield

    def check(self) -> None:
        """Raise `StopRequested` if any listener asks the run to stop."""
        if self._agree(any(listener.should_stop() for listener in self.listeners)):
            raise StopRequested

    def callbacks(self) -> list[keras.callbacks.Callback]:
        """Return the Keras callbacks of all listeners."""
        return [callback for listener in self.listeners for callback in listener.callbacks()]
