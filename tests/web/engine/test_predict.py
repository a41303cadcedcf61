"""Predictions of the page against those of Python, with all views of a model."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.augmentation.tta import View
from app.classifier import load
from app.data.mnist import load_mnist
from app.export.page import describe, lower, program_bytes
from app.metrics import PER_CLASS, SCORES, class_values
from app.statistics.temperature import with_temperature
from tests.shipped import MODELS, SHIPPED
from tests.web.engine.programs import ProgramBuilder

pytestmark = pytest.mark.slow

_VALUES = """
const network = engine.createNetwork(engine.readProgram(program));
const { data, shape: [count] } = given.tensors.get("images");
const size = data.length / count;
const rows = Array.from({ length: count }, (_, i) =>
  engine.classValues(network, data.subarray(i * size, (i + 1) * size)));
const flat = Float32Array.from(rows.flatMap((row) => [...row]));
return { values: float32([count, rows[0].length], flat) };
"""


@settings(max_examples=60)
@given(
    st.sampled_from([1.0, 0.8, 0.9]),
    st.sampled_from([0.0, 7.0, -7.0]),
    st.integers(-2, 2),
    st.integers(-2, 2),
    st.booleans(),
    st.sampled_from([(28, 28, 1), (40, 33, 3), (1, 5, 3)]),
)
def test_a_view_has_the_pixels_of_pythons(engine, crop, rotation, rows, columns, flip, shape):
    view = View(crop, rotation, rows, columns, flip)
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    body = """
    const { data, shape } = given.tensors.get("image");
    return { view: float32(shape, engine.viewOf(view, data, shape)) };
    """
    given_image = {"image": image.astype(np.float32)}
    result = engine.arrays(body, given=given_image, view=vars(view))["view"]
    difference = np.abs(result - view(image[np.newaxis])[0])
    assert difference.max() <= 1  # where a value lies in the middle between two numbers
    assert difference.mean() < 0.05


@pytest.mark.parametrize("model_name", SHIPPED)
def test_class_values_of_a_shipped_model_are_those_of_the_command_line(
    engine, model_name, real_data
):
    classifier = load(MODELS / model_name)
    if classifier.mnist_style:
        images = load_mnist(real_data).test.images[:20]
    else:
        files = [real_data / "catsdogs" / "PetImages" / kind / "7.jpg" for kind in ("Cat", "Dog")]
        images = np.stack([classifier.load_image(file) for file in files])
    file = program_bytes(lower(classifier.inspect().keras_model, describe(classifier)))
    given_images = {"images": images.astype(np.float32)}
    values = engine.arrays(_VALUES, program=file, given=given_images)["values"]
    np.testing.assert_allclose(values, classifier.values(images), atol=2e-4)


@pytest.mark.parametrize("kind", ["distribution", PER_CLASS, SCORES])
@pytest.mark.parametrize("units", [1, 2])
def test_an_output_becomes_one_value_per_class(engine, kind, units):
    rng = np.random.default_rng(units)
    outputs = rng.uniform(-2 if kind == SCORES else 0, 1, units).astype(np.float32)
    program = ProgramBuilder((1, 1, units)).add("flat", "flatten", (units,))
    given_images = {"images": outputs.reshape(1, 1, 1, units)}
    file = program.build(outputs=kind)
    values = engine.arrays(_VALUES, program=file, given=given_images)["values"]
    np.testing.assert_allclose(values, class_values(outputs[np.newaxis], kind), rtol=1e-6)


def test_a_prediction_is_the_mean_over_the_views(engine):
    view = {"crop": 1.0, "rotation": 0.0, "rows": 0, "columns": 0, "flip": False}
    views = [view, view | {"flip": True}, view | {"rows": 1}]
    program = ProgramBuilder((2, 2, 1)).add("flat", "flatten", (4,))
    body = """
    const network = engine.createNetwork(engine.readProgram(program));
    return [...engine.classValues(network, [0, 0.25, 0.5, 1])];
    """
    values = engine.ask(body, program=program.build(views=views, classes=list("abcd")))
    # The mean of the image, its mirror image, and itself moved down by a row.
    assert values == pytest.approx([0.25 / 3, 0.5 / 3, 1.5 / 3, 1.75 / 3])


@pytest.mark.parametrize("temperature", [0.5, 2.5])
def test_a_prediction_is_the_mean_at_the_temperature(engine, temperature):
    view = {"crop": 1.0, "rotation": 0.0, "rows": 0, "columns": 0, "flip": False}
    program = ProgramBuilder((2, 2, 1)).add("flat", "flatten", (4,))
    body = """
    const network = engine.createNetwork(engine.readProgram(program));
    return [...engine.classValues(network, [0, 0.2, 0.3, 0.5])];
    """
    built = program.build(
        views=[view, view | {"flip": True}], temperature=temperature, classes=list("abcd")
    )
    expected = with_temperature(np.array([[0.1, 0.1, 0.4, 0.4]]), temperature)[0]
    assert engine.ask(body, program=built) == pytest.approx(expected)
