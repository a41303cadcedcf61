"""Time and memory of `LocallyConnected2D` against Keras 2's implementations and `Conv2D`.

    pip install -e '.[bench]'
    python benchmarks/locally_connected.py
    KERAS_BACKEND=jax python benchmarks/locally_connected.py

The peers are tf_keras's implementations 1, 2 and 3 on TensorFlow, and
`lax.conv_general_dilated_local` on JAX; 3×3 kernels, float32, compiled. A training step computes
the output and the gradients of inputs, kernel and bias. The layers of one size alternate in one
process, in random order. Peak memory is what five training steps add, measured in a separate
process per layer. A ratio is the peer's time over ours.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil
from local_roofline import print_roofline

KERNEL = 3
OURS, SHARED, LAX = "LocallyConnected2D", "Conv2D (shared)", "conv_general_dilated_local"


class Case(NamedTuple):
    """Image side, channels, filters and batch size of one comparison."""

    side: int
    channels: int
    filters: int
    batch: int

    def __str__(self) -> str:
        return f"{self.side}×{self.side}×{self.channels} → {self.filters}, batch {self.batch}"


CASES = (Case(28, 1, 32, 128), Case(26, 32, 32, 64), Case(13, 64, 64, 64))
_BUILDING_SIDES = (16, 64, 128)
# The others take seconds to minutes per step, or gigabytes; --all includes them.
_IMPLEMENTATIONS = {CASES[0]: (1, 2, 3), CASES[1]: (1,), CASES[2]: (1, 2)}


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30, help="repetitions (default: 30)")
    parser.add_argument("--all", action="store_true", help="also measure what takes minutes")
    parser.add_argument("--memory-of", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()

    from app.keras_startup import start_keras

    start_keras()
    if arguments.memory_of:
        number, name = arguments.memory_of
        print(peak_memory(CASES[int(number)], name))
        return
    import keras

    on_tensorflow = keras.backend.backend() == "tensorflow"
    print(f"Keras {keras.version()} on {keras.backend.backend()}: ms, median (minimum)")
    for number, case in enumerate(CASES):
        peers = [LAX]
        if on_tensorflow:
            numbers = (1, 2, 3) if arguments.all else _IMPLEMENTATIONS[case]
            peers = [f"tf_keras, implementation {i}" for i in numbers]
        compare(number, case, [OURS, *peers, SHARED], arguments.rounds)
    if on_tensorflow:
        compare_building()
        print_roofline(CASES, KERNEL)


def compare(number: int, case: Case, names: list[str], rounds: int) -> None:
    """Print the table of one case."""
    data = _data(case)
    contestants = {name: contestant(case, name, *data) for name in names}
    seconds: dict[tuple[str, int], list[float]] = {}
    order = random.Random(0)
    for functions in contestants.values():
        for function in functions:
            function()  # warm-up: tracing
            function()
    turns = [(name, which) for name in names for which in (0, 1)]
    for _ in range(rounds):
        order.shuffle(turns)  # no layer always follows the one that empties the cache
        for name, which in turns:
            seconds.setdefault((name, which), []).append(timed(contestants[name][which]))
    del contestants
    print(f"\n{case}\n{'':28}{'forward':>18}{'ratio':>7}{'training step':>20}{'ratio':>7}", end="")
    print(f"{'memory':>10}")
    for name in names:
        print(f"{name:28}", end="")
        for which, width in ((0, 18), (1, 20)):
            theirs, ours = seconds[name, which], seconds[OURS, which]
            cell = f"{1e3 * statistics.median(theirs):.1f} ({1e3 * min(theirs):.1f})"
            ratio = statistics.median(theirs) / statistics.median(ours)
            print(f"{cell:>{width}}{ratio:7.2f}", end="")
        command = [sys.executable, __file__, "--memory-of", str(number), name]
        completed = subprocess.run(command, capture_output=True, text=True, check=True)
        print(f"{float(completed.stdout):>7.0f} MB", flush=True)


def compare_building() -> None:
    """Print the time to build a layer and make its first compiled call, by image size."""
    print("\nbuilding and first call, ms: 3 channels → 8, batch 32")
    print(f"{'':28}" + "".join(f"{f'{side}×{side}':>10}" for side in _BUILDING_SIDES))
    old = "tf_keras, implementation 1"
    medians = {}
    for name in (OURS, SHARED, old):
        print(f"{name:28}", end="")
        for side in _BUILDING_SIDES:
            if name == old and side > 64:  # takes minutes: proportional to the positions
                print(f"{'–':>10}", end="")
                continue
            case = Case(side, 3, 8, 32)
            calls = [
                partial(_build_and_call, case, name, *_data(case))
                for _ in range(1 if name == old else 5)
            ]
            medians[name, side] = statistics.median(timed(call) for call in calls)
            print(f"{1e3 * medians[name, side]:>10,.0f}", end="", flush=True)
        print()
    print(f"implementation 1 over ours at 64×64: {medians[old, 64] / medians[OURS, 64]:.0f}")


def peak_memory(case: Case, name: str) -> float:
    """Return the peak memory in megabytes that five training steps add to this process."""
    data = _data(case)
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before = psutil.Process().memory_info().rss
    step = contestant(case, name, *data).step
    for _ in range(5):
        step()
    # `getrusage` would include the memory of the parent process.
    status = Path("/proc/self/status").read_text("utf-8")
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return (int(peak) * 1024 - before) / 1e6


class Contestant(NamedTuple):
    """One layer in one case: forward pass, and training step."""

    forward: Callable[[], object]
    step: Callable[[], object]


def contestant(case: Case, name: str, images: np.ndarray, gradient: np.ndarray) -> Contestant:
    """Return the compiled functions of a layer on fixed inputs."""
    import keras

    if keras.backend.backend() == "jax":
        return _on_jax(case, name, images, gradient)
    return _on_tensorflow(_layer(case, name), images, gradient)


def timed(function: Callable[[], object]) -> float:
    """Return the seconds of one call."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def _build_and_call(case: Case, name: str, images: np.ndarray, gradient: np.ndarray) -> None:
    contestant(case, name, images, gradient).forward()


def _data(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Return random inputs and a random gradient of the output."""
    rng = np.random.default_rng(0)
    size = case.side - KERNEL + 1
    images = rng.normal(size=(case.batch, case.side, case.side, case.channels)).astype("float32")
    gradient = rng.normal(size=(case.batch, size, size, case.filters)).astype("float32")
    return images, gradient


def _layer(case: Case, name: str) -> Any:
    import keras

    from app.layers.locally_connected_2d import LocallyConnected2D

    if name == OURS:
        return LocallyConnected2D(case.filters, KERNEL)
    if name == SHARED:
        return keras.layers.Conv2D(case.filters, KERNEL)
    import tf_keras

    implementation = int(name[-1])
    return tf_keras.layers.LocallyConnected2D(case.filters, KERNEL, implementation=implementation)


def _on_tensorflow(layer: Any, images: np.ndarray, gradient: np.ndarray) -> Contestant:
    import tensorflow as tf

    x, dy = tf.constant(images), tf.constant(gradient)
    forward = tf.function(lambda x: layer(x))

    @tf.function
    def step(x: Any, dy: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        return y, tape.gradient(y, [x, *layer.trainable_variables], dy)

    return Contestant(lambda: forward(x), lambda: step(x, dy))


def _on_jax(case: Case, name: str, images: np.ndarray, gradient: np.ndarray) -> Contestant:
    import jax
    from jax import lax

    if name == LAX:
        size, features = case.side - KERNEL + 1, KERNEL**2 * case.channels
        kernel = np.ones((size, size, features, case.filters), "float32")
        weights = [kernel, np.ones((size, size, case.filters), "float32")]

        def apply(weights: Any, x: Any) -> Any:
            kernel, bias = weights
            window, layout = (KERNEL, KERNEL), ("NHWC", "HWIO", "NHWC")
            return bias + lax.conv_general_dilated_local(
                x, kernel, (1, 1), "VALID", window, dimension_numbers=layout
            )
    else:
        layer = _layer(case, name)
        layer.build((None, *images.shape[1:]))
        weights = [variable.value for variable in layer.trainable_variables]

        def apply(weights: Any, x: Any) -> Any:
            return layer.stateless_call(weights, [], x)[0]

    @jax.jit
    def step(weights: Any, x: Any, dy: Any) -> Any:
        y, backward = jax.vjp(apply, weights, x)
        return y, backward(dy)

    forward = jax.jit(apply)
    weights, x, dy = (jax.device_put(value) for value in (weights, images, gradient))
    return Contestant(
        lambda: jax.block_until_ready(forward(weights, x)),
        lambda: jax.block_until_ready(step(weights, x, dy)),
    )


if __name__ == "__main__":
    main()
