"""One pool of threads for all iterators of a process, started on first use."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

# Threads start as needed; reading files may take more of them than there are cores.
_MOST_THREADS = 64

_lock = threading.Lock()
_pool: ThreadPoolExecutor | None = None
_inside = threading.local()


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share(work: Callable[[np.ndarray], None], count: int, workers: int, fewest: int = 1) -> None:
    """Call `work` with the rows 0 to `count` - 1, distributed over threads.

    Args:
        work: Function of `(R,)` row numbers that releases the GIL most of the time.
        count: Number of rows.
        workers: Largest number of threads.
        fewest: Smallest number of rows per thread.
    """
    rows = np.arange(count)
    parts = min(workers, count // fewest)
    # A thread of the pool that waited for others of it could wait for ever.
    if parts < 2 or getattr(_inside, "pool", False):
        work(rows)
        return
    list(_the_pool().map(work, np.array_split(rows, parts)))


def _the_pool() -> ThreadPoolExecutor:
    global _pool
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(_MOST_THREADS, "image-batches", initializer=_mark)
        return _pool


def _mark() -> None:
    _inside.pool = True


def _forget() -> None:
    # The threads of the parent do not exist in a forked child.
    global _pool, _lock
    _pool, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
