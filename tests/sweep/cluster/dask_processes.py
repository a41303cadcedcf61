"""A Dask scheduler and workers as processes of this machine."""

import os
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from tests.conftest import missing

ROOT = Path(__file__).parent.parent.parent.parent


def require_dask():
    if find_spec("distributed") is None:
        missing("distributed: pip install -e '.[cluster]'")


class DaskProcesses:
    """A scheduler, and workers without a nanny: one that is killed stays away.

    Args:
        folder: Folder for their logs, in which they are started.
        workers: Number of workers.
    """

    def __init__(self, folder, workers):
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self._scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"
        )
        self._workers = [self._start_worker(number) for number in range(workers)]

    def wait(self):
        """Wait until every worker has reached the scheduler."""
        from distributed import Client

        with Client(self.address, timeout=120, set_as_default=False) as client:
            client.wait_for_workers(len(self._workers), timeout=120)

    def kill_worker(self, pid):
        """Kill a worker, as a machine does that is switched off."""
        assert pid in {worker.pid for worker in self._workers}
        os.kill(pid, signal.SIGKILL)

    def kill_scheduler(self):
        self._scheduler.kill()

    def end(self):
        for process in (*self._workers, self._scheduler):
            process.kill()
        for process in (*self._workers, self._scheduler):
            process.wait()

    def log(self):
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("*.log")))

    def _start_worker(self, number):
        return self._start(
            "worker", self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard",
            "--name", f"worker-{number}", "--local-directory", str(self._folder / f"{number}"),
        )  # fmt: skip

    def _start(self, kind, *words):
        name = "-".join([kind, str(time.monotonic_ns())])
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
        with (self._folder / f"{name}.log").open("w") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{kind}", *words],
                cwd=self._folder, env=environment, stdout=log, stderr=log,
            )  # fmt: skip
