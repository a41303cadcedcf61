"""A network of each kind, and an image."""

import keras
import numpy as np
import pytest

from app.classifier.inspected_model import InspectedModel
from tests.insight.networks import KINDS, SIDE, opened


@pytest.fixture(autouse=True)
def _seed():
    keras.utils.set_random_seed(0)


@pytest.fixture(params=list(KINDS))
def model(request) -> InspectedModel:
    build, classes = KINDS[request.param]
    return opened(build(), classes)


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
