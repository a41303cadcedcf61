"""Which arithmetic trains faster here: float32, or bfloat16 with float32 weights?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np

_POLICY = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
# bfloat16 gives up digits, so it must earn them.
_WORTHWHILE = 1.05
_TRIAL_STEPS = 4


@contextmanager
def precision_policy(precision: str) -> Iterator[None]:
    """Build layers in `float32` or `bfloat16` inside, as before outside."""
    previous = keras.config.dtype_policy()
    keras.config.set_dtype_policy(_POLICY[precision])
    try:
        yield
    finally:
        keras.config.set_dtype_policy(previous)


def choose_precision(
    build: Callable[[], keras.Model], images: np.ndarray, labels: np.ndarray
) -> tuple[str, str]:
    """Try both for a moment on one batch, where the hardware has bfloat16 at all.

    Args:
        build: Returns a new compiled model under the current policy.
        images: `(B, H, W, C)` uint8, a batch of the run's size.
        labels: `(B,)`.

    Returns:
        `float32` or `bfloat16`, and the reason for people.
    """
    if not hardware_has_bfloat16():
        return "float32", "the hardware has no bfloat16"
    seconds = {}
    for precision in _POLICY:
        with precision_policy(precision):
            model = build()
        model.train_on_batch(images, labels)  # traces and compiles
        times = []
        for _ in range(_TRIAL_STEPS):
            started = time.perf_counter()
            model.train_on_batch(images, labels)
            times.append(time.perf_counter() - started)
        seconds[precision] = min(times)
    ratio = seconds["float32"] / seconds["bfloat16"]
    chosen = "bfloat16" if ratio >= _WORTHWHILE else "float32"
    return chosen, f"in a trial, bfloat16 ran at {ratio:.2f}× the speed of float32"


def hardware_has_bfloat16() -> bool:
    """Return whether a GPU is in use, or the CPU has bfloat16 instructions."""
    if any(not name.lower().startswith("cpu") for name in keras.distribution.list_devices()):
        return True
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return False
    return any(name in flags for name in ("avx512_bf16", "amx_bf16", " bf16"))
