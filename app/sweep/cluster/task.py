"""What a Dask worker does: check that it computes as the sweep's machine, and perform runs.

A worker performs one run at a time, whatever the number of its threads: those are for the run.
"""

from __future__ import annotations

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
from app.sweep.pool import compute_variables
from app.sweep.record import PROBE
from app.sweep.worker import Sender, performed

_one_run = threading.Lock()
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


def perform_task(site: Site, settings: RunSettings, unfinished: bytes) -> Returned:
    """Perform a run.

    Args:
        site: Machine that the sweep was started on.
        settings: Settings of the run.
        unfinished: Archive of its checkpoint, for a worker that does not see it.
    """
    sender = _sender(site, str(settings.name))
    with _one_run, _at(site) as sees_folder:
        if sender.should_stop():
            return Returned("stopped", {})
        problem = _problem(site)
        if problem is not None:
            return Returned("failed", {"error": f"On a worker: {problem}"})
        if sees_folder:
            return Returned(*performed(settings, sender, site.modules))
        with tempfile.TemporaryDirectory(prefix="convlab-") as folder:
            unpack(unfinished, Path(folder))
            there = replace(settings, output=folder)
            kind, details = performed(there, sender, site.modules)
            return Returned(kind, details, pack(Path(folder).iterdir()))


def _sender(site: Site, name: str) -> Sender:
    """Return the sender of a run's events; the first of them says that it begins."""
    from distributed import Status, get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def send(kind: str, details: Mapping[str, Any]) -> None:
        worker.log_event(site.mark, {"run": name, "kind": kind, "details": dict(details)})

    def stopped() -> bool:
        task = worker.state.tasks.get(key)
        # Without its scheduler, or the sweep that waits for it, a run would train for nobody.
        forgotten = task is None or task.state == "cancelled"
        lost = worker.status in (Status.closing, Status.closed, Status.failed)
        return site.mark in _stopped or forgotten or lost

    send("started", {"worker": str(worker.name)})
    return Sender(send, stopped)


@contextmanager
def _at(site: Site) -> Iterator[bool]:
    """Go to the sweep's directory, if this machine sees its folder; yield whether it does."""
    from distributed import get_worker

    for name, value in compute_variables(get_worker().state.nthreads).items():
        os.environ.setdefault(name, value)
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
