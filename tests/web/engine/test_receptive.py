"""Receptive fields: nothing outside changes a cell, and all inside can."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.export.page import program_bytes
from tests.export.page.random_models import chooser, random_case
from tests.web.engine.programs import ProgramBuilder, window

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:You are using a softmax over axis:UserWarning"),
]

_FIELD = """
const network = engine.createNetwork(engine.readProgram(program));
const field = engine.receptiveField(network.program, name, cell);
const valuesAt = (values, { shape }) => {
  if (shape.length === 1) { return [...values]; }
  const start = (cell.row * shape[1] + cell.column) * shape[2];
  return [...values.subarray(start, start + shape[2])];
};
const read = () => valuesAt(network.output(name), network.program.byName.get(name));
const pixels = given.tensors.get("pixels").data;
"""
_OUTSIDE = (
    _FIELD
    + """
network.run(pixels);
const before = read();
const changed = [];
for (const { name: other, shape } of network.program.operations) {
  if (other === name) { break; }
  const region = field.get(other);
  if (shape.length === 1 && region) { continue; }
  const [height, width, channels] = shape.length === 1 ? [1, 1, shape[0]] : shape;
  const values = network.output(other).slice();
  for (let i = 0; i < values.length; i++) {
    const row = Math.floor(i / (width * channels));
    const column = Math.floor(i / channels) % width;
    const inside = region && row >= region.top && row <= region.bottom &&
      column >= region.left && column <= region.right;
    if (!inside) { values[i] += 1 + i; }
  }
  network.setOutput(other, values);
  if (read().some((value, i) => !Object.is(value, before[i]))) { changed.push(other); }
  network.setOutput(other, null);
}
return changed;
"""
)


def places(shape):
    return [{"row": r, "column": c} for r, c in np.ndindex(tuple(shape[:2]))]


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10_000), st.data())
def test_nothing_outside_the_field_changes_the_cell(engine, seed, data):
    case = random_case(chooser(seed), seed)
    operation = data.draw(st.sampled_from(case.program.operations))
    shape = operation.output_shape
    cell = data.draw(st.sampled_from(places(shape if len(shape) == 3 else (1, 1))))
    changed = engine.ask(
        _OUTSIDE,
        program=program_bytes(case.program),
        given={"pixels": case.pixels},
        name=operation.name,
        cell=cell,
    )
    assert changed == []


def positive_program() -> ProgramBuilder:
    """Return convolutions of positive kernels around pooling, so that every pixel counts."""
    ones = {"kernel": np.ones((3, 3, 1, 1))}
    program = ProgramBuilder((20, 22, 1))
    program.add("a", "conv", (10, 11, 1), ones, **window((2, 2), padding=(0, 1, 0, 1)), groups=1)
    program.add("b", "average_pool", (5, 5, 1), size=[2, 2], **window((2, 2)))
    dilated = window(dilation=(2, 1), padding=(2, 2, 1, 1))
    program.add("c", "depthwise", (5, 5, 1), ones, **dilated)
    return program.add("d", "dense", (5, 5, 2), {"kernel": np.ones((1, 2))})


@pytest.mark.parametrize("cell", [(0, 0), (2, 2), (4, 4), (1, 3)])
def test_the_field_is_where_the_gradient_is_not_zero(engine, keras, cell):
    layers = keras.layers
    image = keras.Input((20, 22, 1))
    x = layers.Conv2D(1, 3, 2, "same", kernel_initializer="ones")(image)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Conv2D(1, 3, 1, "same", dilation_rate=(2, 1), kernel_initializer="ones")(x)
    model = keras.Model(image, x)
    import tensorflow as tf

    pixels = tf.ones((1, 20, 22, 1))
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        value = model(pixels)[0, cell[0], cell[1], 0]
    rows, columns = np.nonzero(tape.gradient(value, pixels)[0, ..., 0])
    # Windows that are dilated have gaps; the field is the rectangle around all.
    body = "return engine.receptiveField(engine.readProgram(program), name, cell).get('input');"
    field = engine.ask(
        body,
        program=positive_program().build(),
        name="d",
        cell={"row": cell[0], "column": cell[1]},
    )
    assert field == {
        "top": rows.min(),
        "bottom": rows.max(),
        "left": columns.min(),
        "right": columns.max(),
    }


def test_a_vector_depends_on_the_whole_map(engine):
    program = ProgramBuilder((4, 6, 1))
    program.add("flat", "flatten", (24,)).add("dense", "dense", (3,), {"kernel": np.ones((24, 3))})
    body = (
        "return [...engine.receptiveField(engine.readProgram(program), 'dense', { channel: 1 })];"
    )
    field = dict(map(tuple, engine.ask(body, program=program.build())))
    assert field["input"] == {"top": 0, "left": 0, "bottom": 3, "right": 5}
    assert field["dense"] == field["flat"] == {"top": 0, "left": 0, "bottom": 0, "right": 0}
    assert list(field) == ["input", "flat", "dense"]


def test_a_cell_of_the_padding_depends_on_nothing(engine):
    program = ProgramBuilder((4, 4, 1))
    program.add("pad", "pad", (8, 8, 1), top=2, bottom=2, left=2, right=2)
    body = "return [...engine.receptiveField(engine.readProgram(program), 'pad', cell).keys()];"
    cell = {"row": 0, "column": 3}
    assert engine.ask(body, program=program.build(), cell=cell) == ["pad"]


def test_two_ways_give_the_region_around_both(engine):
    program = ProgramBuilder((6, 6, 1))
    ones = {"kernel": np.ones((3, 3, 1, 1))}
    program.add("conv", "conv", (6, 6, 1), ones, **window(padding=(1, 1, 1, 1)), groups=1)
    program.add("sum", "add", (6, 6, 1), inputs=["input", "conv"])
    body = "return engine.receptiveField(engine.readProgram(program), 'sum', cell).get('input');"
    cell = {"row": 0, "column": 3}
    field = engine.ask(body, program=program.build(), cell=cell)
    assert field == {"top": 0, "left": 2, "bottom": 1, "right": 4}
