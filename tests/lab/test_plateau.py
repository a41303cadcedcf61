"""When a training run stops, and what is measured after each epoch."""

from itertools import count

import keras
import numpy as np
import pytest

from app.data.dataset import Split
from app.lab.examples import ExampleImages
from app.lab.plateau import UntilPlateau, at_plateau
from app.lab.small_run import small_run

LOSSES = [0.70, 0.65, 0.60, 0.62, 0.66, 0.71, 0.80]
ACCURACIES = [0.50, 0.55, 0.60, 0.64, 0.64, 0.63, 0.64]  # the best is that of the fourth epoch


def stop_of(losses, accuracies, patience):
    """Return the number of epochs after which training stops."""
    return next(
        (n for n in range(1, len(losses) + 1)
         if at_plateau(losses[:n], accuracies[:n], patience)), None
    )  # fmt: skip


@pytest.mark.parametrize(
    ("losses", "accuracies", "patience", "epochs"),
    [
        (LOSSES, ACCURACIES, 2, 6),
        (LOSSES, ACCURACIES, 3, 7),
        (LOSSES, ACCURACIES, 4, None),
        (LOSSES, [0.5] * 7, 3, 6),  # the loss of the third epoch is the lowest
        ([0.7] * 7, ACCURACIES, 3, 7),
        ([0.7] * 7, [0.5] * 7, 3, 4),  # equal is no better
        (sorted(LOSSES, reverse=True), [0.5] * 7, 1, None),
    ],
)
def test_a_plateau_has_neither_a_better_loss_nor_a_better_accuracy(
    losses, accuracies, patience, epochs
):
    assert stop_of(losses, accuracies, patience) == epochs


def images_of(number, seed):
    random = np.random.default_rng(seed)
    labels = np.arange(number) % 2
    images = random.integers(0, 90, (number, 28, 28, 1)).astype(np.uint8)
    images[labels == 1, :, 14:] += 60
    return Split(images, labels, [""] * number)


@pytest.mark.slow
def test_clean_values_are_those_of_keras_in_inference_mode():
    training, validation = images_of(60, 0), images_of(40, 1)
    images = ExampleImages("digits", "digits", "", ("a", "b"), training, validation, "")
    run = small_run(
        images, model="convnet", epochs=3, augment="digits", dropout=0.5, schedule="constant"
    )
    until = UntilPlateau({"training": training, "validation": validation}, ("a", "b"), 20)
    network, history = run.train(training, callbacks=[until])
    assert not until.stopped
    for name, split in (("training", training), ("validation", validation)):
        expected = network.evaluate(split.pixels, split.labels, verbose=0, return_dict=True)
        found = until.history[name]
        assert len(found["loss"]) == 3
        assert found["loss"][-1] == pytest.approx(expected["loss"], abs=1e-4)
        assert found["accuracy"][-1] == pytest.approx(expected["accuracy"], abs=1e-4)
    # Keras's own training loss is another number.
    assert abs(history["loss"][-1] - until.history["training"]["loss"][-1]) > 1e-3


def test_training_stops_at_the_plateau():
    number = count()

    class Worse(keras.layers.Layer):
        """Is more confident of the wrong class with every call."""

        def call(self, inputs):
            wrong = 0.1 * next(number)
            return keras.ops.ones_like(inputs[:, 0, 0, :]) * keras.ops.sigmoid(wrong)

    zeros = Split(np.zeros((4, 2, 2, 1), np.uint8), np.zeros(4, int), [""] * 4)
    until = UntilPlateau({"validation": zeros}, ("a", "b"), 3)
    until.set_model(keras.Sequential([keras.Input((2, 2, 1)), Worse()]))
    for epoch in range(4):
        assert not until.stopped
        until.on_epoch_end(epoch)
    assert until.stopped
    assert until.model.stop_training
    assert until.history["validation"]["loss"] == sorted(until.history["validation"]["loss"])
