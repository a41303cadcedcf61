"""A copy of a network with new initial weights: the control of what training has added."""

from __future__ import annotations

import random
from dataclasses import replace

import keras

from app.classifier.hooks import keras_outputs, list_layers
from app.classifier.inspected_model import InspectedModel
from app.errors import AppError
from app.insight.choices import RANDOM_WEIGHTS


def untrained(model: InspectedModel, seed: int = RANDOM_WEIGHTS) -> InspectedModel:
    """Return the network of a model as it is before training.

    Args:
        model: Model to copy; it stays as it is.
        seed: Seed of the weights.

    Raises:
        AppError: If the network cannot be built from its configuration.
    """
    state = random.getstate()
    random.seed(seed)  # initializers without a seed of their own draw one from here
    try:
        network = keras.models.clone_model(model.keras_model)
    except (TypeError, ValueError) as error:
        raise AppError(
            f"The network of '{model.name}' cannot be built again: {error}",
            "Expected a Sequential or functional model.",
        ) from None
    finally:
        random.setstate(state)
    layers = list_layers(network, (*model.image_size, model.channels))
    return replace(model, keras_model=network, outputs=keras_outputs(network), layers=layers)
