"""What a Dask worker does: check that it computes as the sweep's machine, and perform runs.

A worker performs one run at a time, whatever the number of its threads: those are for the run.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import app
from app.config import RunSettings
from app.data.registry import default_data_dir, load_dataset
from app.errors import AppError
from app.references import import_module
from app.sweep.cluster.archive import pack, unpack
from app.sweep.design import Run
from app.sweep.pool import Pool
from app.sweep.record import PROBE
from app.sweep.workers import ENDS

_WAIT = 0.5  # seconds between two looks at whether to stop
_one_run = threading.Lock()
_pools: dict[str, Pool] = {}  # by the mark of the sweep; one at most
_stopped: set[str] = set()
_checked: set[Site] = set()


@dataclass(frozen=True)
class Site:
    """The machine that a sweep was started on: what its workers must agree with.

    Attributes:
        mark: Text that no other sweep has.
        directory: Directory that the sweep was started in; relative paths begin there.
        folder: Folder of the sweep, absolute.
        settings: Settings of all runs.
        images: Pairs of a split and the fingerprint of its images.
        modules: Modules with layers of the user's own.
        version: Version of convlab.
    """

    mark: str
    directory: str
    folder: str
    settings: RunSettings
    images: tuple[tuple[str, str], ...]
    modules: tuple[str, ...] = ()
    version: str = app.__version__


class Returned(NamedTuple):
    """What a worker returns of a run.

    Attributes:
        kind: Kind of the event that ends it.
        details: Details of the event.
        archive: Archive of what the run has saved; `None` if it is in the folder of the sweep.
    """

    kind: str
    details: Mapping[str, Any]
    archive: bytes | None = None


def problem_of(site: Site) -> str | None:
    """Return why this worker cannot perform the runs of a sweep, or `None`."""
    with _one_run, _at(site):
        return _problem(site)


def request_stop(mark: str) -> None:
    """Ask this worker to stop the run of a sweep after the batch, and to start no other."""
    _stopped.add(mark)


def perform_task(site: Site, run: Run, unfinished: bytes) -> Returned:
    """Perform a run in a process of its own.

    Keras draws its seeds from Python's random numbers, which Dask's threads use as well: in their
    process, the same run would not have the same results.

    Args:
        site: Machine that the sweep was started on.
        run: Run to perform.
        unfinished: Archive of its checkpoint, for a worker that does not see it.
    """
    link = _Link(site, run.name)
    with _one_run, _at(site) as sees_folder:
        if link.should_stop():
            return Returned("stopped", {})
        problem = _problem(site)
        if problem is not None:
            return Returned("failed", {"error": f"On a worker: {problem}"})
        if sees_folder:
            return Returned(*_performed(site, run, link))
        with tempfile.TemporaryDirectory(prefix="convlab-") as folder:
            unpack(unfinished, Path(folder))
            there = replace(run, settings=replace(run.settings, output=folder))
            kind, details = _performed(site, there, link)
            return Returned(kind, details, pack(Path(folder).iterdir()))


def release(mark: str | None = None) -> None:
    """End the process of a sweep, if this worker has one; of any sweep if none is named."""
    for other in [other for other in _pools if mark in (None, other)]:
        _pools.pop(other).close()


class _Link:
    """The connection of a run with its sweep; it begins by reporting the start.

    Args:
        site: Machine that the sweep was started on.
        name: Name of the run.
    """

    def __init__(self, site: Site, name: str):
        from distributed import get_worker

        self._mark, self._name = site.mark, name
        self._worker = get_worker()
        self._key = self._worker.get_current_task()
        self.send("started", {"worker": str(self._worker.name)})

    def send(self, kind: str, details: Mapping[str, Any]) -> None:
        """Send an event."""
        message = {"run": self._name, "kind": kind, "details": dict(details)}
        self._worker.log_event(self._mark, message)

    def should_stop(self) -> bool:
        """Return whether the run was asked to stop, or nobody waits for it."""
        from distributed import Status

        task = self._worker.state.tasks.get(self._key)
        forgotten = task is None or task.state == "cancelled"
        lost = self._worker.status in (Status.closing, Status.closed, Status.failed)
        return self._mark in _stopped or forgotten or lost


def _performed(site: Site, run: Run, link: _Link) -> tuple[str, Mapping[str, Any]]:
    """Perform a run in the process of this sweep; return the event that ends it."""
    if site.mark not in _pools:
        release()  # what a sweep left that was killed
        from distributed import get_worker

        # Dask's own supervisor makes workers daemons, which may not start processes.
        multiprocessing.current_process().daemon = False
        _pools[site.mark] = Pool(1, site.modules, get_worker().state.nthreads)
    pool, asked = _pools[site.mark], False
    pool.start(run)
    while True:
        for event in pool.events(_WAIT):
            if event.kind in ENDS:
                if asked:
                    release(site.mark)
                return event.kind, event.details
            link.send(event.kind, event.details)
        if not asked and link.should_stop():
            asked = True
            pool.stop()


@contextmanager
def _at(site: Site) -> Iterator[bool]:
    """Go to the sweep's directory, if this machine sees its folder; yield whether it does."""
    before = Path.cwd()
    try:
        seen = (Path(site.folder) / PROBE).read_text("utf-8") == site.mark
        if seen:
            os.chdir(site.directory)
    except OSError:
        seen = False
    try:
        yield seen
    finally:
        os.chdir(before)


def _problem(site: Site) -> str | None:
    if site in _checked:
        return None
    if site.version != app.__version__:
        return f"its convlab is {app.__version__}, not {site.version}."
    base = site.settings
    try:
        for name in site.modules:
            import_module(name, f"--import {name}")
        # A worker that took the stand-in in silence would train on other images.
        found = load_dataset(
            base.dataset,
            Path(base.data_dir) if base.data_dir else default_data_dir(),
            protocol=base.protocol,
            stand_in="always" if base.stand_in == "always" else "never",
        ).fingerprints()
    except AppError as error:
        return " ".join(filter(None, (error.received, error.expected, error.fix)))
    if tuple(found.items()) != site.images:
        return f"its images of '{base.dataset}' are not those of the sweep."
    _checked.add(site)
    return None
