"""The runs of a sweep as tasks of a Dask cluster."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from app.config import RunSettings
from app.sweep.cluster.archive import pack, unpack
from app.sweep.cluster.connection import (
    check_site,
    connect,
    connection_lost,
    reporting_loss,
    text_of_failure,
)
from app.sweep.cluster.task import Returned, Site, perform_task, release, request_stop
from app.sweep.design import Run
from app.sweep.record import PROBE
from app.sweep.unit import unfinished_folders
from app.sweep.workers import Event, Workers

if TYPE_CHECKING:
    from distributed import Future

_CLOSE_SECONDS = 3
_LARGE_GRAPH = "distributed.admin.large-graph-warning-threshold"


@dataclass
class _Task:
    run: Run
    future: Future
    starts: int = 0


class Cluster(Workers):
    """A Dask cluster, each of whose workers performs one run at a time.

    Dask starts a run elsewhere when its worker dies, as often as the scheduler's setting
    `distributed.scheduler.allowed-failures` says. Workers may come and go.

    Args:
        address: Address of the scheduler.
        modules: Modules with layers of the user's own.

    Raises:
        AppError: If there is no such cluster, or its packages are others.
    """

    def __init__(self, address: str, modules: Sequence[str] = ()):
        self._address = address
        self._modules = tuple(modules)
        self._client = connect(address)
        self._tasks: dict[str, _Task] = {}
        # Filled by Dask's threads: name of a run, kind, details.
        self._messages = SimpleQueue[tuple[str, str, Mapping[str, Any]]]()
        self._site: Site | None = None
        self._num_workers = self._count_workers()
        self._stopped = False

    @property
    def summary(self) -> str:
        """How many workers there are, and where."""
        count = self._num_workers
        return f"on {count} worker{'s' * (count != 1)} of {self._address}"

    @property
    def busy(self) -> int:
        """Number of runs that are performed, or wait for a worker to be."""
        return len(self._tasks)

    @property
    def has_free(self) -> bool:
        """Whether a worker has no run."""
        return self.busy < self._num_workers and not self._stopped

    def prepare(self, folder: Path, settings: RunSettings, images: Mapping[str, str]) -> None:
        """Check the images and modules of every worker."""
        self._site = Site(
            mark=uuid.uuid4().hex,
            directory=str(Path.cwd()),
            folder=str(folder.absolute()),
            settings=settings,
            images=tuple(images.items()),
            modules=self._modules,
        )
        (folder / PROBE).write_text(self._site.mark, "utf-8")
        self._client.subscribe_topic(self._site.mark, self._receive)
        with reporting_loss(self._address):
            check_site(self._client, self._site)

    def start(self, run: Run) -> None:
        """Submit a run, with its checkpoint for a worker that does not see it."""
        from dask import config

        unfinished = pack(unfinished_folders(run.settings))
        # A checkpoint is a few megabytes, each time another one.
        with reporting_loss(self._address), config.set({_LARGE_GRAPH: "1GB"}):
            future = self._client.submit(perform_task, self._site, run, unfinished, pure=False)
        self._tasks[run.name] = _Task(run, future)
        future.add_done_callback(lambda _: self._messages.put((run.name, "ended", {})))

    def events(self, seconds: float) -> Iterator[Event]:
        """Yield what has happened, after waiting at most so many seconds for it.

        Raises:
            AppError: If the scheduler goes away, or what a run has saved cannot be written.
        """
        with suppress(Empty):
            yield from self._handle(*self._messages.get(timeout=seconds))
            while True:
                yield from self._handle(*self._messages.get_nowait())
        if self._client.status != "running":
            raise connection_lost(self._address)
        before = self._num_workers
        with reporting_loss(self._address):
            self._num_workers = self._count_workers()
            if self._num_workers == 0 and self._stopped:
                self._client.cancel([task.future for task in self._tasks.values()])
        if before and not self._num_workers and self._tasks:
            task = next(iter(self._tasks.values()))
            yield Event(task.run, "warning", {"text": "No worker is left; waiting for one."})

    def stop(self) -> None:
        """Ask all workers to stop after the batch."""
        self._stopped = True
        if self._site is not None:
            with reporting_loss(self._address):
                self._client.run(request_stop, self._site.mark, on_error="ignore")
                waiting = [task.future for task in self._tasks.values() if not task.starts]
                self._client.cancel(waiting)

    def close(self) -> None:
        """Cancel what is left, and disconnect."""
        with suppress(Exception):  # a scheduler that has gone needs no good-bye
            self._client.cancel([task.future for task in self._tasks.values()])
            if self._site is not None and not self._tasks:
                self._client.run(release, self._site.mark, on_error="ignore")
        self._tasks.clear()
        with suppress(Exception):
            self._client.close(timeout=_CLOSE_SECONDS)
        if self._site is not None:
            (Path(self._site.folder) / PROBE).unlink(missing_ok=True)

    def _count_workers(self) -> int:
        with reporting_loss(self._address):
            return len(self._client.nthreads())

    def _receive(self, event: tuple[float, Mapping[str, Any]]) -> None:
        message = event[1]
        self._messages.put((message["run"], message["kind"], message["details"]))

    def _handle(self, name: str, kind: str, details: Mapping[str, Any]) -> Iterator[Event]:
        task = self._tasks.get(name)
        if task is None:  # the last rows of a run that has ended
            return
        if kind == "ended":
            del self._tasks[name]
            yield self._end(task)
        elif kind != "started":
            yield Event(task.run, kind, details)
        else:
            task.starts += 1
            if task.starts > 1 and self._stopped:
                task.future.cancel()
            elif task.starts > 1:
                text = f"its worker ended; started again on {details['worker']}"
                yield Event(task.run, "warning", {"text": text})
                yield Event(task.run, "started", {})

    def _end(self, task: _Task) -> Event:
        """Return the event that ends a run; write what it has saved, if it travelled."""
        run, future = task.run, task.future
        if future.cancelled():
            if not self._stopped:
                raise connection_lost(self._address)
            return Event(run, "stopped", {})
        with reporting_loss(self._address):
            error = future.exception()
            returned: Returned | None = None if error else future.result()
        if returned is None:
            return Event(run, "failed", {"error": text_of_failure(error)})
        output = Path(run.settings.output)
        if returned.archive is not None:
            unpack(returned.archive, output)
            if returned.kind == "done":
                for folder in unfinished_folders(run.settings):
                    shutil.rmtree(folder, ignore_errors=True)
        details = dict(returned.details)
        if "folder" in details:
            details["folder"] = str(output / Path(details["folder"]).name)
        return Event(run, returned.kind, details)
