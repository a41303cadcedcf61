"""What the processes of a run decide together.

What only one process may decide, such as the name of the folder, is decided by the first one, and
told to the others: a process that went another way would leave them waiting.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from app.errors import AppError
from app.training.distribution import losing_no_one, share

_ASK_EVERY = 8  # batches


def check_plan(batch_size: int, *, on_device: bool) -> None:
    """Refuse settings that several processes cannot share.

    Args:
        batch_size: Images per training step, of all processes together.
        on_device: Whether images have to be augmented on the device.

    Raises:
        AppError: If the batch cannot be divided evenly, or images are to stay on the device.
    """
    count = share().count
    if batch_size % count:
        fitting = max(count, batch_size - batch_size % count)
        raise AppError(
            f"--batch-size {batch_size} with {count} processes.",
            "Expected a multiple of the number of processes: the batch is divided among them.",
            f"Use --batch-size {fitting}.",
        )
    if on_device:
        raise AppError(
            f"--cache device with {count} processes.",
            "Expected images in memory or on disk: each process augments its rows on its CPU.",
            "Leave --cache out.",
        )


def decided(decide: Callable[[], Any]) -> Any:
    """Return what the first process decides; an `AppError` of it is raised in all.

    Args:
        decide: Called in the first process only; returns what JSON can hold.
    """
    if share().count == 1:
        return decide()
    told: dict[str, Any] = {}
    if share().index == 0:
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
        if share().count == 1:
            return wish
        self._asked += 1
        if self._asked % _ASK_EVERY:
            return False
        from jax.experimental.multihost_utils import process_allgather

        return bool(process_allgather(np.array(wish)).any())


def _broadcast(data: bytes) -> bytes:
    """Return the first process's bytes."""
    from jax.experimental.multihost_utils import broadcast_one_to_all

    with losing_no_one():
        size = int(broadcast_one_to_all(np.int32(len(data))))
        padded = np.zeros(size, np.uint8)
        if share().index == 0:
            padded[:] = np.frombuffer(data, np.uint8)
        return bytes(np.asarray(broadcast_one_to_all(padded)).astype(np.uint8))
