"""The processes of a run. One that dies is replaced, and its piece is repeated once."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from app.bulk.formats import Field
from app.bulk.image_list import Piece
from app.bulk.worker import Task, work
from app.errors import AppError
from app.processes import THREADS, WorkerProcess, num_cores
from app.reporting import Reporter

MOST = 1_024  # processes
_ATTEMPTS = 2


class _Worker(WorkerProcess):
    """A process, and the piece that it predicts, if any."""

    def __init__(self, task: Task, target: Path, threads: int):
        super().__init__(work, (task, target), {THREADS: str(threads)})
        self.piece: Piece | None = None


class Pool:
    """Processes that predict pieces.

    Args:
        task: What is predicted.
        target: File of the run.
        processes: Number of processes, from 1 to `MOST`.
        reporter: Reporter for warnings.

    Raises:
        AppError: If their number is out of range.
    """

    def __init__(self, task: Task, target: Path, processes: int, reporter: Reporter):
        if not 1 <= processes <= MOST:
            raise AppError(
                f"--processes is {processes}.", f"Expected a whole number from 1 to {MOST:,}.",
                f"One per core: --processes {num_cores()}",
            )  # fmt: skip
        self._task = task
        self._target = target
        self._processes = processes
        self._reporter = reporter
        self._workers: list[_Worker] = []
        self._attempts: Counter[int] = Counter()

    def start(self) -> list[Field]:
        """Start the first process, and return the fields of its table once it has the model.

        Raises:
            AppError: If the model cannot be loaded, or not be used as it is asked.
        """
        worker = self._started()
        kind, details = self._received(worker)
        if kind == "died":
            raise AppError(f"The process that loads the model was ended {details}.", status=1)
        fields, warnings = details
        for text in warnings:
            self._reporter.warning(f"warning: {text}")
        return fields

    def done(self, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, int]]:
        """Predict pieces; yield each that is done with the number of its errors.

        Args:
            pieces: Pieces, of which no more are taken than there are processes.

        Raises:
            AppError: If a process failed, or two died of the same piece.
        """
        remaining, repeated = iter(pieces), deque[Piece]()
        while True:
            self._give_work(remaining, repeated)
            if not any(worker.piece for worker in self._workers):
                return
            by_pipe: dict[Any, _Worker] = {one.pipe: one for one in self._workers}
            for pipe in wait(list(by_pipe)):
                worker = by_pipe[pipe]
                kind, details = self._received(worker)
                piece, worker.piece = worker.piece, None
                if kind == "died":
                    self._remove(worker)
                    repeated.extend(self._repeated(piece, details))
                elif kind == "ready":
                    worker.piece = piece  # which waits in its pipe
                elif piece is not None:
                    yield piece, details[1]

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.end()
        self._workers = []

    def _started(self) -> _Worker:
        worker = _Worker(self._task, self._target, max(1, num_cores() // self._processes))
        self._workers.append(worker)
        return worker

    def _remove(self, worker: _Worker) -> None:
        worker.end()
        self._workers.remove(worker)

    def _give_work(self, remaining: Iterator[Piece], repeated: deque[Piece]) -> None:
        """Give each process a piece, and start those that are missing."""
        while True:
            free = next((one for one in self._workers if one.piece is None), None)
            if free is None and len(self._workers) == self._processes:
                return
            piece = repeated.popleft() if repeated else next(remaining, None)
            if piece is None:
                return
            worker = free or self._started()
            worker.piece = piece
            with suppress(OSError):  # it has died, which the next message reports
                worker.pipe.send(piece)

    def _received(self, worker: _Worker) -> tuple[str, Any]:
        """Return the next message of a process, or `died` and how.

        Raises:
            AppError: If it failed.
        """
        try:
            kind, details = worker.pipe.recv()
        except (EOFError, OSError):
            return "died", worker.ending("--processes")
        if kind == "failed":
            received, expected, fix, status = details
            raise AppError(received, expected, fix, status=status)
        return kind, details

    def _repeated(self, piece: Piece | None, reason: str) -> Sequence[Piece]:
        """Return the piece of a process that died, if it is to be repeated.

        Raises:
            AppError: If another died of it before.
        """
        if piece is None:
            return []
        self._attempts[piece.number] += 1
        if self._attempts[piece.number] == _ATTEMPTS:
            raise AppError(
                f"Two processes were ended during {piece}, the last one {reason}.",
                "Expected a process that lives until its piece is done.",
                "What is done is kept, and the same command goes on. "
                f"'{self._target.name}.unfinished' has the list of images.",
                status=1,
            )
        self._reporter.warning(f"A process was ended during {piece} {reason}. They are repeated.")
        return [piece]
