"""One training run over several processes, with JAX: who takes part.

Every process trains the same network on its rows of each batch; the gradients are those of the
whole batch. Processes talk over connections without encryption or password: use a private network.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.data.share import WHOLE, Share
from app.errors import AppError
from app.keras_startup import quiet_stderr

if TYPE_CHECKING:
    import keras

LOST = 75  # exit status of a process that has lost the others: repeating the command may help
MOST = 128  # processes: each has an image of every validation batch
_HEARTBEAT = 30  # seconds without a sign of life after which a process counts as dead
PATIENCE = 120  # seconds to wait for all processes at the start
# What JAX says if a connection to another process breaks.
_LOST_WORDS = ("Gloo", "NCCL", "heartbeat", "coordination", "UNAVAILABLE", "DEADLINE_EXCEEDED")
STUCK = 20.0  # seconds without a step of the network after which a process gives up


@dataclass(frozen=True)
class Place:
    """Where a process belongs.

    Attributes:
        processes: Number of processes of the run.
        index: Number of this one, from 0.
        coordinator: `HOST:PORT` at which the first process listens.
        device: Accelerator of this machine that is its own, or `None` for the only one it sees.
    """

    processes: int
    index: int
    coordinator: str
    device: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.processes:
            raise AppError(
                f"--process-id {self.index} of --processes {self.processes}.",
                f"Expected a number from 0 to {self.processes - 1}.",
            )
        host, _, port = self.coordinator.rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65_536:
            raise AppError(
                f"--coordinator '{self.coordinator}'.",
                "Expected HOST:PORT, where the process with --process-id 0 listens.",
                "Such as --coordinator 192.168.0.10:5000.",
            )


_share = WHOLE


def share() -> Share:
    """Return the share of this process: the whole, unless it has joined others."""
    return _share


def check_backend() -> None:
    """Refuse several processes on another backend than JAX.

    Raises:
        AppError: If Keras would start another backend.
    """
    backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if backend != "jax":
        raise AppError(
            f"--processes with the backend {backend}.",
            "Expected JAX: Keras 3 cannot train with TensorFlow in several processes.",
            "pip install -e '.[jax]', set KERAS_BACKEND=jax, and repeat the command.",
        )


def join(place: Place) -> None:
    """Wait for the other processes, before Keras starts; all of them must call this.

    Raises:
        AppError: If the backend is not JAX, or the others do not come.
    """
    check_backend()
    _check_address(place)
    import jax

    global _share
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    try:
        with quiet_stderr():
            jax.distributed.initialize(
                place.coordinator,
                place.processes,
                place.index,
                local_device_ids=None if place.device is None else [place.device],
                initialization_timeout=PATIENCE,
                heartbeat_timeout_seconds=_HEARTBEAT,
            )
    except RuntimeError as error:
        raise not_met(place, _first_line(error)) from None
    _share = Share(place.index, place.processes)


@contextmanager
def _quiet_stdout() -> Iterator[None]:
    """Discard what native code writes to standard output."""
    sys.stdout.flush()
    before, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(before, 1)
        os.close(before)


def not_met(place: Place, reason: str) -> AppError:
    """Return the error of processes that did not find one another."""
    return AppError(
        f"The {place.processes} processes did not meet at {place.coordinator}: {reason}.",
        "Expected all processes to be started with the same --processes and --coordinator, each "
        f"with its own --process-id, within {PATIENCE} seconds.",
        "Check the address and the port, and start all of them again.",
        status=LOST,
    )


def _check_address(place: Place) -> None:
    """Fail where JAX would end the process: at a port in use, or an address without an answer."""
    host, _, port = place.coordinator.rpartition(":")
    if not _is_of_this_machine(host.strip("[]")):
        _check_own_name()
    if place.index == 0:
        # As JAX does, at all addresses of this machine.
        family, every = (socket.AF_INET6, "::") if socket.has_ipv6 else (socket.AF_INET, "")
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((every, int(port)))
            except OSError as error:
                raise AppError(
                    f"--coordinator {place.coordinator}: {error.strerror}.",
                    "Expected a free port of this machine for the process with --process-id 0, "
                    "and no second process with that number.",
                    "Choose another port, the same for all processes.",
                ) from None
        return
    until = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()
            return
        except OSError as error:
            if time.monotonic() > until:
                raise not_met(place, error.strerror or str(error)) from None
        time.sleep(0.5)


def _check_own_name() -> None:
    """Refuse a name of this machine that means another machine to the others."""
    name = socket.gethostname()
    if _is_of_this_machine(name):
        raise AppError(
            f"This machine's name '{name}' stands for no address, or for one such as 127.0.0.1.",
            "Expected an address that the other processes reach: JAX connects them by the names of "
            "their machines.",
            f"Write the address into /etc/hosts, such as: 192.168.0.10 {name}",
        )


def _is_of_this_machine(host: str) -> bool:
    """Return whether a name has an address that each machine has, or none."""
    try:
        return ipaddress.ip_address(socket.gethostbyname(host)).is_loopback
    except OSError:
        return True


def begin() -> None:
    """Let Keras spread batches over all processes; call it when Keras has started.

    Raises:
        AppError: If this process has several devices.
    """
    if _share.count == 1:
        return
    import jax
    import keras
    from jax.experimental.multihost_utils import sync_global_devices

    if jax.local_device_count() > 1:
        raise AppError(
            f"This process of several has {jax.local_device_count()} devices.",
            "Expected one, since a process prepares the rows of one.",
            "Start a process for each, with its own CUDA_VISIBLE_DEVICES, or all of this machine "
            "with --processes N alone.",
        )
    with quiet_stderr(), _quiet_stdout(), losing_no_one():
        sync_global_devices("begun")  # connects all, which Gloo prints
    keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))


@contextmanager
def alone() -> Iterator[None]:
    """Compute in this process only, inside the block."""
    if _share.count == 1:
        yield
        return
    import keras

    before = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(before)


def local_copy(model: keras.Model) -> keras.Model:
    """Return a network to use inside `alone`: a copy, if there are other processes."""
    if _share.count == 1:
        return model
    from app.training.compile import uncompiled_clone

    copy = uncompiled_clone(model)
    copy.set_weights(model.get_weights())
    return copy


@contextmanager
def losing_no_one() -> Iterator[None]:
    """Report a process that is gone, which JAX's collectives notice, as an `AppError`."""
    if _share.count == 1:
        yield
        return
    import jax

    try:
        yield
    except (jax.errors.JaxRuntimeError, ValueError) as error:
        if not any(word in str(error) for word in _LOST_WORDS):
            raise
        raise AppError(
            f"Another process of this run is gone: {_first_line(error)}.",
            "Expected all processes to train to the end.",
            "To go on, start all of them again, with --resume.",
            status=LOST,
        ) from None


def give_up(waited: float) -> None:
    """End this process, which waits for others in a native call that nothing interrupts."""
    text = (
        f"error: No step for {waited:.0f} seconds: another process of this run no longer answers.\n"
        "Expected all processes to train to the end.\n"
        "To go on, start all of them again, with --resume.\n"
    )
    print(text, end="", file=sys.stderr, flush=True)  # file descriptor 2 may be silenced
    os._exit(LOST)


def leave() -> None:
    """Part from the other processes: what follows is computed in this one only."""
    global _share
    if _share.count == 1:
        return
    import jax
    import keras
    from jax.experimental.multihost_utils import sync_global_devices

    with losing_no_one():
        sync_global_devices("trained")
    keras.distribution.set_distribution(None)
    jax.distributed.shutdown()
    _share = WHOLE


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].removesuffix(".")
