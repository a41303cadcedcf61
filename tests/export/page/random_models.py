"""Random Keras models, their programs, and what Keras says that each layer returns.

    python tests/export/page/random_models.py FOLDER COUNT

writes for each case `N.safetensors`, a program, and `N.expected.safetensors`: `pixels` (H, W, C)
and one tensor per operation that ends a layer, named like the operation.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
from safetensors.numpy import save_file

from app.classifier.hooks import layer_outputs, list_layers
from app.export.page import Description, Program, lower, program_bytes
from tests.export.page.random_layers import MAPS, VECTORS, Choose, Symbolic

layers = keras.layers


class Case(NamedTuple):
    """A model, its program, an image, and outputs of the operations that end a layer."""

    model: keras.Model
    program: Program
    pixels: np.ndarray  # (H, W, C) float32, whole numbers
    expected: dict[str, np.ndarray]


def random_case(choose: Choose, seed: int) -> Case:
    """Return a case; `choose` decides the layers, `seed` the weights and the image."""
    model = random_model(choose)
    rng = np.random.default_rng(seed)
    randomize(model, rng)
    shape = model.input_shape[1:]
    pixels = rng.integers(0, 256, shape).astype(np.float32)
    program = lower(model, description(model))
    return Case(model, program, pixels, expected_outputs(model, program, pixels))


def chooser(seed: int) -> Choose:
    """Return a `choose` that depends on a number alone."""
    rng = np.random.default_rng(seed)
    return lambda options: list(options)[rng.integers(len(list(options)))]


def description(model: keras.Model, shape: tuple[int, int, int] | None = None) -> Description:
    names = tuple(f"class {k}" for k in range(3))
    return Description(name="test", class_names=names, image_shape=shape or model.input_shape[1:])


def random_model(choose: Choose) -> keras.Model:
    """Return a model of up to eight random parts on maps, then up to three on vectors."""
    sizes = choose(range(3, 15)), choose(range(3, 15)), choose((1, 2, 3))
    image = keras.Input(sizes)
    x = layers.Rescaling(choose((1 / 255, 1 / 127.5)), choose((0.0, -1.0)))(image)
    for _ in range(choose(range(1, 9))):
        x = _nested(choose, x) if choose(range(8)) == 0 else choose(MAPS)(choose, x)
    head = choose((layers.Flatten, layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D))
    x = head()(x)
    for _ in range(choose(range(4))):
        x = choose(VECTORS)(choose, x)
    units, last = choose(((1, "sigmoid"), (3, "softmax"), (3, None)))
    return keras.Model(image, layers.Dense(units, last)(x))


def _nested(choose: Choose, x: Symbolic) -> Symbolic:
    """Apply a model of its own, perhaps twice."""
    inside = keras.Input(x.shape[1:])
    middle = choose(MAPS)(choose, inside)
    model = keras.Model(inside, layers.Conv2D(x.shape[-1], 1)(middle))
    x = model(x)
    return model(x) if choose(range(3)) == 0 and model.input_shape == model.output_shape else x


def randomize(model: keras.Model, rng: np.random.Generator) -> None:
    """Give every weight a random value, of a size that keeps activations near 1."""
    for weight in model.weights:
        values = rng.normal(0, 0.5, weight.shape)
        if "kernel" in weight.name:
            values = rng.normal(0, 1, weight.shape) / np.sqrt(max(1, np.prod(weight.shape[:-1])))
        elif "variance" in weight.name or "gamma" in weight.name:
            values = rng.uniform(0.5, 2, weight.shape)
        weight.assign(values)


def expected_outputs(
    model: keras.Model, program: Program, pixels: np.ndarray
) -> dict[str, np.ndarray]:
    """Return `{operation: output by Keras}` of the operations that end a layer.

    A layer that is used twice has no output of its own.
    """
    infos = [info for info in list_layers(model, pixels.shape) if info.uses == 1]
    outputs = layer_outputs(model, pixels[np.newaxis], infos)
    last = {operation.layer: operation.name for operation in program.operations}
    expected = {last[path]: rows[0] for path, rows in outputs.items() if path in last}
    final = keras.ops.convert_to_numpy(model(pixels[np.newaxis], training=False))[0]
    return expected | {program.operations[-1].name: final}


def main(folder: str, count: str) -> None:
    Path(folder).mkdir(parents=True, exist_ok=True)
    for seed in range(int(count)):
        case = random_case(chooser(seed), seed)
        Path(folder, f"{seed}.safetensors").write_bytes(program_bytes(case.program))
        tensors = {
            name: np.ascontiguousarray(array, np.float32) for name, array in case.expected.items()
        }
        path = Path(folder, f"{seed}.expected.safetensors")
        save_file(tensors | {"pixels": case.pixels}, path)


if __name__ == "__main__":
    main(*sys.argv[1:])
