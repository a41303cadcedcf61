"""Fused batch normalization against Keras's: the layer alone, and a training step of `modern`.

    python benchmarks/batch_normalization.py

Keras's layer and ours alternate in one process on random images. Printed are milliseconds, the
median with the minimum in parentheses, and the ratio of the medians.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from unittest import mock

LAYER_SHAPE, BATCH, SIDE = (32, 32, 64), 32, 128


def main() -> None:
    """Print one line per precision and workload."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="repetitions (default: 15)")
    rounds = parser.parse_args().rounds
    from app.keras_startup import start_keras

    start_keras()
    from app.training.precision import precision_policy

    for precision in ("float32", "bfloat16"):
        with precision_policy(precision):
            workloads = {
                "layer, forward+backward": layer_steps(),
                "modern, one step": modern_steps(),
            }
        for name, (ours, theirs) in workloads.items():
            times = [timed(ours, theirs) for _ in range(rounds)]
            mine, other = ([1e3 * pair[k] for pair in times] for k in (0, 1))
            ratio = statistics.median(other) / statistics.median(mine)
            print(
                f"{precision:9} {name:24} {statistics.median(mine):7.1f} ({min(mine):.1f})  "
                f"Keras {statistics.median(other):7.1f} ({min(other):.1f})  {ratio:.2f}×",
                flush=True,
            )


def timed(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds of each function."""
    marks = [time.perf_counter()]
    for work in (ours, theirs):
        work()
        marks.append(time.perf_counter())
    return marks[1] - marks[0], marks[2] - marks[1]


def layer_steps() -> tuple[Callable[[], object], Callable[[], object]]:
    """Return a training step of a minimal network with our layer and with Keras's."""
    import keras

    from app.layers import FusedBatchNormalization

    def step(kind: type[keras.layers.Layer]) -> Callable[[], object]:
        model = keras.Sequential(
            [
                keras.Input(LAYER_SHAPE),
                keras.layers.DepthwiseConv2D(1, use_bias=False),  # needs the layer's gradient
                kind(),
                keras.layers.GlobalAveragePooling2D(),
                keras.layers.Dense(1, dtype="float32"),
            ]
        )
        return training_step(model, LAYER_SHAPE)

    return step(FusedBatchNormalization), step(keras.layers.BatchNormalization)


def modern_steps() -> tuple[Callable[[], object], Callable[[], object]]:
    """Return a training step of `modern` with our layer and with Keras's."""
    import keras

    import app.layers.residual_block as block_module
    import app.models.modern as modern_module

    shape = (SIDE, SIDE, 3)
    ours = modern_module.build_modern(shape, 2, 0.5)
    name, plain = "FusedBatchNormalization", keras.layers.BatchNormalization
    with (
        mock.patch.object(modern_module, name, plain),
        mock.patch.object(block_module, name, plain),
    ):
        theirs = modern_module.build_modern(shape, 2, 0.5)
    return training_step(ours, shape), training_step(theirs, shape)


def training_step(model: object, shape: tuple[int, int, int]) -> Callable[[], object]:
    """Compile `model` and return one step on a fixed batch, already traced."""
    import keras
    import numpy as np

    assert isinstance(model, keras.Sequential)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (BATCH, *shape)).astype("float32")
    labels = rng.integers(0, 2, BATCH)
    model.compile(keras.optimizers.AdamW(1e-3), "binary_crossentropy")
    model.train_on_batch(images, labels)
    return lambda: model.train_on_batch(images, labels)


if __name__ == "__main__":
    main()
