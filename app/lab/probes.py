"""Linear probes on the layers of a network, and the control: the same network, not trained.

A layer of random filters is a good representation already (Jarrett et al., What is the best
multi-stage architecture for object recognition?, 2009). What training adds is the difference.
"""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from app.classifier.inspected_model import InspectedModel
from app.insight.untrained import untrained

_BATCH = 32
_BATCHES = 30  # for the statistics of batch normalization, whose momentum is 0.9
# Models are trained from small seeds: the same seed would give their own initial weights.
_FIRST_SEED = 1000


def probe_correct(features: np.ndarray, labels: np.ndarray, components: int) -> np.ndarray:
    """Fit a linear probe on half of the images; return whether it is right on each of the others.

    Every second image of each class is used for fitting, so that both halves have all classes.
    Features are reduced to their principal components, or layers with more filters would have an
    advantage.

    Args:
        features: Features `(N, F)`.
        labels: Labels `(N,)` int64, at least two of each class.
        components: Largest number of principal components.

    Returns:
        `(N // 2,)` booleans.
    """
    order = np.argsort(labels, kind="stable")
    fitted, measured = order[::2], order[1::2]
    count = min(components, features.shape[1], len(fitted))
    probe = make_pipeline(
        StandardScaler(), PCA(count), LogisticRegression(max_iter=2000, C=0.1)
    )  # fmt: skip
    probe.fit(features[fitted], labels[fitted])
    return np.asarray(probe.predict(features[measured]) == labels[measured])


def untrained_control(model: InspectedModel, images: np.ndarray, seed: int) -> InspectedModel:
    """Return the same network with random weights.

    The statistics of its batch normalization are estimated on the images, else the activations of
    later layers would vanish or explode.

    Args:
        model: Trained model.
        images: Images `(N, H, W, C)` uint8; their labels are not used.
        seed: Seed of the weights.
    """
    control = untrained(model, _FIRST_SEED + seed)
    for number in range(_BATCHES):
        batch = np.arange(number * _BATCH, (number + 1) * _BATCH) % len(images)
        control.keras_model(images[batch], training=True)
    return control
