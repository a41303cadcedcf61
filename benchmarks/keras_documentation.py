"""The peer of MNIST's numbers: the simple convnet of Keras's documentation, as it stands there.

Two convolutions of 32 and 64 filters, each with max pooling, dropout 0.5, a softmax: 34,826
weights; Adam, batches of 128, 15 epochs on the first 54,000 training images, pixels divided by 255.
Source: "Simple MNIST convnet", F. Chollet, 2015.

    CONVLAB_DATA=... python benchmarks/keras_documentation.py --seed 0

prints its result as JSON, as `accuracy.py` and `time_to_accuracy.py` read it.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

EPOCHS, BATCH_SIZE, TRAINED_ON = 15, 128, 54_000


def main() -> None:
    """Train and print the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stop-at", type=float, help="test accuracy at which the run may end")
    arguments = parser.parse_args()
    from app.keras_startup import start_keras

    start_keras()
    print(json.dumps(train(Path(os.environ["CONVLAB_DATA"]), arguments.seed, arguments.stop_at)))


def train(data_dir: Path, seed: int, stop_at: float | None = None) -> dict[str, float]:
    """Train it and look at the test images after every epoch.

    Args:
        data_dir: Where the datasets are kept.
        seed: Seed of weights, order and dropout.
        stop_at: Test accuracy at which the run may end, or `None` for all epochs.

    Returns:
        `accuracy` on the test images at the end, and `seconds` of building and training, the
        loading of the images and the looks at the test images left out.
    """
    import keras
    import numpy as np

    from app.data.dataset import Split
    from app.data.mnist import load_mnist

    splits = load_mnist(data_dir)
    shown = Split.concatenate([splits.train, splits.validation])
    images = np.asarray(shown.images)[:TRAINED_ON].astype("float32") / 255
    labels = shown.labels[:TRAINED_ON]
    test_images = np.asarray(splits.test.images).astype("float32") / 255
    keras.utils.set_random_seed(seed)
    started = time.perf_counter()
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    looks: list[tuple[float, float]] = []  # seconds so far without the looks, accuracy
    looking = 0.0

    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            nonlocal looking
            before = time.perf_counter()
            probabilities = self.model.predict(test_images, batch_size=1000, verbose=0)
            accuracy = float((probabilities.argmax(axis=1) == splits.test.labels).mean())
            looks.append((before - started - looking, accuracy))
            looking += time.perf_counter() - before
            self.model.stop_training = stop_at is not None and accuracy >= stop_at

    model.fit(images, labels, BATCH_SIZE, EPOCHS, verbose=0, callbacks=[Look()])
    seconds, accuracy = looks[-1]
    return {
        "accuracy": accuracy,
        "seconds": seconds,
        "epochs": len(looks),
        "images": TRAINED_ON,
        "parameters": model.count_params(),
    }


if __name__ == "__main__":
    main()
