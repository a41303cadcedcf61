"""Input pipeline: training with the batches of `train.py` against arrays in memory.

    CONVLAB_DATA=... python benchmarks/input_pipeline.py catsdogs

One compiled model trains in one process, in alternating epochs, on three inputs: the batches of
`train.py` (shuffled, optionally augmented, by worker threads), arrays in memory, and the same
batches as a `PyDataset`, whose pipeline TensorFlow tunes. A ratio is our images per second over the
peer's; each `fit` is timed until it returns. 1.00 over arrays means that the input costs nothing.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path


def main() -> None:
    """Print rate and ratio of each input."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", help="dataset, as in train.py")
    parser.add_argument("--model")
    parser.add_argument("--augment", default="none")
    parser.add_argument("--cache", default="memory", choices=("memory", "stream"))
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--limit", type=int, default=2000, help="images (default: 2000)")
    parser.add_argument("--repeats", type=int, default=5, help="repetitions (default: 5)")
    arguments = parser.parse_args()

    from app.keras_startup import start_keras

    start_keras()
    import keras
    import numpy as np

    from app.augmentation.parsing import parse_augmentation
    from app.config import RunSettings
    from app.data.batches import Batches, EnterEpoch, as_fit_input
    from app.data.pixels import Decoder
    from app.data.registry import load_dataset
    from app.models import build_model
    from app.training.compile import Targets, compile_model
    from app.training.plan import Optimization
    from app.training.precision import precision_policy
    from app.training.recipes import resolve

    config = resolve(RunSettings(dataset=arguments.dataset, model=arguments.model))
    splits = load_dataset(config.dataset, Path(config.data_dir)).with_training_limit(
        arguments.limit
    )
    size = (config.image_size, config.image_size)
    decoder = Decoder(size, splits.channels, arguments.cache == "memory", config.workers)
    decoded = decoder.decode(splits.train, splits.class_names)
    labels = decoded.examples.labels
    count = len(labels)
    with precision_policy(arguments.precision):
        model = build_model(
            config.model, (*size, splits.channels), len(splits.class_names), config.dropout
        )
        compile_model(
            model,
            Optimization.of(config),
            Targets(len(splits.class_names)),
            steps=10_000,
        )
    batches = Batches(
        decoded.images,
        labels,
        config.batch_size,
        shuffle=True,
        augment=parse_augmentation(arguments.augment),
        workers=config.workers,
    )
    in_memory = decoded.images[np.arange(count)]

    def timed(
        source: Callable[[], object], y: np.ndarray | None = None, size: int | None = None
    ) -> float:
        started = time.perf_counter()
        x = source()
        callbacks = [] if x is in_memory else [EnterEpoch(batches)]
        model.fit(x, y, batch_size=size, verbose=0, shuffle=x is in_memory, callbacks=callbacks)
        return time.perf_counter() - started

    inputs: dict[str, Callable[[], float]] = {
        "train.py's batches": lambda: timed(lambda: as_fit_input(batches)),
        "arrays in memory": lambda: timed(lambda: in_memory, labels, config.batch_size),
        "PyDataset, tuned": lambda: timed(lambda: batches),
    }
    for run in inputs.values():  # warm-up: tracing
        run()
    rounds = [[run() for run in inputs.values()] for _ in range(arguments.repeats)]
    print(
        f"{config.dataset}, {config.model}, --augment {arguments.augment}, "
        f"--cache {arguments.cache}, {arguments.precision}, Keras on {keras.backend.backend()}"
    )
    for name, seconds in zip(inputs, zip(*rounds, strict=True), strict=True):
        rates = sorted(count / s for s in seconds)
        ratios = [theirs / ours for theirs, (ours, *_) in zip(seconds, rounds, strict=True)]
        print(f"{name:20} {statistics.median(rates):7.0f} images/s", end=" ")
        print(f"({rates[0]:.0f} to {rates[-1]:.0f})", end="  ")
        print(f"ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")


if __name__ == "__main__":
    main()
