"""Train `datasets/examples/keras2.h5`: a cat-or-dog classifier of drawn animals, by Keras 2.

    pip install -e '.[bench]' && python benchmarks/keras2_example.py datasets/examples/keras2.h5

A small Sequential with a locally connected layer, in the format that Keras 2 saved, so that
opening such a file can be tried without Keras 2. 24,000 weights, 3,000 drawings, one minute.
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
    """Return the network: `(B, 64, 64, 3)` pixels in [0, 255] to `(B, 1)`, how likely a dog."""
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
    """Train, and save the epoch with the best validation accuracy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    file = parser.parse_args().file
    training, validation = drawn_examples(0, 1500, SIDE), drawn_examples(4000, 4200, SIDE)
    upright = np.asarray(training.images)
    tf_keras.utils.set_random_seed(0)
    model = build()
    model.compile(tf_keras.optimizers.Adam(2e-3), "binary_crossentropy", metrics=["accuracy"])
    best = 0.0
    for epoch in range(EPOCHS):
        mirrored = np.random.default_rng(epoch).random(len(upright)) < 0.5
        images = np.where(mirrored[:, None, None, None], upright[:, :, ::-1], upright)
        model.fit(images, training.labels, batch_size=32, verbose=0)
        accuracy = model.evaluate(validation.images, validation.labels, verbose=0)[1]
        print(f"epoch {epoch + 1}: validation accuracy {accuracy:.1%}", flush=True)
        if accuracy > best:
            best = accuracy
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Keras 2 advises against its own format
                model.save(file, include_optimizer=False)


if __name__ == "__main__":
    main()
