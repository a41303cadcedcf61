"""Worker processes: their share of the cores, what they inherit, and how they ended."""

from __future__ import annotations

import multiprocessing
import os
import signal
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

# Threads that one of several processes uses to decode and to predict; unset for one per core.
THREADS = "CONVLAB_THREADS"
_END_SECONDS = 3.0
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


def num_cores() -> int:
    """Return the number of cores that this process may use."""
    with suppress(AttributeError):  # Linux alone can tell
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def num_threads() -> int:
    """Return the number of threads that this process uses to decode and to predict."""
    given = os.environ.get(THREADS, "")
    return int(given) if given.isdecimal() and int(given) else os.cpu_count() or 1


class WorkerProcess:
    """A new process at the other end of a pipe.

    Args:
        work: Called in the process, with its end of the pipe and the arguments.
        arguments: Further arguments.
        variables: Environment variables of the process, unless the user has set them.

    Attributes:
        pipe: This end of the pipe.
        process: The process.
    """

    def __init__(
        self, work: Callable[..., None], arguments: Sequence[Any], variables: Mapping[str, str]
    ):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=work, args=(theirs, *arguments), daemon=True)
        with _inherited(variables):
            self.process.start()
        theirs.close()

    def end(self) -> None:
        """Close the pipe, at which the process ends; end it by force if it does not."""
        self.pipe.close()
        self.process.join(_END_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(_END_SECONDS)

    def ending(self, several: str) -> str:
        """Return how the process ended, whose pipe has ended.

        Args:
            several: What needed the memory, such as `runs at a time`.
        """
        self.process.join(_END_SECONDS)
        status = self.process.exitcode
        if status is None or status >= 0:
            return f"with status {status}"
        advice = f"; perhaps the memory did not suffice: repeat with fewer {several}"
        return f"by signal {-status}{advice if -status == 9 else ''}"


def become_worker() -> None:
    """Leave signals and the terminal to the parent process.

    Signals of a terminal reach the parent, which ends its workers. What libraries print is
    discarded: several processes would write into one table.
    """
    for name in _SIGNALS:
        with suppress(AttributeError, ValueError):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    warnings.simplefilter("ignore")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


@contextmanager
def _inherited(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables that a new process inherits, unless the user has set them."""
    added = {name: value for name, value in variables.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]
