"""Listeners that come with the program: the console, and TensorBoard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from app.config import TENSORBOARD
from app.reporting import CONSOLE, Reporter, format_duration
from app.signals import noting_requests, stop_requested
from app.training.events import Listener

if TYPE_CHECKING:
    import keras

    from app.training.inputs import Inputs

_HEADER = "  epoch   accuracy  {}      loss  val. loss  images/s      left"


class Console(Listener):
    """Prints a line per message and per epoch, draws progress bars, and stops on signals.

    While a network trains, Ctrl-C, SIGTERM and SIGHUP stop it after the batch; a second one ends
    the process.

    Args:
        reporter: Reporter that prints messages and draws progress bars.
    """

    def __init__(self, reporter: Reporter = CONSOLE):
        self.reporter = reporter
        self._bar = ExitStack()
        self._task = ""
        self._update: Callable[[int, int], None] = lambda done, total: None
        self._signals = ExitStack()
        self._unbalanced = False

    def on_inputs(self, inputs: Inputs) -> None:
        """Note whether the table has balanced accuracies, which select an epoch then."""
        self._unbalanced = inputs.unbalanced

    def on_message(self, text: str) -> None:
        """Print the line."""
        self.reporter.info(text)

    def on_warning(self, text: str) -> None:
        """Print the warning."""
        self.reporter.warning(text)

    def on_progress(self, task: str, done: int, total: int, in_bytes: bool) -> None:
        """Draw a bar, which disappears when the task is done."""
        if task != self._task:
            self._bar.close()
            self._task = task
            self._update = self._bar.enter_context(self.reporter.progress(task, in_bytes=in_bytes))
        self._update(done, total)
        if done == total:
            self._bar.close()
            self._task = ""

    def on_fit_begin(self) -> None:
        """Print the header of the table of epochs, and handle signals."""
        self._signals.enter_context(noting_requests())
        self._update = self._bar.enter_context(self.reporter.progress("epoch"))
        self.reporter.info(_HEADER.format("val. bal." if self._unbalanced else "val. acc."))

    def on_batch(self, done: int, total: int) -> None:
        """Advance the bar of the epoch."""
        self._update(done, total)

    def on_epoch(self, row: Mapping[str, float]) -> None:
        """Print a row of the table; a star marks the best epoch so far."""
        mark = "*" if row["is_best"] else " "
        accuracy = row["val_balanced_accuracy" if self._unbalanced else "val_accuracy"]
        self.reporter.info(
            f"{row['epoch']:3d}/{row['epochs']:<3d}   {row['accuracy']:8.4f}  "
            f"{accuracy:8.4f}{mark} {row['loss']:9.4f}  {row['val_loss']:9.4f}  "
            f"{row['images_per_second']:8.0f}  {format_duration(row['seconds_left']):>8}"
        )

    def on_fit_end(self) -> None:
        """Remove the bar, and handle signals as before."""
        self._bar.close()
        self._signals.close()

    def should_stop(self) -> bool:
        """Return whether a signal asked the process to stop."""
        return stop_requested()


class TensorBoard(Listener):
    """Writes TensorBoard logs.

    Args:
        model_folder: Folder of the model; the logs are written next to it, in `NAME.tensorboard`.
    """

    def __init__(self, model_folder: Path):
        self.folder = model_folder.with_name(f"{model_folder.name}{TENSORBOARD}")

    def callbacks(self) -> Sequence[keras.callbacks.Callback]:
        """Return Keras's own callback."""
        from keras.callbacks import TensorBoard as KerasTensorBoard

        return [KerasTensorBoard(self.folder)]
