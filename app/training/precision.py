"""Training precision: float32, or bfloat16 with float32 weights, whichever is faster.

Timings vary on a busy machine. Therefore steps alternate between the two, bfloat16 needs a clear
margin, and the choice is cached for this machine, network and software, so that the same command
trains the same model again.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np

import app
from app.cache import cache_folder
from app.errors import AppError
from app.files import atomic_file

_POLICY = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
_ROUNDS = 9
# The speedup that makes up for fewer digits: in three quarters of the rounds, and between the
# fastest steps of each, which other processes have disturbed least.
_WORTHWHILE, _QUANTILE = 1.15, 0.25


@dataclass(frozen=True)
class Trial:
    """The result of a trial.

    Attributes:
        precision: `float32` or `bfloat16`, the faster one.
        speeds: Speed of bfloat16 as a multiple of that of float32, one number per round.
    """

    precision: str
    speeds: list[float]

    @property
    def measured(self) -> str:
        """The measurement, such as `bfloat16 ran at 1.92× (1.85 to 1.97×) the speed of …`."""
        median, low, high = np.median(self.speeds), min(self.speeds), max(self.speeds)
        return (
            f"bfloat16 ran at {median:.2f}× ({low:.2f} to {high:.2f}×) the speed of float32 in "
            f"{len(self.speeds)} alternating steps"
        )


@contextmanager
def precision_policy(precision: str) -> Iterator[None]:
    """Build layers in `float32` or `bfloat16` inside the block."""
    previous = keras.config.dtype_policy()
    keras.config.set_dtype_policy(_POLICY[precision])
    try:
        yield
    finally:
        keras.config.set_dtype_policy(previous)


def choose_precision(
    name: str, build: Callable[[], keras.Model], images: np.ndarray, labels: np.ndarray
) -> tuple[str, str]:
    """Return the faster precision: the cached one, else that of a trial on one batch.

    Args:
        name: Name of the network.
        build: Function that returns a new compiled model under the current policy.
        images: `(B, H, W, C)` uint8, a batch of the run's size.
        labels: `(B,)` or `(B, K)`.

    Returns:
        `float32` or `bfloat16`, and the reason as text.
    """
    if not hardware_has_bfloat16():
        return "float32", "the hardware has no bfloat16"
    path = _cache_file(name, images.shape)
    trial = _cached(path)
    if trial is not None:
        return trial.precision, f"{trial.measured}, as cached in {path}"
    trial = _try_both(build, images, labels)
    # Another process may have finished its trial first, which then counts.
    earlier = _cached(path)
    if earlier is not None:
        return earlier.precision, f"{earlier.measured}, as cached in {path}"
    try:
        with atomic_file(path) as temporary:
            temporary.write_text(json.dumps(asdict(trial), indent=2), "utf-8")
    except AppError:
        return trial.precision, f"{trial.measured}; not cached: cannot write '{path}'"
    return trial.precision, f"{trial.measured}; cached in {path}"


def hardware_has_bfloat16() -> bool:
    """Return whether a GPU is in use, or the CPU has bfloat16 instructions."""
    if any(not name.lower().startswith("cpu") for name in keras.distribution.list_devices()):
        return True
    return any(name in _cpu_facts() for name in ("avx512_bf16", "amx_bf16", " bf16"))


def _try_both(build: Callable[[], keras.Model], images: np.ndarray, labels: np.ndarray) -> Trial:
    models = {}
    for precision in _POLICY:
        with precision_policy(precision):
            models[precision] = build()
        models[precision].train_on_batch(images, labels)  # traces and compiles
    seconds: dict[str, list[float]] = {precision: [] for precision in models}
    for _ in range(_ROUNDS):
        for precision, model in models.items():
            started = time.perf_counter()
            model.train_on_batch(images, labels)
            seconds[precision].append(time.perf_counter() - started)
    speeds = np.divide(seconds["float32"], seconds["bfloat16"])
    fastest = min(seconds["float32"]) / min(seconds["bfloat16"])
    clear = min(fastest, np.quantile(speeds, _QUANTILE)) >= _WORTHWHILE
    return Trial("bfloat16" if clear else "float32", speeds.round(3).tolist())


def _cache_file(name: str, shape: tuple[int, ...]) -> Path:
    """Return the cache file for this machine, network and software."""
    facts = {
        "network": name,
        "batch": list(shape),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "devices": keras.distribution.list_devices(),
        "backend": keras.backend.backend(),
        "versions": [app.__version__, keras.version(), _backend_version()],
    }
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
    return cache_folder() / f"precision-{name}-{digest}.json"


def _cached(path: Path) -> Trial | None:
    """Return the cached trial, or `None` if there is no readable one."""
    try:
        trial = Trial(**json.loads(path.read_text("utf-8")))
        speeds = [float(speed) for speed in trial.speeds]
        known = trial.precision in _POLICY and speeds and np.isfinite(speeds).all()
    except (OSError, ArithmeticError, TypeError, ValueError, RecursionError):
        return None
    return Trial(trial.precision, speeds) if known else None


def _cpu_facts() -> str:
    try:
        return Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return ""


def _processor() -> str:
    models = [line for line in _cpu_facts().splitlines() if line.startswith("model name")]
    return models[0] if models else f"{platform.machine()} {platform.processor()}"


def _backend_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(keras.backend.backend())
    except PackageNotFoundError:  # such as tensorflow-cpu
        return ""
