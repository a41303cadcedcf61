"""Does the input starve training? `train.py`'s batches against the same model fed from memory.

    CONVLAB_DATA=... python benchmarks/input_pipeline.py catsdogs

Epochs through `Batches` (shuffled, augmented if asked, by worker threads) and epochs of
`model.fit(x, y)` on arrays alternate in one process on one compiled model; the ratio is of images
per second, ours over memory's. 1.00 means that the input costs nothing.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("dataset")
    parser.add_argument("--model")
    parser.add_argument("--augment", default="none")
    parser.add_argument("--cache", default="memory", choices=("memory", "stream"))
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--limit", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()

    from app.backend import start_keras

    start_keras()
    import keras
    import numpy as np

    from app.augmentation.presets import PRESETS
    from app.config import RunConfig
    from app.data.batches import Batches, EnterEpoch
    from app.data.datasets import load_splits
    from app.data.images import decode
    from app.models import BUILDERS
    from app.training.compilation import compile_model
    from app.training.precision import precision_policy
    from app.training.recipes import resolve

    config = resolve(RunConfig(dataset=arguments.dataset, model=arguments.model))
    splits = load_splits(config.dataset, Path(config.data_dir)).limited(arguments.limit)
    size = (config.image_size, config.image_size)
    decoded = decode(
        splits.train,
        splits.class_names,
        size,
        splits.channels,
        in_memory=arguments.cache == "memory",
        workers=config.workers,
    )
    labels = decoded.examples.labels
    count = len(labels)
    with precision_policy(arguments.precision):
        model = BUILDERS[config.model](
            (*size, splits.channels), len(splits.class_names), config.dropout
        )
        compile_model(model, config, num_classes=len(splits.class_names), steps=10_000, soft=False)
    batches = Batches(
        decoded.images,
        labels,
        config.batch_size,
        shuffle=True,
        augment=PRESETS[arguments.augment],
        workers=config.workers,
    )
    in_memory = decoded.images[np.arange(count)]

    def through_batches() -> float:
        started = time.perf_counter()
        model.fit(batches, verbose=0, shuffle=False, callbacks=[EnterEpoch(batches)])
        return time.perf_counter() - started

    def from_memory() -> float:
        started = time.perf_counter()
        model.fit(in_memory, labels, batch_size=config.batch_size, verbose=0)
        return time.perf_counter() - started

    through_batches()  # traces
    from_memory()
    pairs = [(through_batches(), from_memory()) for _ in range(arguments.repeats)]
    for name, seconds in zip(
        ("train.py's batches", "arrays in memory"), zip(*pairs, strict=True), strict=True
    ):
        rates = sorted(count / s for s in seconds)
        print(f"{name:20} {statistics.median(rates):7.0f} images/s", end=" ")
        print(f"({rates[0]:.0f} to {rates[-1]:.0f})")
    ratios = [memory / ours for ours, memory in pairs]
    print(
        f"ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f}): "
        f"{config.dataset}, {config.model}, --augment {arguments.augment}, "
        f"--cache {arguments.cache}, {arguments.precision}, Keras on {keras.backend.backend()}"
    )


if __name__ == "__main__":
    main()
