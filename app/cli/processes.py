"""`--processes`: one training run over several processes, of this machine or of many."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import IO, Any

from app.errors import AppError
from app.reporting import CONSOLE
from app.signals import noting_requests, stop_requested, stop_status
from app.training.distribution import LOST, Place, check_backend

# What launchers tell a process: its number, how many there are, and where the first one listens.
_LAUNCHERS = (
    ("KERAS_DISTRIBUTION_PROCESS_ID", "KERAS_DISTRIBUTION_NUM_PROCESSES",
     "KERAS_DISTRIBUTION_JOB_ADDRESSES"),
    ("JAX_PROCESS_ID", "JAX_NUM_PROCESSES", "JAX_COORDINATOR_ADDRESS"),  # Kubeflow's, too
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", ""),
    ("SLURM_PROCID", "SLURM_NTASKS", ""),
)  # fmt: skip
_MAIN = "import sys; from app.cli.train import main; sys.exit(main())"
_GRACE = 60  # seconds for the other processes to end once one has failed


def add_processes(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of several processes."""
    group = parser.add_argument_group(
        "several processes, with JAX",
        "All of them train one network, each on its rows of every batch. Without --coordinator, "
        "they are started on this machine. With it, this process joins the others; its number and "
        "theirs may also come from SLURM, Open MPI, Kubeflow or Keras's variables. Connections are "
        "not encrypted: use a private network.",
    )
    group.add_argument(
        "--processes", type=int, metavar="N", help="number of processes (default: 1)"
    )
    group.add_argument(
        "--process-id", type=int, metavar="I", help="number of this one, from 0; 0 saves the model"
    )
    group.add_argument(
        "--coordinator", metavar="HOST:PORT", help="where the process with the number 0 listens"
    )


def place_of(parsed: argparse.Namespace) -> Place | None:
    """Return where this process belongs; `None` if it is to start others, or trains alone.

    Raises:
        AppError: If the flags and the variables do not say that.
    """
    index, count, address = parsed.process_id, parsed.processes, parsed.coordinator
    for index_name, count_name, address_name in _LAUNCHERS:
        if address is None and os.environ.get(address_name):
            address = os.environ[address_name].split(",")[0]
        if address is None or index_name not in os.environ:
            continue
        if index is None:
            index = _number(index_name)
        if count is None and count_name in os.environ:
            count = _number(count_name)
    if count is not None and count < 1:
        raise AppError(f"--processes {count}.", "Expected at least 1.")
    if address is None:
        if index is not None:
            raise AppError(
                f"--process-id {index} without --coordinator.",
                "Expected the address of the first process, or no --process-id to start all "
                "processes on this machine.",
            )
        return None
    if index is None or count is None:
        missing = "--process-id" if index is None else "--processes"
        raise AppError(
            f"--coordinator {address} without {missing}.",
            "Expected the number of this process, and how many there are.",
        )
    return Place(count, index, address)


def _number(name: str) -> int:
    try:
        return int(os.environ[name])
    except ValueError:
        raise AppError(f"${name} is '{os.environ[name]}'.", "Expected a number.") from None


def train_here(count: int, arguments: Sequence[str]) -> int:
    """Start the processes of a run on this machine; return their exit status.

    The first one has the terminal. If one fails, the others follow.

    Args:
        count: Number of processes.
        arguments: Arguments of the command.

    Raises:
        AppError: If the backend is not JAX.
    """
    check_backend()
    address = f"127.0.0.1:{_free_port()}"
    logs: list[IO[bytes]] = []
    started = []
    for index in range(count):
        logs.append(tempfile.TemporaryFile())  # noqa: SIM115  closed below
        output: dict[str, Any] = {}
        if index:
            output = {"stdin": subprocess.DEVNULL, "stdout": logs[-1], "stderr": logs[-1]}
        place = [f"--processes={count}", f"--process-id={index}", f"--coordinator={address}"]
        environment = {**os.environ, "CONVLAB_LOCAL_DEVICE": str(index)}
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", _MAIN, *arguments, *place], env=environment, **output
            )
        )
    try:
        _wait_for(started)
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
                process.wait()
    _report(started, logs)
    for log in logs:
        log.close()
    failed = [process.returncode for process in started if process.returncode]
    if not failed:
        return 0
    return failed[0] if failed[0] > 0 else LOST


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_for(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait until all have ended; pass a request to stop on, and end those that are left behind."""
    passed_on, deadline = False, None
    with noting_requests():
        while any(process.poll() is None for process in processes):
            if stop_requested() and not passed_on:
                passed_on = True
                for process in processes:
                    if process.poll() is None:
                        process.send_signal(stop_status() - 128)
            if deadline is None and any(process.returncode for process in processes):
                deadline = time.monotonic() + _GRACE
            if deadline is not None and time.monotonic() > deadline:
                for process in processes:
                    process.send_signal(signal.SIGKILL)
            time.sleep(0.1)


def _report(processes: Sequence[subprocess.Popen[bytes]], logs: Sequence[IO[bytes]]) -> None:
    """Print what became of the processes that have no terminal, unless the first one said it."""
    first = processes[0].returncode
    for index, process in enumerate(processes):
        status = process.returncode
        if status < 0:
            CONSOLE.warning(f"Process {index} was ended by signal {-status}.")
        elif index and status and (first != status):
            logs[index].seek(0)
            lines = logs[index].read().decode(errors="replace").splitlines()
            CONSOLE.warning(*(f"process {index}: {line}" for line in lines[-3:]))
