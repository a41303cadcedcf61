"""Programs of the shipped models return what Keras returns on real images, layer by layer."""

import numpy as np
import pytest

from app.classifier import load
from app.data.mnist import load_mnist
from app.export.page import describe, lower, program_bytes
from tests.export.page import interpreter
from tests.export.page.random_models import expected_outputs
from tests.shipped import MODELS, SHIPPED

DIGITS, PHOTOGRAPHS = 5, 1  # of each class; the engine runs the same programs on 200


def real_images(classifier, folder) -> list[np.ndarray]:
    if classifier.mnist_style:
        return list(load_mnist(folder).test.images[:DIGITS])
    pets = folder / "catsdogs" / "PetImages"
    files = [pets / kind / f"{n}.jpg" for kind in ("Cat", "Dog") for n in range(PHOTOGRAPHS)]
    return [classifier.load_image(file) for file in files]


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_program_agrees_with_keras_on_real_images(name, real_data):
    classifier = load(MODELS / name)
    model = classifier.inspect().keras_model
    program = lower(model, describe(classifier))
    file = program_bytes(program)
    for image in real_images(classifier, real_data):
        outputs = interpreter.run(file, image)
        expected = expected_outputs(model, program, image.astype(np.float32))
        assert len(expected) >= len(model.layers)
        for operation, values in expected.items():
            assert interpreter.difference(outputs[operation], values) <= 1e-4, operation


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_program_has_what_the_card_says(name):
    classifier = load(MODELS / name)
    header, tensors = interpreter.read(
        program_bytes(lower(classifier.inspect().keras_model, describe(classifier)))
    )
    height, width = classifier.image_size
    assert header["image"] == {"height": height, "width": width, "channels": classifier.channels}
    assert tuple(header["classes"]) == classifier.class_names
    assert header["outputs"] == classifier.kind
    assert header["mnist_style"] == classifier.mnist_style
    assert header["views"] == [vars(view) for view in classifier.views]
    assert header["temperature"] == classifier.temperature
    used = {name for one in header["operations"] for name in one["weights"].values()}
    assert used == set(tensors)
