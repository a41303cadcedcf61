"""Worker processes that share the cores, each of which performs one run at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import psutil

from app.config import RunSettings
from app.errors import AppError
from app.processes import WorkerProcess, num_cores
from app.sweep.design import Run
from app.sweep.worker import work
from app.sweep.workers import ENDS, Event, Workers

_BYTES_PER_JOB = 1_500_000_000
# Every library that a run computes with has threads of its own.
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM",
    "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
    "NPROC",  # XLA on CPUs
)  # fmt: skip
# Several processes on one accelerator: none takes all of its memory at once.
_SHARED_MEMORY = {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}


def default_jobs(runs: int) -> int:
    """Return the number of processes: one per core, if there are as many runs and the memory."""
    by_memory = psutil.virtual_memory().available // _BYTES_PER_JOB
    return max(1, min(runs, num_cores(), by_memory))


class _Worker(WorkerProcess):
    """A process and the run that it performs, if any."""

    def __init__(self, threads: int, modules: Sequence[str]):
        chosen = {**dict.fromkeys(_THREAD_VARIABLES, str(threads)), **_SHARED_MEMORY}
        super().__init__(work, (tuple(modules),), chosen)
        self.run: Run | None = None


class Pool(Workers):
    """Worker processes; one that failed is replaced, so that no run suffers from another.

    Args:
        jobs: Number of processes, at least 1.
        modules: Modules with layers of the user's own.
        threads: Number of threads of each; `None` to share the cores.
    """

    def __init__(self, jobs: int, modules: Sequence[str] = (), threads: int | None = None):
        if not 1 <= jobs <= 1_024:
            raise AppError(
                f"--jobs is {jobs}.", "Expected a whole number from 1 to 1,024.",
                f"One per core: --jobs {num_cores()}",
            )  # fmt: skip
        self.jobs = jobs
        self.threads = threads or max(1, num_cores() // jobs)
        self._modules = modules
        self._workers: list[_Worker] = []
        self._stopped = False

    @property
    def summary(self) -> str:
        """How many runs are performed at a time, with how many threads."""
        return f"{self.jobs} at a time with {self.threads} thread{'s' * (self.threads > 1)} each"

    @property
    def busy(self) -> int:
        """Number of runs that are performed."""
        return sum(worker.run is not None for worker in self._workers)

    @property
    def has_free(self) -> bool:
        """Whether a run can be started at once."""
        return self.busy < self.jobs and not self._stopped

    def prepare(self, folder: Path, settings: RunSettings, images: Mapping[str, str]) -> None:
        """Do nothing: the processes see what this one sees."""

    def start(self, run: Run) -> None:
        """Start a run in a free process."""
        worker = next((one for one in self._workers if one.run is None), None)
        if worker is None:
            worker = _Worker(self.threads, self._modules)
            self._workers.append(worker)
        worker.run = run
        with suppress(OSError):  # it has died, which `events` reports
            worker.pipe.send(run.settings)

    def events(self, seconds: float) -> Iterator[Event]:
        """Yield what has happened, after waiting at most so many seconds for it."""
        by_pipe: dict[Any, _Worker] = {worker.pipe: worker for worker in self._workers}
        for pipe in wait(list(by_pipe), seconds):
            worker = by_pipe[pipe]
            kind, details = _received(worker)
            run = worker.run
            if kind == "failed":
                worker.end()
                self._workers.remove(worker)
            elif kind in ENDS:
                worker.run = None
            if run is not None:
                yield Event(run, kind, details)

    def stop(self) -> None:
        """Ask all runs to stop after the batch, and start no other."""
        self._stopped = True
        for worker in self._workers:
            with suppress(OSError):
                worker.pipe.send(None)

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.end()
        self._workers = []


def _received(worker: _Worker) -> tuple[str, Mapping[str, Any]]:
    """Return the next message of a process, or how it ended."""
    pipe: Connection = worker.pipe
    try:
        return pipe.recv()
    except (EOFError, OSError):
        reason = worker.ending("runs at a time")
        return "failed", {"error": f"Its process was ended {reason}."}
