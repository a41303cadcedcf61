"""What resuming a run needs, in a folder `NAME.unfinished`.

`state.json` is the commit point: it names the files of the last finished epoch and of the best
one, and is replaced by one rename after they are written. The history's row is written before
it, so a process killed at any moment leaves either the epoch before or the epoch after, whole.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from app.config import UNFINISHED
from app.errors import AppError
from app.files import atomic_file, flush_to_disk, lock_file, reporting_disk_errors
from app.storage.folder import HISTORY, read_history, write_history

if TYPE_CHECKING:
    import keras

STATE = "state.json"
_LOCK = "lock"
_EPOCH_FILES = ("last-*.safetensors", "best-*.safetensors")


@dataclass(frozen=True)
class State:
    """The state of a run after an epoch.

    Attributes:
        recipe: Settings that affect the model.
        fingerprints: `{split: fingerprint}` of its images.
        precision: `float32` or `bfloat16`, as decided at the start.
        epoch: Number of finished epochs.
        best_epoch: Epoch with the best of these accuracies, counted from 1; 0 before any.
        best_accuracy: Validation accuracy of that epoch, balanced if classes differ in size.
        best_loss: Validation loss of that epoch, which breaks ties.
        seconds: Time spent in training so far.
    """

    recipe: dict[str, Any]
    fingerprints: dict[str, str]
    precision: str
    epoch: int = 0
    best_epoch: int = 0
    best_accuracy: float = -1.0
    best_loss: float = float("inf")
    seconds: float = 0.0


class Checkpoint:
    """The unfinished run in a folder.

    Args:
        folder: `NAME.unfinished`.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._lock: IO[str] | None = None

    @property
    def model_folder(self) -> Path:
        """Folder of the finished model."""
        return self.folder.with_name(self.folder.name.removesuffix(UNFINISHED))

    @property
    def exists(self) -> bool:
        """Whether there is a run to resume."""
        return (self.folder / STATE).exists()

    def claim(self) -> bool:
        """Lock the folder for this process until `release`; return whether that succeeded.

        Raises:
            AppError: If the folder cannot be created.
        """
        with reporting_disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / _LOCK).open("w")
        if not lock_file(lock, self.folder / _LOCK):
            lock.close()
            return False
        self._lock = lock
        return True

    def release(self) -> None:
        """Unlock the folder; remove it unless there is a finished epoch to resume from."""
        if self._lock is None:
            return
        if not self.exists or self.read().epoch == 0:
            # Before another process can lock it.
            shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()
        self._lock = None

    def start(self, state: State) -> None:
        """Begin a new run; remove the files of an earlier one."""
        with reporting_disk_errors(self.folder):
            for pattern in (STATE, HISTORY, *_EPOCH_FILES):
                for stale in self.folder.glob(pattern):
                    stale.unlink()
        # Where files cannot be locked, this shows others that the name is taken.
        self._write_state(state)

    def read(self) -> State:
        """Return the state of the run.

        Raises:
            AppError: If the state cannot be read.
        """
        try:
            return State(**json.loads((self.folder / STATE).read_text("utf-8")))
        except (OSError, TypeError, ValueError) as error:
            raise AppError(
                f"'{self.folder / STATE}' cannot be read: {error}.",
                "Expected the state of an unfinished run.",
                "Start over with --overwrite, or under another --name.",
            ) from None

    def save_epoch(
        self, model: keras.Model, state: State, row: Mapping[str, float], is_best: bool
    ) -> None:
        """Save a finished epoch: first its row and files, then the state that names them."""
        from app.training.variables_file import save_variables

        with reporting_disk_errors(self.folder):
            last, best = self.last_variables(state.epoch), self.best_variables(state.epoch)
            try:
                self._append(row)
                save_variables(last, [*model.variables, *model.optimizer.variables])
                flush_to_disk(last)
                if is_best:
                    save_variables(best, model.variables)
                    flush_to_disk(best)
                self._write_state(state)
            except OSError:
                # On a full disk half a file would keep it full.
                last.unlink(missing_ok=True)
                best.unlink(missing_ok=True)
                raise
            keep = {last, self.best_variables(state.best_epoch)}
            for pattern in _EPOCH_FILES:
                for stale in set(self.folder.glob(pattern)) - keep:
                    stale.unlink()

    def last_variables(self, epoch: int) -> Path:
        """Return the file of the variables of network and optimizer after `epoch`."""
        return self.folder / f"last-{epoch:04d}.safetensors"

    def best_variables(self, epoch: int) -> Path:
        """Return the file of the variables of the network after the best `epoch`."""
        return self.folder / f"best-{epoch:04d}.safetensors"

    def restore(self, model: keras.Model, epoch: int) -> None:
        """Give a network of the same layers the variables after the best or the last epoch.

        Raises:
            AppError: If the file cannot be read.
        """
        from app.training.variables_file import load_variables

        best = self.best_variables(epoch)
        load_variables(best if best.exists() else self.last_variables(epoch), model.variables)

    def resume(self, model: keras.Model) -> None:
        """Give a compiled network and its optimizer the variables after the last epoch.

        Raises:
            AppError: If the file cannot be read, or is that of another network or version.
        """
        from app.training.variables_file import load_variables

        path = self.last_variables(self.read().epoch)
        load_variables(path, [*model.variables, *model.optimizer.variables])

    def history(self) -> list[dict[str, float]]:
        """Return the rows of the finished epochs."""
        return read_history(self.folder / HISTORY)[: self.read().epoch]

    def drop_later_rows(self) -> None:
        """Remove rows of an epoch whose files were not completed.

        Raises:
            AppError: If rows of finished epochs are missing.
        """
        rows, epochs = self.history(), self.read().epoch
        if len(rows) < epochs:
            raise AppError(
                f"'{self.folder / HISTORY}' has {len(rows)} whole rows.",
                f"Expected one for each of the {epochs} finished epochs.",
                "Start over: the same command with --overwrite in the place of --resume.",
            )
        with atomic_file(self.folder / HISTORY) as path:
            write_history(path, rows)
        if not rows:
            (self.folder / HISTORY).unlink()

    def finish(self) -> None:
        """Mark the run as finished: there is nothing to resume."""
        (self.folder / STATE).unlink(missing_ok=True)

    def _append(self, row: Mapping[str, float]) -> None:
        path = self.folder / HISTORY
        if not path.exists():
            write_history(path, [row])
            flush_to_disk(path)
            return
        with path.open("a", newline="", encoding="utf-8") as file:
            file.write(",".join(str(value) for value in row.values()) + "\r\n")
            file.flush()
            os.fsync(file.fileno())

    def _write_state(self, state: State) -> None:
        with atomic_file(self.folder / STATE) as path:
            path.write_text(json.dumps(asdict(state), indent=2), "utf-8")
