"""Checks a program against Keras, on a random image."""

import keras
import numpy as np

from app.export.page import Program, lower, program_bytes
from tests.export.page import interpreter
from tests.export.page.random_models import description, expected_outputs, randomize


def agree(model: keras.Model, shape: tuple[int, int, int] | None = None, most=1e-4) -> Program:
    """Give the model random weights, check its program layer by layer, and return that."""
    rng = np.random.default_rng(0)
    randomize(model, rng)
    program = lower(model, description(model, shape))
    pixels = rng.integers(0, 256, program.description.image_shape).astype(np.float32)
    outputs = interpreter.run(program_bytes(program), pixels)
    for name, expected in expected_outputs(model, program, pixels).items():
        assert interpreter.difference(outputs[name], expected) <= most, name
    return program


def sequence(*stack: keras.layers.Layer, shape=(7, 8, 3)) -> keras.Sequential:
    """Return a network of rescaling and some layers."""
    scaling = keras.layers.Rescaling(1 / 255, name="to_unit")
    return keras.Sequential([keras.Input(shape), scaling, *stack])


def names(program: Program) -> list[str]:
    return [operation.name for operation in program.operations]
