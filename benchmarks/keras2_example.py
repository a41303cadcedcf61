"""Train `datasets/examples/keras2.h5` with Keras 2: a classifier of drawn cats and dogs.

    pip install -e '.[bench]' && python benchmarks/keras2_example.py datasets/examples/keras2.h5

The file serves to try opening a Keras 2 model without Keras 2. It holds a small Sequential model
with a locally connected layer: 24,000 weights, trained on 3,000 drawings in one minute.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import tf_keras

from app.data.drawn.dataset import drawn_examples

SIDE, EPOCHS = 64, 25


def build() -> tf_keras.Sequential:
    """Return the network: `(B, 64, 64, 3)` pixels in [0, 255] to `(B, 1)` probability of dog."""
    layers = tf_keras.layers
    return tf_keras.Sequential(
        [
            layers.Rescaling(1 / 255, input_shape=(SIDE, SIDE, 3)),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.LocallyConnected2D(8, 3, activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def main() -> None:
    """Train and save the epoch with the best validation accuracy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="output file")
    file = parser.parse_args().file
    training, validation = drawn_examples(0, 1500, SIDE), drawn_examples(4000, 4200, SIDE)
    original = np.asarray(training.images)
    tf_keras.utils.set_random_seed(0)
    model = build()
    model.compile(tf_keras.optimizers.Adam(2e-3), "binary_crossentropy", metrics=["accuracy"])
    best = 0.0
    for epoch in range(EPOCHS):
        flipped = np.random.default_rng(epoch).random(len(original)) < 0.5
        images = np.where(flipped[:, None, None, None], original[:, :, ::-1], original)
        model.fit(images, training.labels, batch_size=32, verbose=0)
        accuracy = model.evaluate(validation.images, validation.labels, verbose=0)[1]
        print(f"epoch {epoch + 1}: validation accuracy {accuracy:.1%}", flush=True)
        if accuracy > best:
            best = accuracy
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Keras 2 warns about its own format
                model.save(file, include_optimizer=False)


if __name__ == "__main__":
    main()
