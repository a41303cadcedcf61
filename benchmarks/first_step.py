"""How long until a small network has made its first step? As we compile it, and as Keras would.

    python benchmarks/first_step.py

Building, compiling, tracing and the first step of `--recipe fast`, on random digits, each time in a
new process, in turn: as it is; with Keras's optimiser, which asks for the rate once per weight;
with one whose variables are made while the step is traced.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

ARMS = ("as it is", "Keras's optimiser", "unbuilt optimiser")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        print(_seconds(arguments.one))
        return
    found: dict[str, list[float]] = {arm: [] for arm in ARMS}
    for _ in range(arguments.repeats):
        for arm in ARMS:
            command = [sys.executable, __file__, "--one", arm]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found[arm].append(float(done.stdout))
    for arm, seconds in found.items():
        ratios = [theirs / own for theirs, own in zip(seconds, found[ARMS[0]], strict=True)]
        print(
            f"{arm:20}{statistics.median(seconds):6.2f} s ({min(seconds):.2f}–{max(seconds):.2f})"
            f"{statistics.median(ratios):8.2f}× ({min(ratios):.2f}–{max(ratios):.2f})"
        )


def _seconds(arm: str) -> float:
    from app.keras_startup import start_keras

    start_keras()
    import keras
    import numpy as np
    import tensorflow as tf

    from app.config import RunConfig
    from app.data.batches import Batches, as_fit_input
    from app.models import BUILDERS
    from app.training import compilation
    from app.training.recipes import resolve

    build = keras.optimizers.SGD.build

    def build_while_traced(optimizer: keras.optimizers.SGD, variables: list[object]) -> None:
        if not tf.executing_eagerly():
            build(optimizer, variables)

    if arm == "Keras's optimiser":
        setattr(compilation, "SGD", keras.optimizers.SGD)  # noqa: B010
    elif arm == "unbuilt optimiser":
        keras.optimizers.SGD.build = build_while_traced
    config = resolve(RunConfig(dataset="mnist", recipe="fast"))
    images = np.random.default_rng(0).integers(0, 256, (config.batch_size, 28, 28, 1), np.uint8)
    batches = Batches(images, np.arange(len(images)) % 10, config.batch_size)
    started = time.perf_counter()
    model = BUILDERS[config.model]((28, 28, 1), 10, config.dropout)
    compilation.compile_model(model, config, num_classes=10, steps=288, soft=False)
    model.fit(as_fit_input(batches), verbose=0)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
