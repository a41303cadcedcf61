"""What performs the runs of a sweep, processes of this machine or a cluster, as a sweep sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from app.config import RunSettings
from app.sweep.design import Run


class Event(NamedTuple):
    """What happened to a run.

    Attributes:
        run: The run.
        kind: `started`, `epoch`, `warning`, or one of `ENDS`: `done`, `stopped`, `failed`.
        details: Row of the epoch, measurement, text of the warning, or the error.
    """

    run: Run
    kind: str
    details: Mapping[str, Any]


ENDS = ("done", "stopped", "failed")


class Workers(Protocol):
    """Performs runs, several at a time."""

    @property
    def summary(self) -> str:
        """How many runs are performed at a time, such as `2 at a time with 1 thread each`."""

    @property
    def busy(self) -> int:
        """Number of runs that are performed."""

    @property
    def has_free(self) -> bool:
        """Whether a run can be started at once."""

    def prepare(self, folder: Path, settings: RunSettings, images: Mapping[str, str]) -> None:
        """Check before the first run that runs can be performed.

        Args:
            folder: Folder of the sweep, which exists.
            settings: Settings of all runs.
            images: `{split: fingerprint}` of the images of the dataset.

        Raises:
            AppError: If they cannot.
        """

    def start(self, run: Run) -> None:
        """Start a run."""

    def events(self, seconds: float) -> Iterator[Event]:
        """Yield what has happened, after waiting at most so many seconds for it."""

    def stop(self) -> None:
        """Ask all runs to stop after the batch, and start no other."""

    def close(self) -> None:
        """End whatever is performed."""
