"""Numerical differences of `LocallyConnected1D/2D` from Keras 2's layers.

    pip install -e '.[bench]'
    python benchmarks/layer_parity.py

The first table covers tf_keras's implementations, paddings, strides and data formats on random
inputs. Both layers have the same weights, loaded by `from_keras2`. It shows the largest difference
of the outputs, and of the gradients with respect to inputs, kernel and bias. The second table shows
the largest difference of the probabilities of models that tf_keras saved as `.h5` and
`load_keras2_model` opened.
"""

from __future__ import annotations

import itertools
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np

_RANKS = {1: ((19,), (3,)), 2: ((15, 14), (3, 2))}


def main() -> None:
    """Print both tables."""
    from app.keras_startup import start_keras

    start_keras()
    warnings.simplefilter("ignore")  # tf_keras warns about .h5, ours about other layouts
    print(f"{'layer':20}{'impl.':>6} {'padding':9}{'strides':>7} {'format':16}", end="")
    print(f"{'output':>9}{'gradients':>11}")
    for rank, first, (implementation, padding) in itertools.product(
        (1, 2), (False, True), ((1, "valid"), (2, "valid"), (2, "same"), (3, "valid"), (3, "same"))
    ):
        for strides in (1, 2):
            output, gradient = differences(rank, implementation, padding, strides, first)
            order = "channels_first" if first else "channels_last"
            print(f"LocallyConnected{rank}D   {implementation:>6} {padding:9}{strides:>7} ", end="")
            print(f"{order:16}{output:9.1e}{gradient:11.1e}")
    print("\nKeras 2's .h5, opened by load_keras2_model")
    for implementation in (1, 2, 3):
        size, difference = saved_model(implementation)
        print(f"implementation {implementation}: file {size / 1e6:6.2f} MB, {difference:.1e}")


def differences(
    rank: int, implementation: int, padding: str, strides: int, first: bool
) -> tuple[float, float]:
    """Return the largest differences of outputs and gradients."""
    import tensorflow as tf
    import tf_keras

    from app.keras2.locally_connected_weights import from_keras2
    from app.layers import LocallyConnected1D, LocallyConnected2D

    rng = np.random.default_rng(0)
    spatial, kernel_size = _RANKS[rank]
    shape = (8, 5, *spatial) if first else (8, *spatial, 5)
    name = f"LocallyConnected{rank}D"
    old = getattr(tf_keras.layers, name)(
        6,
        kernel_size,
        strides,
        padding,
        "channels_first" if first else "channels_last",
        implementation=implementation,
    )
    x = tf.constant(rng.normal(size=shape).astype("float32"))
    weighting = tf.constant(rng.normal(size=old(x).shape).astype("float32"))
    old.set_weights([0.2 * rng.normal(size=weight.shape) for weight in old.get_weights()])
    new = {1: LocallyConnected1D, 2: LocallyConnected2D}[rank].from_config(old.get_config())
    new.build(shape)
    new.set_weights(from_keras2(new, old.get_weights()))

    def run(layer: Any) -> tuple[np.ndarray, list[np.ndarray]]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        gradients = tape.gradient(y, [x, *layer.trainable_variables], weighting)
        return y.numpy(), [tf.convert_to_tensor(gradient).numpy() for gradient in gradients]

    theirs, (by_x, *by_weights) = run(old)
    mine, my_gradients = run(new)
    pairs = zip(my_gradients, [by_x, *from_keras2(new, by_weights)], strict=True)
    return float(np.abs(mine - theirs).max()), max(float(np.abs(a - b).max()) for a, b in pairs)


def saved_model(implementation: int) -> tuple[int, float]:
    """Return the size of a Keras 2 file in bytes and the largest difference after opening it."""
    import tf_keras

    from app.keras2 import load_keras2_model

    layers = tf_keras.layers
    old = tf_keras.Sequential(
        [
            layers.Input((14, 14, 3)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.LocallyConnected2D(8, 3, activation="relu", implementation=implementation),
            layers.LocallyConnected2D(8, 3, 2, activation="relu", implementation=implementation),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    old.compile("adam", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    images = rng.normal(size=(64, 14, 14, 3)).astype("float32")
    old.fit(images, rng.integers(0, 10, 64), epochs=3, verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "old.h5"
        old.save(path)
        new = load_keras2_model(path)
        difference = np.abs(new(images).numpy() - old(images).numpy()).max()
        return path.stat().st_size, float(difference)


if __name__ == "__main__":
    main()
