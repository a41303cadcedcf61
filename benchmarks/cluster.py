"""A sweep of 12 runs over three Dask workers of this machine, one of which is killed.

    python benchmarks/cluster.py

Prints what happened, and when. Needs the extra: pip install -e '.[cluster]'
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from distributed import LocalCluster

from app.config import RunSettings
from app.sweep.cluster.client import Cluster
from app.sweep.design import Design
from app.sweep.sweep import run_sweep
from app.sweep.unit import Measurement
from app.sweep.workers import Event

_BASE = RunSettings(
    dataset="digits", model="convnet", epochs=4, augment="none", precision="float32", tta=False
)
_KILLED_AT = 5  # epoch of the sweep


class _Diary:
    """Prints the events of a sweep, and kills a worker.

    Args:
        cluster: Cluster of this machine.
    """

    def __init__(self, cluster: LocalCluster):
        self._cluster = cluster
        self._began = time.monotonic()
        self._epochs = 0

    def begin(self, total: int, measurements: Mapping[str, Measurement]) -> None:
        """Print the number of runs."""
        self._print(f"{total} runs, {len(measurements)} measured before")

    def event(self, event: Event) -> None:
        """Print what happened to a run."""
        if event.kind == "epoch":
            self._epochs += 1
            if self._epochs == _KILLED_AT:
                nanny = self._cluster.workers[0]
                os.kill(nanny.pid, signal.SIGKILL)
                self._print(f"killed the worker at {nanny.worker_address}")
        else:
            details = event.details
            text = details.get("text", details.get("error", ""))
            if event.kind == "done":
                text = f"validation accuracy {details['accuracy']:.2%}"
            self._print(f"{event.run.label}: {event.kind} {text}".rstrip())

    def end(self) -> None:
        """Print that no run is left."""
        self._print("all runs have ended")

    def _print(self, text: str) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s  {text}", flush=True)


def main() -> None:
    """Perform the sweep, and print how it ended."""
    design = Design(_BASE, seeds=tuple(range(6)), grid={"learning_rate": (1e-3, 4e-3)})
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=3, threads_per_worker=1, dashboard_address=None) as cluster,
    ):
        workers = Cluster(cluster.scheduler_address)
        state = run_sweep(Path(folder) / "sweep", design, workers, _Diary(cluster))
    print(f"{state.finished} of {design.size} runs finished, {len(state.errors)} failed")
    for one in state.results.settings:
        print(f"{one.label}: {one.validation.percent if one.validation else 'none'}")


if __name__ == "__main__":
    main()
