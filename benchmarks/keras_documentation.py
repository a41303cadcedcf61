"""The MNIST peer: the simple convnet of Keras's documentation, unchanged.

Two convolutions of 32 and 64 filters, each with max pooling, then dropout 0.5 and a softmax, have
34,826 weights. It trains with Adam and batches of 128 for 15 epochs on the first 54,000 training
images, pixels divided by 255. Source: "Simple MNIST convnet", F. Chollet, 2015.

    CONVLAB_DATA=... python benchmarks/keras_documentation.py --seed 0

prints its result as JSON, which `accuracy.py` and `time_to_accuracy.py` read.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

EPOCHS, BATCH_SIZE, TRAINED_ON = 15, 128, 54_000


def main() -> None:
    """Train and print the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="seed of weights, order and dropout")
    parser.add_argument("--stop-at", type=float, help="test accuracy that ends the run")
    arguments = parser.parse_args()
    from app.data.registry import default_data_dir
    from app.keras_startup import start_keras

    start_keras()
    print(json.dumps(train(default_data_dir(), arguments.seed, arguments.stop_at)))


def train(data_dir: Path, seed: int, stop_at: float | None = None) -> dict[str, float]:
    """Train the network and evaluate it on the test images after every epoch.

    Args:
        data_dir: Folder of the datasets.
        seed: Seed of weights, order and dropout.
        stop_at: Test accuracy that ends the run, or `None` for all epochs.

    Returns:
        `accuracy` on the test images at the end; `seconds` of building and training, without
        loading and evaluation; the numbers of `epochs`, `images` and `parameters`.
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
    evaluations: list[tuple[float, float]] = []  # seconds without evaluation, accuracy
    evaluation_seconds = 0.0

    class EvaluateOnTestImages(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            nonlocal evaluation_seconds
            before = time.perf_counter()
            probabilities = self.model.predict(test_images, batch_size=1000, verbose=0)
            accuracy = float((probabilities.argmax(axis=1) == splits.test.labels).mean())
            evaluations.append((before - started - evaluation_seconds, accuracy))
            evaluation_seconds += time.perf_counter() - before
            self.model.stop_training = stop_at is not None and accuracy >= stop_at

    model.fit(images, labels, BATCH_SIZE, EPOCHS, verbose=0, callbacks=[EvaluateOnTestImages()])
    seconds, accuracy = evaluations[-1]
    return {
        "accuracy": accuracy,
        "seconds": seconds,
        "epochs": len(evaluations),
        "images": TRAINED_ON,
        "parameters": model.count_params(),
    }


if __name__ == "__main__":
    main()
