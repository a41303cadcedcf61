"""One training run over several processes, with JAX: who takes part, and what they decide together.

Every process trains the same network on its rows of each batch; the gradients are those of the
whole batch. What only one process may decide, such as the name of the folder, is decided by the
first one, and told to the others: a process that went another way would leave them waiting.
Processes talk over connections without encryption or password: use a private network.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.data.batches import WHOLE, Share
from app.errors import AppError
from app.keras_startup import quiet_stderr

LOST = 75  # exit status of a process that has lost the others: repeating the command may help
_HEARTBEAT = 30  # seconds without a sign of life after which a process counts as dead
_PATIENCE = 120  # seconds to wait for all processes at the start
STUCK = 20.0  # seconds without a step of the network after which a process gives up
_ASK_EVERY = 8  # batches


@dataclass(frozen=True)
class Place:
    """Where a process belongs.

    Attributes:
        processes: Number of processes of the run.
        index: Number of this one, from 0.
        coordinator: `HOST:PORT` at which the first process listens.
    """

    processes: int
    index: int
    coordinator: str

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
    import jax

    global _share
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    try:
        with quiet_stderr():
            jax.distributed.initialize(
                place.coordinator,
                place.processes,
                place.index,
                # Processes of one machine that this program starts itself share its accelerators.
                local_device_ids=_local_devices(),
                initialization_timeout=_PATIENCE,
                heartbeat_timeout_seconds=_HEARTBEAT,
            )
    except RuntimeError as error:
        raise AppError(
            f"The {place.processes} processes did not meet at {place.coordinator} within "
            f"{_PATIENCE} seconds: {_first_line(error)}.",
            "Expected all processes to be started with the same --processes and --coordinator, "
            "each with its own --process-id, and the first one to be reachable.",
            "Check the address and the port, and start all of them again.",
            status=LOST,
        ) from None
    _share = Share(place.index, place.processes)


def _local_devices() -> list[int] | None:
    number = os.environ.get("CONVLAB_LOCAL_DEVICE")
    return None if number is None else [int(number)]


def begin() -> None:
    """Let Keras spread batches over all processes; call it when Keras has started."""
    if _share.count == 1:
        return
    import keras

    keras.distribution.set_distribution(
        keras.distribution.DataParallel(
            devices=keras.distribution.list_devices(), auto_shard_dataset=False
        )
    )


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


def decided(decide: Callable[[], Any]) -> Any:
    """Return what the first process decides; an `AppError` of it is raised in all.

    Args:
        decide: Called in the first process only; returns what JSON can hold.
    """
    if _share.count == 1:
        return decide()
    told: dict[str, Any] = {}
    if _share.index == 0:
        try:
            told = {"value": decide()}
        except AppError as error:
            told = {"error": [error.received, error.expected, error.fix, error.status]}
    told = json.loads(_broadcast(json.dumps(told).encode()))
    if "error" in told:
        received, expected, fix, status = told["error"]
        raise AppError(received, expected, fix, status=status)
    return told["value"]


def check_alike(facts: Mapping[str, str]) -> None:
    """Refuse to train if a process has other settings or images than the first one.

    Raises:
        AppError: In every process.
    """
    if _share.count == 1:
        return
    from jax.experimental.multihost_utils import process_allgather

    first = decided(lambda: dict(facts))
    different = [name for name in first if first[name] != facts.get(name)]
    all_different = process_allgather(np.array([name in different for name in first]))
    if all_different.any():
        names = [name for name, any_ in zip(first, all_different.any(axis=0), strict=True) if any_]
        numbers = np.flatnonzero(all_different.any(axis=1)).tolist()
        raise AppError(
            f"Process {', '.join(map(str, numbers))} differs from process 0: {', '.join(names)}.",
            "Expected the same settings, images and versions in all processes.",
        )


class Agreement:
    """Whether all processes are to stop, asked every few batches.

    All processes must ask equally often.
    """

    def __init__(self) -> None:
        self._asked = 0

    def __call__(self, wish: bool) -> bool:
        """Return whether any process wishes to stop, and all have been asked."""
        if _share.count == 1:
            return wish
        self._asked += 1
        if self._asked % _ASK_EVERY:
            return False
        from jax.experimental.multihost_utils import process_allgather

        return bool(process_allgather(np.array(wish)).any())


@contextmanager
def losing_no_one() -> Iterator[None]:
    """Report a process that is gone, which JAX's collectives notice, as an `AppError`."""
    if _share.count == 1:
        yield
        return
    import jax

    try:
        yield
    except jax.errors.JaxRuntimeError as error:
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
    os.write(2, text.encode())
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


def _broadcast(data: bytes) -> bytes:
    """Return the first process's bytes."""
    from jax.experimental.multihost_utils import broadcast_one_to_all

    with losing_no_one():
        size = int(broadcast_one_to_all(np.int32(len(data))))
        padded = np.zeros(size, np.uint8)
        if _share.index == 0:
            padded[:] = np.frombuffer(data, np.uint8)
        return bytes(np.asarray(broadcast_one_to_all(padded)).astype(np.uint8))


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].removesuffix(".")
