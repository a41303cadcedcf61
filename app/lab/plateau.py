"""Clean accuracy and loss after every epoch of a training run, until its plateau."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np

from app.data.dataset import Split
from app.metrics import evaluate_probabilities
from app.training.small_run import probabilities_of

METRICS = ("accuracy", "loss")


def at_plateau(losses: Sequence[float], accuracies: Sequence[float], patience: int) -> bool:
    """Return whether neither the loss nor the accuracy was best in one of the last epochs.

    An epoch that only equals an earlier one is no better. Both count, because the loss of a network
    that memorizes its training images rises while its accuracy may still do so, too.

    Args:
        losses: Validation loss after each epoch.
        accuracies: Validation accuracy after each epoch.
        patience: Number of last epochs, without which one must have been best before.
    """
    best = max(int(np.argmin(losses)), int(np.argmax(accuracies)))
    return len(losses) - 1 - best >= patience


class UntilPlateau(keras.callbacks.Callback):
    """Measures images as they are after every epoch, in inference mode; stops at the plateau.

    Keras's own training accuracy is a mean over an epoch in which the weights change, of augmented
    images, with dropout.

    Args:
        measured: Images `(N, H, W, C)` to measure, by name. Those of the name `validation` tell
            when the plateau is reached, and should serve nothing else.
        class_names: Names of the classes.
        patience: Epochs without a better loss or accuracy of `validation` before training stops.

    Attributes:
        history: Values after each epoch, by name of the images and by `accuracy` or `loss`.
        stopped: Whether training was stopped at its plateau, not by the limit of epochs.
    """

    def __init__(self, measured: Mapping[str, Split], class_names: Sequence[str], patience: int):
        super().__init__()
        self.history: dict[str, dict[str, list[float]]] = {
            name: {metric: [] for metric in METRICS} for name in measured
        }
        self.stopped = False
        self._measured = measured
        self._class_names = tuple(class_names)
        self._patience = patience

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Measure the images and stop at the plateau."""
        for name, images in self._measured.items():
            found = evaluate_probabilities(
                probabilities_of(self.model, images.pixels), images.labels, self._class_names
            )
            for metric in METRICS:
                self.history[name][metric].append(round(getattr(found, metric), 5))
        validation = self.history["validation"]
        if at_plateau(validation["loss"], validation["accuracy"], self._patience):
            self.stopped = True
            self.model.stop_training = True
