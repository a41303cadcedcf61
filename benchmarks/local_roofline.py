"""Roofline of an unshared convolution: parts of its time, and limits of the machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

_ROUNDS = 15


def print_roofline(cases: Sequence[tuple[int, int, int, int]], kernel_size: int) -> None:
    """Print the limits and parts of a training step of `LocallyConnected2D` on TensorFlow.

    A step is three products of 2·B·P·F·C·K operations: the output, and the gradients of the kernel
    and of the windows. The minimum memory traffic reads inputs and kernel forward and backward,
    writes their gradients, writes the output and reads its gradient. The parts are timed
    separately, so they do not add up exactly.

    Args:
        cases: Side, channels, filters and batch size of each case.
        kernel_size: Height and width of the kernel.
    """
    product_rate, copy_rate = machine_rates()
    print(f"\nroofline: best matrix product {product_rate / 1e9:.0f} GFLOP/s (2048×2048), ", end="")
    print(f"copy {copy_rate / 1e9:.1f} GB/s read and written (256 MB)")
    for side, channels, filters, batch in cases:
        one_case(side, channels, filters, batch, kernel_size, product_rate, copy_rate)


def one_case(
    side: int,
    channels: int,
    filters: int,
    batch: int,
    kernel_size: int,
    product_rate: float,
    copy_rate: float,
) -> None:
    """Print the roofline of one case."""
    import tensorflow as tf

    from app.layers.local_convolution import image_windows
    from app.layers.locally_connected_2d import LocallyConnected2D

    size = side - kernel_size + 1
    positions, features = size**2, kernel_size**2 * channels
    x = tf.random.normal((batch, side, side, channels))
    dy = tf.random.normal((batch, size, size, filters))
    rows = tf.random.normal((positions, batch, features))
    kernel = tf.random.normal((positions, features, filters))
    drows = tf.random.normal((positions, batch, filters))
    dwindows = tf.reshape(rows, (size, size, batch, features))
    layer = LocallyConnected2D(filters, kernel_size)
    layer.build(x.shape)

    def windows(x: Any) -> Any:
        return image_windows(x, layer.window)

    @tf.function
    def windows_and_back(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = windows(x)
        return y, tape.gradient(y, x, dwindows)

    @tf.function
    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        return y, tape.gradient(y, [x, *layer.trainable_variables], dy)

    product = tf.function(lambda: tf.matmul(rows, kernel))
    kernel_gradient = tf.function(lambda: tf.matmul(rows, drows, transpose_a=True))
    window_gradient = tf.function(lambda: tf.matmul(drows, kernel, transpose_b=True))
    parts = {
        "training step": median_time(lambda: step(x)),
        "output product": median_time(product),
        "kernel gradient": median_time(kernel_gradient),
        "window gradient": median_time(window_gradient),
        "windows, forward and backward": median_time(lambda: windows_and_back(x)),
    }
    step_seconds = parts.pop("training step")
    parts["rest: transposed output, bias"] = step_seconds - sum(parts.values())
    operations = 3 * 2 * batch * positions * features * filters
    moved = 4 * (3 * tf.size(x) + 3 * tf.size(kernel) + 2 * tf.size(dy)).numpy()
    print(
        f"{side}×{side}×{channels} → {filters}, batch {batch}: {operations / 1e9:.2f} GFLOP = "
        f"{1e3 * operations / product_rate:.1f} ms, {moved / 1e6:.0f} MB = "
        f"{1e3 * moved / copy_rate:.1f} ms; measured {1e3 * step_seconds:.1f} ms, "
        f"{operations / product_rate / step_seconds:.0%} of the product rate"
    )
    for name, seconds in parts.items():
        rate = f"{operations / 3 / seconds / product_rate:6.0%} of the rate"
        is_product = name.endswith(("product", "gradient"))
        print(f"    {name:36}{1e3 * seconds:6.1f} ms{seconds / step_seconds:6.0%}", end="")
        print(rate if is_product else "")


def machine_rates() -> tuple[float, float]:
    """Return the operations per second of a large product, and the bytes per second of a copy."""
    import tensorflow as tf

    side = 2048
    square = tf.random.normal((side, side))
    product = tf.function(lambda: square @ square)
    large = tf.random.normal((64, 1024, 1024))
    copy = tf.function(lambda: large + 1)
    seconds = [min(times(function)) for function in (product, copy)]
    return 2 * side**3 / seconds[0], 2 * 4 * large.shape.num_elements() / seconds[1]


def median_time(function: Callable[[], object]) -> float:
    """Return the median of `times`."""
    return statistics.median(times(function))


def times(function: Callable[[], object]) -> list[float]:
    """Return the seconds of several calls, after two warm-up calls."""
    function()
    function()
    seconds = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - started)
    return seconds
