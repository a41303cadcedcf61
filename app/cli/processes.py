"""`--processes`: one training run over several processes, of this machine or of many."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from app.errors import AppError
from app.reporting import CONSOLE
from app.signals import noting_requests, stop_requested, stop_status
from app.training.distribution import LOST, MOST, Place, check_backend, not_met

# What launchers tell a process: its number, how many there are, and where the first one listens.
_LAUNCHERS = (
    ("KERAS_DISTRIBUTION_PROCESS_ID", "KERAS_DISTRIBUTION_NUM_PROCESSES",
     "KERAS_DISTRIBUTION_JOB_ADDRESSES"),
    ("JAX_PROCESS_ID", "JAX_NUM_PROCESSES", "JAX_COORDINATOR_ADDRESS"),  # Kubeflow's, too
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", ""),
    ("SLURM_PROCID", "SLURM_NTASKS", ""),
)  # fmt: skip
# Ends without JAX's shutdown, which waits for processes that may have failed.
_MAIN = """
import os, sys
from app.cli.train import main
status = main(sys.argv[1:])
sys.stdout.flush()
os._exit(status)
"""
_PLACE = "CONVLAB_PLACE"  # tells a process that this one starts where it belongs
_MET = "CONVLAB_MET"  # file that a process writes when all have met
_GRACE = 15  # seconds for the other processes to end once one has failed


def add_processes(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of several processes."""
    group = parser.add_argument_group(
        "several processes, with JAX",
        "All of them train one network, each on its rows of every batch. Without\n"
        "--coordinator, they are started on this machine. With it, this process joins\n"
        "the others; the numbers may come from SLURM, Open MPI, Kubeflow or Keras's\n"
        "variables. Connections are not encrypted: use a private network.",
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
    if count is not None and not 1 <= count <= MOST:
        raise AppError(f"--processes {count}.", f"Expected a number from 1 to {MOST}.")
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


def joined_place() -> Place | None:
    """Return where this process belongs, if `train_as` has started it."""
    told = os.environ.get(_PLACE)
    return Place(**json.loads(told)) if told else None


def note_meeting() -> None:
    """Tell the process that has started this one that all processes have met."""
    Path(os.environ[_MET]).touch()


def places_here(count: int) -> list[Place]:
    """Return the places of processes that are all on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    return [Place(count, index, address, device=index) for index in range(count)]


def train_as(places: Sequence[Place], arguments: Sequence[str]) -> int:
    """Start processes of a run on this machine; return their exit status.

    They are processes of their own because JAX ends one that has lost another at once. The first of
    them has the terminal. If one fails, the others follow.

    Args:
        places: Where each belongs.
        arguments: Arguments of the command.

    Raises:
        AppError: If the backend is not JAX.
    """
    check_backend()
    with ExitStack() as stack:
        meetings = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        logs = [stack.enter_context(tempfile.TemporaryFile()) for _ in places]
        processes: list[subprocess.Popen[bytes]] = []
        for place, log in zip(places, logs, strict=True):
            output: dict[str, Any] = {}
            if processes:
                output = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            told = {_PLACE: json.dumps(asdict(place)), _MET: str(meetings / str(place.index))}
            command = [sys.executable, "-c", _MAIN, *arguments]
            processes.append(subprocess.Popen(command, env={**os.environ, **told}, **output))
        try:
            _wait_for(processes)
        finally:
            for process in processes:
                if process.poll() is None:
                    process.kill()
                    process.wait()
        if not any(meetings.iterdir()) and any(process.returncode < 0 for process in processes):
            raise not_met(places[0], "not all of them came")
        return _report(places, processes, logs)


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


def _report(
    places: Sequence[Place], processes: Sequence[subprocess.Popen[bytes]], logs: Sequence[IO[bytes]]
) -> int:
    """Print what became of the processes, unless the first one said it; return the exit status."""
    statuses = [process.returncode for process in processes]
    for place, status, log in zip(places[1:], statuses[1:], logs[1:], strict=True):
        if status > 0 and status != statuses[0]:
            log.seek(0)
            lines = log.read().decode(errors="replace").splitlines()
            CONSOLE.warning(*(f"process {place.index}: {line}" for line in lines[-3:]))
    killed = [
        f"JAX ended process {place.index}, which had lost another"
        if -status == signal.SIGABRT
        else f"process {place.index} was ended by signal {-status}"
        for place, status in zip(places, statuses, strict=True)
        if status < 0
    ]
    if killed and statuses[0] > 0:  # the first one has reported it
        CONSOLE.warning(f"Lost: {', '.join(killed)}.")
    elif killed:
        raise AppError(
            f"The run has lost a process: {', '.join(killed)}.",
            "Expected all processes to train to the end.",
            "To go on, start all of them again, with --resume.",
            status=LOST,
        )
    return next((status for status in statuses if status), 0)
