"""What the page computes is what Keras computes, layer by layer, on real images and at random."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.classifier import load
from app.data.mnist import load_mnist
from app.export.page import describe, lower, program_bytes
from tests.export.page.interpreter import difference
from tests.export.page.random_models import expected_outputs, random_case
from tests.shipped import MODELS, SHIPPED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:You are using a softmax over axis:UserWarning"),
]

DIGITS, PHOTOGRAPHS = 200, 4  # benchmarks/page_engine.py takes 200 photographs
TOLERANCE = 1e-4  # of the largest magnitude of a layer


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(st.data(), st.integers(0, 2**32 - 1))
def test_a_random_network_agrees_with_keras_in_every_layer(engine, data, seed):
    case = random_case(lambda options: data.draw(st.sampled_from(list(options))), seed)
    outputs = engine.outputs(program_bytes(case.program), case.pixels[np.newaxis])
    for name, expected in case.expected.items():
        assert difference(outputs[name][0], expected) <= TOLERANCE, name


def real_images(classifier, folder) -> list[np.ndarray]:
    if classifier.mnist_style:
        return list(load_mnist(folder).test.images[:DIGITS])
    pets = folder / "catsdogs" / "PetImages"
    half = PHOTOGRAPHS // 2
    files = [pets / kind / f"{n}.jpg" for kind in ("Cat", "Dog") for n in range(half)]
    return [classifier.load_image(file) for file in files]


@pytest.mark.parametrize("model_name", SHIPPED)
def test_a_shipped_model_agrees_with_keras_in_every_layer(engine, model_name, real_data):
    classifier = load(MODELS / model_name)
    model = classifier.inspect().keras_model
    program = lower(model, describe(classifier))
    file = program_bytes(program)
    images = np.stack(real_images(classifier, real_data))
    size = 20 if classifier.mnist_style else 1  # more at once are too much for Playwright
    for start in range(0, len(images), size):
        batch = images[start : start + size]
        outputs = engine.outputs(file, batch)
        for position, image in enumerate(batch):
            expected = expected_outputs(model, program, image.astype(np.float32))
            for name, values in expected.items():
                assert difference(outputs[name][position], values) <= TOLERANCE, name
