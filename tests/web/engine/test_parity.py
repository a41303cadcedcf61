"""What the page computes is what Keras computes, layer by layer, on real images and at random."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.classifier import load
from app.classifier.hooks import layer_outputs, list_layers
from app.data.mnist import load_mnist
from app.export.page import describe, lower, program_bytes
from tests.export.page.interpreter import difference
from tests.export.page.random_models import random_case
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


def keras_outputs(model, program, images) -> dict[str, np.ndarray]:
    """Return `{operation: (N, …)}` of the operations that end a layer."""
    last = {operation.layer: operation.name for operation in program.operations}
    infos = [info for info in list_layers(model, images.shape[1:]) if info.path in last]
    outputs = layer_outputs(model, images, infos)
    return {last[path]: values for path, values in outputs.items()}


@pytest.mark.parametrize("model_name", SHIPPED)
def test_a_shipped_model_agrees_with_keras_in_every_layer(engine, model_name, real_data):
    classifier = load(MODELS / model_name)
    model = classifier.inspect().keras_model
    program = lower(model, describe(classifier))
    file = program_bytes(program)
    images = np.stack(real_images(classifier, real_data)).astype(np.float32)
    size = 20 if classifier.mnist_style else 1  # more at once are too much for Playwright
    for start in range(0, len(images), size):
        batch = images[start : start + size]
        outputs = engine.outputs(file, batch)
        expected = keras_outputs(model, program, batch)
        assert program.operations[-1].name in expected
        for name, values in expected.items():
            for own, other in zip(outputs[name], values, strict=True):
                assert difference(own, other) <= TOLERANCE, name
