"""A run that the page watches and steers: after each batch it reports, and obeys what was said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import keras
import numpy as np

from app.data.dataset import Dataset
from app.errors import AppError
from app.training.events import Listener, StopRequested
from app.training.inputs import Inputs
from app.training.plan import Plan
from app.web.errors import PublicError, error_json
from app.web.training.commands import Command
from app.web.training.control import Abandoned, Control
from app.web.training.display import Display, Where
from app.web.training.dissection import Dissection, dissect, finished
from app.web.training.live_settings import change
from app.web.training.mailbox import Event
from app.web.training.readings import Readings, attach_variables


class Live(Listener, keras.callbacks.Callback):
    """Reports a run to the page, and lets the page steer it.

    Args:
        run: Number of the run; one that is resumed has the same.
        control: Commands of the page.
        send: Called with each event.
        answer: Called with a command and the values of its answer.
        prepare: Obeys `prepare`, which has nothing to do with the run.
    """

    def __init__(
        self,
        run: int,
        control: Control,
        send: Callable[[Event], None],
        answer: Callable[[Command, Mapping[str, Any]], None],
        prepare: Callable[[Command], dict[str, Any]],
    ):
        keras.callbacks.Callback.__init__(self)
        self._run = run
        self._control = control
        self._send = send
        self._answer = answer
        self._prepare = prepare
        self._step = self._epoch = self._batch = 0
        self._dissection: Dissection | None = None
        self.to_save: Command | None = None

    # What a run tells its listeners.

    def on_message(self, text: str) -> None:
        """Show a line of the run's record."""
        self._send(Event("record", {"run": self._run, "lines": [text]}))

    def on_warning(self, text: str) -> None:
        """Show a warning."""
        self._send(Event("record", {"run": self._run, "lines": [text]}))

    def on_progress(self, task: str, done: int, total: int, in_bytes: bool) -> None:
        """Show the progress of loading."""
        self._send(Event("progress", {"task": task, "done": done, "total": total}))

    def on_plan(self, plan: Plan) -> None:
        """Remember the plan."""
        self._plan = plan

    def on_inputs(self, inputs: Inputs) -> None:
        """Remember the images."""
        self._inputs = inputs

    def callbacks(self) -> Sequence[keras.callbacks.Callback]:
        """Return itself: the network is needed."""
        return [self]

    def should_stop(self) -> bool:
        """Return whether the run is to be saved: it stops after an epoch, and goes on later."""
        return self.to_save is not None

    def on_epoch(self, row: Mapping[str, float]) -> None:
        """Show the results of an epoch."""
        self._display.report_curve()
        self._send(Event("epochs", {"run": self._run, "rows": [dict(row)]}))

    # What Keras tells its callbacks.

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Show the network before its first batch."""
        self._step = int(self.model.optimizer.iterations)
        self._readings = Readings(self._plan, self.model)
        self._display = Display(self._run, self._readings, self._inputs, self._send)
        self._display.show_start(self._plan, self._step)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begin an epoch."""
        self._epoch = epoch
        self._display.values.begin_epoch()

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Obey what was said, and wait while training is paused."""
        self._batch = batch
        self._control.before_batch(self._obey, self._show_pause)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the batch, and show what it is time to show."""
        self._step += 1
        self._show_dissection()
        self._display.show_batch(self._where, logs or {})

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep the weights of the epoch, and show how it predicts validation images."""
        self._display.keep_snapshot(self._where)
        self._display.show_validation(self._where)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Show how the run ends; what follows, such as saving, takes a while."""
        self._display.show_pause(self._where)
        self._send(Event("state", self._state("saving")))

    @property
    def _where(self) -> Where:
        return Where(self._step, self._epoch, self._batch)

    def _state(self, name: str) -> dict[str, Any]:
        """Return where the run is."""
        return {
            "state": name, **self._where._asdict(),
            "learning_rate": float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)),
        }  # fmt: skip

    def _show_pause(self) -> None:
        attach_variables(self.model)
        self._display.show_pause(self._where._replace(batch=max(0, self._batch - 1)))
        self._send(Event("state", self._state("paused")))

    def dataset_without(self, positions: Sequence[int]) -> Dataset:
        """Return the dataset without training images at these positions."""
        examples = self._inputs.splits["train"].examples
        left = np.setdiff1d(np.arange(len(examples)), positions)
        return replace(self._plan.dataset, train=examples.take(left))

    # What is obeyed.

    def _obey(self, command: Command) -> None:
        attach_variables(self.model)
        try:
            self._answer(command, _OBEYED[command.kind](self, command))
        except AppError as error:
            self._answer(command, error_json(error))

    def _play(self, _: Command) -> dict[str, Any]:
        self._control.playing = True
        self._send(Event("state", self._state("running")))
        return {}

    def _pause(self, _: Command) -> dict[str, Any]:
        self._control.stop()
        return {}

    def _take_steps(self, command: Command) -> dict[str, Any]:
        self._control.stop()
        self._control.steps_left = command.values["batches"]
        self._send(Event("state", self._state("running")))
        return {}

    def _set(self, command: Command) -> dict[str, Any]:
        ranges = None if self._plan.randomization is not None else self._plan.augmentation
        changed = change(self.model, self._inputs.training, ranges, command.values)
        self._send(Event("settings", changed))
        change_here = {"step": self._step, **changed}
        self._send(Event("changes", {"run": self._run, "changes": [change_here]}))
        return changed

    def _hardest(self, command: Command) -> dict[str, Any]:
        if not self._control.is_paused:
            raise PublicError("The network trains.", "Expected a pause.", "Press Pause first.")
        split = self._inputs.splits["train"]
        labels = split.examples.labels
        found = self._readings.hardest(split.images, labels, command.values["count"])
        self._send(Event("hardest", {"step": self._step}, found))
        return {}

    def _dissect(self, command: Command) -> dict[str, Any]:
        """Make the next step in slow motion."""
        if not self._control.is_paused:
            raise PublicError("The network trains.", "Expected a pause.", "Press Pause first.")
        batch = self._inputs.training.again(self._batch)
        self._dissection = dissect(self.model, command.values["layer"], batch)
        self._control.steps_left = 1
        return {}

    def _show_dissection(self) -> None:
        if self._dissection is None:
            return
        attach_variables(self.model)
        made, self._dissection = finished(self.model, self._dissection), None
        self._send(Event("dissection", {**made.values, "step": self._step}, made.arrays))

    def _save(self, command: Command) -> NoReturn:
        if self._epoch == 0:
            raise PublicError(
                "No epoch is finished yet.", "Expected at least one: the best one is saved.",
                "Let it train to the end of the first epoch.",
            )  # fmt: skip
        self.to_save = command
        raise StopRequested

    def _leave(self, command: Command) -> NoReturn:
        raise Abandoned(command)


_OBEYED: dict[str, Callable[[Live, Command], dict[str, Any]]] = {
    "play": Live._play,
    "pause": Live._pause,
    "step": Live._take_steps,
    "set": Live._set,
    "hardest": Live._hardest,
    "dissect": Live._dissect,
    "save": Live._save,
    "prepare": lambda live, command: live._prepare(command),
    "start": Live._leave,
    "drop": Live._leave,
    "rewind": Live._leave,
    "cancel": Live._leave,
}
