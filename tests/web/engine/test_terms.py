"""The terms of a cell add up to the value that the network has computed."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Error

from app.export.page import program_bytes
from tests.export.page.random_models import chooser, random_case
from tests.web.engine.programs import ProgramBuilder, window

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:You are using a softmax over axis:UserWarning"),
]

_CELLS = """
const network = engine.createNetwork(engine.readProgram(program));
const pixels = given.tensors.get("pixels").data;
if (dropout !== null) { network.setDropout({ seed: dropout }); }
network.run(pixels);
return network.program.operations.map(({ name, shape, inputs }, order) => {
  const size = shape.reduce((a, b) => a * b, 1);
  const index = (order * 7919) % size;
  const channels = shape[shape.length - 1];
  const place = (index - index % channels) / channels;
  const cell = shape.length === 1 ? { channel: index } :
    { row: Math.floor(place / shape[1]), column: place % shape[1], channel: index % channels };
  const cells = engine.terms(network, name, cell);
  const values = cells.terms.filter((term) => !term.padding).map(({ from }) => {
    const { shape: [, width, depth], shape: { length } } = network.program.byName.get(from.name);
    const start = length === 1 ? 0 : (from.row * width + from.column) * depth;
    return network.output(from.name)[start + from.channel];
  });
  return { name, inputs, cell, output: network.output(name)[index], values, ...cells };
});
"""


def check(answer) -> None:
    """Check the arithmetic of one cell, as somebody would with a pencil."""
    terms = answer["terms"]
    assert {term["from"]["name"] for term in terms} <= set(answer["inputs"])
    present = [term for term in terms if not term.get("padding")]
    assert [term["value"] for term in present] == answer["values"]
    assert all(term["value"] == 0 for term in terms if term.get("padding"))
    if answer["rule"] not in ("softmax", "log_softmax"):
        for term in terms:
            assert term["product"] == term["value"] * term["weight"]
    if answer["rule"] != "product":
        total = math.fsum(term["product"] for term in terms) + answer["bias"]
        assert answer["sum"] == pytest.approx(total, rel=1e-9, abs=1e-9)
    assert np.float32(answer["value"]) == np.float32(answer["output"])
    assert value_by_rule(answer) == pytest.approx(answer["output"], rel=1e-5, abs=1e-6)


def value_by_rule(answer) -> float:
    rule, total, details = answer["rule"], answer["sum"], answer["details"]
    values = [term["value"] for term in answer["terms"]]
    if rule in ("sum", "maximum"):
        assert rule == "sum" or total == max(values)
        return total
    if rule == "root":
        return math.sqrt(total)
    if rule == "product":
        return math.prod(values)
    if rule in ("softmax", "log_softmax"):
        share = math.exp(values[details["own"]] - details["largest"]) / total
        return share if rule == "softmax" else math.log(share)
    assert rule == "function"  # of one value; test_kinds.py compares them with Keras
    return answer["value"]


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10_000), st.sampled_from([None, 1, 2]))
def test_terms_of_a_random_network_add_up_to_its_values(engine, seed, dropout):
    case = random_case(chooser(seed), seed)
    answers = engine.ask(
        _CELLS,
        program=program_bytes(case.program),
        given={"pixels": case.pixels},
        dropout=dropout,
    )
    assert len(answers) == len(case.program.operations)
    for answer in answers:
        if answer["kind"] != "input":
            check(answer)


def terms_of(engine, program, image, cell):
    body = """
    const network = engine.createNetwork(engine.readProgram(program));
    network.run(given.tensors.get("pixels").data);
    return engine.terms(network, network.program.operations.at(-1).name, cell);
    """
    pixels = {"pixels": np.asarray(image, np.float32)}
    return engine.ask(body, program=program.build(), given=pixels, cell=cell)


def test_terms_of_a_convolution_follow_the_kernel_and_show_the_padding(engine):
    rng = np.random.default_rng(0)
    image, kernel = rng.normal(size=(3, 3, 2)), rng.normal(size=(2, 2, 2, 3)).astype(np.float32)
    program = ProgramBuilder(image.shape).add(
        "conv", "conv", (4, 4, 3), {"kernel": kernel, "bias": [1, 2, 3]},
        **window(padding=(1, 1, 1, 1)), groups=1,
    )  # fmt: skip
    answer = terms_of(engine, program, image, {"row": 0, "column": 2, "channel": 1})
    weights = [term["weight"] for term in answer["terms"]]
    assert weights == kernel[..., 1].ravel().tolist()
    places = [(term["from"]["row"], term["from"]["column"]) for term in answer["terms"][::2]]
    assert places == [(-1, 1), (-1, 2), (0, 1), (0, 2)]
    assert [term.get("padding", False) for term in answer["terms"]] == [True] * 4 + [False] * 4
    assert answer["bias"] == 2


def test_only_the_largest_value_of_a_maximum_counts(engine):
    image = np.array([[3, 7], [7, 1]], np.float32).reshape(2, 2, 1)
    program = ProgramBuilder(image.shape)
    program.add("pool", "max_pool", (1, 1, 1), size=[2, 2], **window((2, 2)))
    answer = terms_of(engine, program, image, {"row": 0, "column": 0, "channel": 0})
    assert [term["weight"] for term in answer["terms"]] == [0, 1, 0, 0]
    assert answer["rule"] == "maximum"


def test_normalization_shows_what_it_is_made_of(engine):
    weights = {"mean": [4.0], "variance": [0.25], "gamma": [3.0], "beta": [1.0]}
    program = ProgramBuilder((1, 1, 1)).add("n", "normalize", (1, 1, 1), weights, epsilon=0.0)
    answer = terms_of(engine, program, np.full((1, 1, 1), 5.0), {"channel": 0})
    assert answer["details"] == {
        "mean": 4, "variance": 0.25, "gamma": 3, "beta": 1, "epsilon": 0,
    }  # fmt: skip
    assert answer["terms"][0]["weight"] == 6
    assert answer["bias"] == 1 - 4 * 6
    assert answer["value"] == 7


def test_a_pixel_has_no_terms(engine):
    answer = terms_of(engine, ProgramBuilder((2, 2, 1)), np.ones((2, 2, 1)), {"channel": 0})
    assert (answer["terms"], answer["value"]) == ([], 1)


@pytest.mark.parametrize("cell", [{"row": 2, "channel": 0}, {"channel": -1}, {"column": 0.5}])
def test_a_cell_outside_the_output_raises_its_shape(engine, cell):
    with pytest.raises(Error, match=r"of an output \(2, 2, 1\)"):
        terms_of(engine, ProgramBuilder((2, 2, 1)), np.ones((2, 2, 1)), cell)
