"""Fast adversarial training: a network learns from images attacked while it learns.

Each batch is changed by one step along the gradient of the loss from a random start within ±ε, and
the network takes its step of training on the result. The batches depend on the weights, so that
they cannot be prepared beside the training as elsewhere.

Source: Wong, Rice & Kolter, Fast is better than free: Revisiting adversarial training, 2020.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from app.classifier.inspected_model import InspectedModel
from app.data.dataset import Split
from app.lab.attacks import ProjectedGradient
from app.models import build_model

_BATCH = 64
_RATE = 2e-3  # largest learning rate of Adam
_WARM_UP = 0.2  # of all steps: from the start on, large steps on attacked images end at chance
_REACH = 1.25  # length of the step, in units of ε


@dataclass(frozen=True)
class AdversarialTraining:
    """A training run.

    Attributes:
        levels: Largest change ε of a value, in levels of 255; 0 for training without attacks.
        epochs: Number of epochs.
        seed: Seed of the weights, the order and the starts of the attacks.
    """

    levels: int
    epochs: int
    seed: int

    def train(self, images: Split, class_names: tuple[str, ...]) -> InspectedModel:
        """Return a convnet trained on images in memory, `(N, H, W, C)`.

        The learning rate rises, then falls to zero along a cosine.
        """
        keras.utils.clear_session()
        keras.utils.set_random_seed(self.seed)
        random = np.random.default_rng(self.seed)
        shape = images.pixels.shape[1:]
        network = build_model("convnet", shape, len(class_names), 0.0)
        model = InspectedModel.wrap(network, class_names=class_names, image_shape=shape)
        batches = -(-len(images) // _BATCH)
        warm_up = int(_WARM_UP * batches * self.epochs) + 1
        rate = keras.optimizers.schedules.CosineDecay(
            0.0, batches * self.epochs, warmup_target=_RATE, warmup_steps=warm_up
        )
        loss = f"{'binary' if len(class_names) == 2 else 'sparse_categorical'}_crossentropy"
        network.compile(keras.optimizers.Adam(rate), loss)
        attack = ProjectedGradient(1, random, _REACH)
        for _ in range(self.epochs):
            for chosen in np.array_split(random.permutation(len(images)), batches):
                pixels, labels = images.pixels[chosen], images.labels[chosen]
                if self.levels:
                    pixels = attack.attack(model, pixels, labels, self.levels)
                network.train_on_batch(pixels.astype(np.float32), labels)
        return model
