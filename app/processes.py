"""Worker processes: their share of the cores, what they inherit, and how they ended."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess

# Threads that one of several processes uses to decode and to predict; unset for one per core.
THREADS = "CONVLAB_THREADS"
END_SECONDS = 3.0
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


@contextmanager
def inherited(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables that a new process inherits, unless the user has set them."""
    added = {name: value for name, value in variables.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


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


def end(process: BaseProcess) -> None:
    """End a worker whose pipe is closed: by itself, or by force."""
    process.join(END_SECONDS)
    if process.is_alive():
        process.kill()
        process.join(END_SECONDS)


def ending_of(process: BaseProcess, several: str) -> str:
    """Return how a worker ended.

    Args:
        process: Process whose pipe has ended.
        several: What needed the memory, such as `runs at a time`.
    """
    process.join(END_SECONDS)
    status = process.exitcode
    if status is None or status >= 0:
        return f"with status {status}"
    advice = f"; perhaps the memory did not suffice: repeat with fewer {several}"
    return f"by signal {-status}{advice if -status == 9 else ''}"
