"""Time until the first training step of a small network, with our optimizer and with Keras's.

    python benchmarks/first_step.py

Measures building, compiling, tracing and the first step of `--recipe fast` on random digits. Every
measurement is a new process; the variants alternate:

- ours: the optimizer of `train.py`
- Keras's optimizer, which computes the learning rate once per weight
- unbuilt optimizer: ours, its variables created while the step is traced
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

VARIANTS = ("ours", "Keras's optimizer", "unbuilt optimizer")


def main() -> None:
    """Print median, range and ratio to ours for each variant."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="repetitions (default: 5)")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        print(_seconds(arguments.one))
        return
    times: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    for _ in range(arguments.repeats):
        for variant in VARIANTS:
            command = [sys.executable, __file__, "--one", variant]
            completed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            times[variant].append(float(completed.stdout))
    for variant, seconds in times.items():
        ratios = [theirs / ours for theirs, ours in zip(seconds, times["ours"], strict=True)]
        print(
            f"{variant:20}{statistics.median(seconds):6.2f} s "
            f"({min(seconds):.2f}–{max(seconds):.2f})"
            f"{statistics.median(ratios):8.2f}× ({min(ratios):.2f}–{max(ratios):.2f})"
        )


def _seconds(variant: str) -> float:
    """Return the seconds from building to the first step."""
    from app.keras_startup import start_keras

    start_keras()
    import keras
    import numpy as np
    import tensorflow as tf

    from app.config import RunSettings
    from app.data.batches import Batches, as_fit_input
    from app.models import build_model
    from app.training import compile as compilation
    from app.training.plan import Optimization
    from app.training.recipes import resolve

    build = keras.optimizers.SGD.build

    def build_while_traced(optimizer: keras.optimizers.SGD, variables: list[object]) -> None:
        if not tf.executing_eagerly():
            build(optimizer, variables)

    if variant == "Keras's optimizer":
        setattr(compilation, "SGD", keras.optimizers.SGD)  # noqa: B010
    elif variant == "unbuilt optimizer":
        keras.optimizers.SGD.build = build_while_traced
    config = resolve(RunSettings(dataset="mnist", recipe="fast"))
    images = np.random.default_rng(0).integers(0, 256, (config.batch_size, 28, 28, 1), np.uint8)
    batches = Batches(images, np.arange(len(images)) % 10, config.batch_size)
    started = time.perf_counter()
    model = build_model(config.model, (28, 28, 1), 10, config.dropout)
    compilation.compile_model(model, Optimization.of(config), compilation.Targets(10), steps=288)
    model.fit(as_fit_input(batches), verbose=0)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
