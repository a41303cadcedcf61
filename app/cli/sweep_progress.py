"""The runs of a sweep while they are trained: one table on a terminal, else a line for each."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from app.files import printable
from app.reporting import CONSOLE, format_duration
from app.sweep.unit import Measurement
from app.sweep.workers import ENDS, Event, Workers

_MOST_ROWS = 16


@dataclass
class _Row:
    label: str
    state: str = "starting"
    accuracy: float | None = None
    left: float | None = None


class RunTable:
    """Shows the runs that are trained, those that ended last, and how many there are.

    It is redrawn on standard error, at most 80 columns wide; without a terminal, every run that
    ends prints a line.

    Args:
        workers: Processes or a cluster that performs the runs.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._console = Console(stderr=True, highlight=False)
        self._rows: dict[str, _Row] = {}
        self._live: Live | None = None
        self._total = self._finished = self._failed = 0
        self._started = time.monotonic()
        self._ended_here = 0

    def begin(self, total: int, measurements: Mapping[str, Measurement]) -> None:
        """Draw the table."""
        self._total = total
        self._finished = sum(one.finished for one in measurements.values())
        left = self._total - self._finished
        before = f"; {self._finished} had finished before" if self._finished else ""
        if left:
            CONSOLE.info(f"{left} run{'s' * (left > 1)}, {self._workers.summary}{before}.")
        if self._console.is_terminal:
            self._live = Live(
                get_renderable=self._table, console=self._console, transient=True,
                refresh_per_second=4,
            )  # fmt: skip
            self._live.start()

    def event(self, event: Event) -> None:
        """Take an event into the table."""
        name, details = event.run.name, event.details
        row = self._rows.setdefault(name, _Row(event.run.label))
        if event.kind == "started":
            self._rows[name] = _Row(event.run.label)
        elif event.kind == "epoch":
            row.state = f"epoch {details['epoch']:.0f}/{details['epochs']:.0f}"
            row.accuracy = max(details["val_accuracy"], row.accuracy or 0.0)
            row.left = details["seconds_left"]
        elif event.kind == "warning":
            self._say(f"{row.label}: {details['text']}")
        elif event.kind in ENDS:
            self._end(row, event.kind, details)

    def end(self) -> None:
        """Remove the table."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _end(self, row: _Row, kind: str, details: Mapping[str, Any]) -> None:
        row.state, row.left = {"done": "finished"}.get(kind, kind), None
        self._ended_here += 1
        if kind == "failed":
            self._failed += 1
            self._say(f"failed: {row.label}: {details['error']}")
        elif kind == "done":
            self._finished += 1
            row.accuracy = details["accuracy"]
            if self._live is None:
                CONSOLE.info(
                    f"{self._finished}/{self._total} {row.label}: validation accuracy "
                    f"{row.accuracy:.2%}, {format_duration(details['seconds'])}"
                )

    def _say(self, text: str) -> None:
        if self._live is None:
            CONSOLE.warning(text)
        else:  # above the table
            self._console.print(Text(printable(text)), width=min(80, self._console.width))

    def _table(self) -> RenderableType:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, width=min(80, self._console.width))
        table.add_column("run", ratio=1, no_wrap=True)
        for heading in ("state", "val. acc.", "left"):
            table.add_column(heading, justify="right", no_wrap=True)
        running = [row for row in self._rows.values() if row.left or row.state == "starting"]
        others = [row for row in self._rows.values() if row not in running]
        space = max(0, min(_MOST_ROWS, self._console.height - 6) - len(running))
        for row in [*others[max(0, len(others) - space) :], *running]:
            table.add_row(
                Text(printable(row.label), overflow="ellipsis"),
                row.state,
                "" if row.accuracy is None else f"{row.accuracy:.2%}",
                "" if row.left is None else format_duration(row.left),
            )
        failed = f", {self._failed} failed" if self._failed else ""
        passed = format_duration(time.monotonic() - self._started)
        table.caption = f"{self._finished} of {self._total} finished{failed}; {passed}"
        table.caption_justify = "left"
        return table
