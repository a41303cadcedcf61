"""Augmented batches of JAX's device against those of the CPU's threads.

    CONVLAB_DATA=... KERAS_BACKEND=jax python benchmarks/device_input.py mnist --augment digits

Both prepare the same batches in alternating rounds, until their pixels are ready on the device. A
ratio is the device's images per second over the CPU's. On a machine without a GPU, JAX computes on
the CPU's cores, too.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path


def main() -> None:
    """Print both rates and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", help="dataset, as in train.py")
    parser.add_argument("--augment", default="lecture")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--limit", type=int, default=2000, help="images (default: 2000)")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()

    from app.keras_startup import start_keras

    start_keras()
    import jax
    import numpy as np

    from app.augmentation.on_device import DeviceImages
    from app.augmentation.parsing import parse_augmentation
    from app.config import RunSettings
    from app.data.batches import Batches
    from app.data.pixels import Decoder, PrepareBatch
    from app.data.registry import load_dataset
    from app.training.recipes import resolve

    config = resolve(RunSettings(dataset=arguments.dataset))
    splits = load_dataset(config.dataset, Path(config.data_dir)).with_training_limit(
        arguments.limit
    )
    size = (config.image_size, config.image_size)
    decoded = Decoder(size, splits.channels, True, config.workers).decode(
        splits.train, splits.class_names
    )
    targets = np.eye(len(splits.class_names), dtype=np.float32)[decoded.examples.labels]
    pixels = np.asarray(decoded.images[np.arange(len(targets))])

    def batches_of(prepare: PrepareBatch | None) -> Batches:
        return Batches(
            pixels,
            targets,
            arguments.batch_size,
            shuffle=True,
            augment=parse_augmentation(arguments.augment),
            workers=config.workers,
            prepare=prepare,
        )

    inputs = {
        "device": batches_of(DeviceImages(pixels, targets).batch),
        "CPU": batches_of(None),
    }
    rates: dict[str, list[float]] = {name: [] for name in inputs}
    for epoch in range(arguments.rounds + 1):
        for name, batches in inputs.items():
            batches.enter_epoch(epoch)
            started = time.perf_counter()
            for index in range(batches.num_batches):
                jax.block_until_ready(jax.device_put(batches[index][0]))
            if epoch:  # the first round compiles
                rates[name].append(len(targets) / (time.perf_counter() - started))
    for name, measured in rates.items():
        print(f"{name:8} {statistics.median(measured):10,.0f} images/s")
    ratios = np.divide(rates["device"], rates["CPU"])
    print(
        f"ratio    {np.median(ratios):.2f} ({ratios.min():.2f}–{ratios.max():.2f}), "
        f"{jax.devices()[0].platform}, {arguments.augment}, {len(targets):,} images"
    )


if __name__ == "__main__":
    main()
