"""A pool that performs runs in the process of the test, one after the other."""

from app.errors import AppError
from app.sweep.unit import perform
from app.sweep.workers import Event, Workers
from app.training.events import Listener


class StopAfter(Listener):
    """Asks a run to stop after an epoch."""

    def __init__(self, epoch):
        self.epoch, self.done = epoch, 0

    def on_epoch(self, row):
        self.done = row["epoch"]

    def should_stop(self):
        return self.done >= self.epoch


class InProcess(Workers):
    """Performs each run as `Pool` does, and keeps the names of those that it trained.

    Args:
        stop_after: Epoch after which runs are stopped, or `None`.
        failing: Names of runs that fail.
    """

    summary = "1 at a time"

    def __init__(self, stop_after=None, failing=()):
        self.stop_after, self.failing = stop_after, failing
        self.started, self.waiting, self.closed = [], [], False

    @property
    def busy(self):
        return len(self.waiting)

    @property
    def has_free(self):
        return not self.waiting

    def start(self, run):
        self.started.append(run.name)
        self.waiting.append(run)

    def events(self, seconds):
        run = self.waiting.pop()
        if run.name in self.failing:
            yield Event(run, "failed", {"error": "it was made to fail"})
            return
        listeners = [StopAfter(self.stop_after)] if self.stop_after else []
        try:
            found = perform(run.settings, listeners)
        except AppError as error:
            yield Event(run, "failed", {"error": error.received})
            return
        yield Event(run, "done" if found.finished else "stopped", found.to_json())

    def stop(self):
        raise AssertionError("nothing asked for it")

    def close(self):
        self.closed = True


class Watching:
    """Keeps the events of a sweep."""

    def __init__(self):
        self.kinds, self.ended = [], False

    def begin(self, total, measurements):
        self.runs = total

    def event(self, event):
        self.kinds.append((event.run.name, event.kind))

    def end(self):
        self.ended = True
