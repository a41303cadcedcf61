"""Cached outputs: a change re-runs what depends on it, and nothing else."""

import json
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Error
from safetensors.numpy import load, save

from app.export.page import program_bytes
from tests.export.page.random_models import chooser, random_case
from tests.web.engine.programs import ProgramBuilder, window

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:You are using a softmax over axis:UserWarning"),
]

_OUTPUTS = """
const network = engine.createNetwork(engine.readProgram(program));
const outputs = () => new Map(network.program.operations.map(({ name, shape }) =>
  [name, float32(shape, network.output(name))]));
const pixels = given.tensors.get("pixels").data;
"""


def branching() -> ProgramBuilder:
    """Return input → a → b → sum ← c ← a, and a dropout at the end."""
    rng = np.random.default_rng(0)
    weights = {"kernel": rng.normal(size=(3, 3, 2, 2)), "bias": rng.normal(size=2)}
    attributes = {**window(padding=(1, 1, 1, 1)), "groups": 1}
    program = ProgramBuilder((5, 6, 2))
    program.add("a", "conv", (5, 6, 2), weights, **attributes)
    program.add("b", "activation", (5, 6, 2), function="relu")
    program.add("c", "conv", (5, 6, 2), weights, ["a"], **attributes)
    program.add("sum", "add", (5, 6, 2), inputs=["b", "c"])
    return program.add("dropout", "dropout", (5, 6, 2), rate=0.4)


def pixels_of(program: ProgramBuilder) -> dict[str, np.ndarray]:
    values = np.random.default_rng(1).uniform(0, 255, program.shape)
    return {"pixels": values.astype(np.float32)}


def ask(engine, body):
    program = branching()
    return engine.ask(_OUTPUTS + body, program=program.build(), given=pixels_of(program))


def with_tensor(file: bytes, name: str, values: np.ndarray) -> bytes:
    """Return a program with other values of one tensor."""
    header = json.loads(file[8 : 8 + struct.unpack("<Q", file[:8])[0]])
    return save(load(file) | {name: values}, metadata=header["__metadata__"])


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10_000), st.data())
def test_a_changed_weight_gives_the_outputs_of_a_network_with_that_weight(engine, seed, data):
    case = random_case(chooser(seed), seed)
    file = program_bytes(case.program)
    weighted = [operation for operation in case.program.operations if operation.weights]
    operation = data.draw(st.sampled_from(weighted))
    role, tensor = data.draw(st.sampled_from(sorted(operation.weights.items())))
    values = np.asarray(case.program.tensors[tensor], np.float32) + np.float32(0.25)
    body = """
    network.run(pixels);
    network.setWeight(name, role, given.tensors.get("values").data);
    return outputs();
    """
    given_values = {"pixels": case.pixels, "values": values}
    changed = engine.arrays(
        _OUTPUTS + body, program=file, given=given_values, name=operation.name, role=role
    )
    whole = engine.outputs(with_tensor(file, tensor, values), case.pixels[np.newaxis])
    users = [one for one in case.program.operations if tensor in one.weights.values()]
    if len(users) > 1:  # a layer that is used twice; one of its operations was changed
        return
    for name, expected in whole.items():
        np.testing.assert_array_equal(changed[name], expected[0])


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10_000))
def test_reset_weights_restores_all_outputs_bit_for_bit(engine, seed):
    case = random_case(chooser(seed), seed)
    body = """
    network.run(pixels);
    const before = outputs();
    for (const { name, weights } of network.program.operations) {
      for (const [role, { data }] of Object.entries(weights)) {
        network.setWeight(name, role, data.map((value, i) => value * 1.5 + i));
      }
    }
    const changed = network.resetWeights();
    const same = (a, b) => a.data.every((value, i) => Object.is(value, b.data[i]));
    const after = outputs();
    return [...before].filter(([name, tensor]) => !same(tensor, after.get(name))).length;
    """
    given_values = {"pixels": case.pixels}
    file = program_bytes(case.program)
    assert engine.ask(_OUTPUTS + body, program=file, given=given_values) == 0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ('setWeight("c", "bias", [1, 2])', ["c", "sum", "dropout"]),
        ('setWeight("a", "bias", [1, 2])', ["a", "b", "c", "sum", "dropout"]),
        ('setOutput("b", new Float32Array(60))', ["b", "sum", "dropout"]),
        ("setDropout({ seed: 1 })", ["dropout"]),
        ("resetWeights()", []),
    ],
)
def test_a_change_runs_only_what_is_downstream(engine, change, expected):
    body = f"""
    network.run(pixels);
    const before = outputs();
    const ran = network.{change};
    const kept = [...before].filter(([name, {{ data }}]) => network.output(name) === data);
    return {{ ran, kept: kept.map(([name]) => name) }};
    """
    answer = ask(engine, body)
    assert answer["ran"] == expected
    assert set(answer["kept"]) == {"input", "a", "b", "c", "sum", "dropout"} - set(expected)


def test_a_replaced_output_stays_until_it_is_given_back(engine):
    body = """
    const first = network.run(pixels);
    network.setOutput("b", new Float32Array(60));
    const silenced = network.run(pixels);
    const shown = network.output("b").every((value) => value === 0);
    const sum = network.output("sum").every((value, i) => value === network.output("c")[i]);
    network.setOutput("b", null);
    const same = network.output("dropout").every((value, i) => value === first[i]);
    return [shown, sum, same, silenced.some((value, i) => value !== first[i])];
    """
    assert ask(engine, body) == [True, True, True, True]


def test_changes_before_the_first_run_are_kept_for_it(engine):
    body = """
    const ran = network.setWeight("a", "bias", [3, 4]);
    network.run(pixels);
    const other = engine.createNetwork(network.program);
    other.run(pixels);
    const moved = network.output("a").map((value, i) => value - other.output("a")[i]);
    return [ran, [...network.weights("a").bias], moved.every((value) => value !== 0)];
    """
    assert ask(engine, body) == [[], [3, 4], True]


def test_the_network_copies_what_it_is_given(engine):
    body = """
    const values = Float32Array.from(pixels);
    const before = network.run(values).slice();
    values.fill(0);
    network.setDropout(null);
    const bias = new Float32Array([1, 2]);
    network.setWeight("a", "bias", bias);
    bias.fill(9);
    network.resetWeights();
    return network.output("dropout").every((value, i) => value === before[i]);
    """
    assert ask(engine, body)


def test_dropout_keeps_the_mean_and_depends_on_its_seed_alone(engine):
    program = ProgramBuilder((50, 50, 4))
    program.add("dropout", "dropout", (50, 50, 4), rate=0.3)
    body = """
    network.run(pixels);
    const draw = (seed) => { network.setDropout({ seed }); return network.output("dropout"); };
    const [first, other, again] = [draw(1), draw(2), draw(1)];
    network.setDropout(null);
    const tensors = { first, other, again, off: network.output("dropout") };
    return Object.fromEntries(Object.entries(tensors).map(([name, data]) =>
      [name, float32([50, 50, 4], data)]));
    """
    ones = {"pixels": np.ones((50, 50, 4), np.float32)}
    results = engine.arrays(_OUTPUTS + body, program=program.build(), given=ones)
    np.testing.assert_array_equal(results["first"], results["again"])
    np.testing.assert_array_equal(results["off"], 1)
    kept = np.float32(1 / 0.7)
    assert set(np.unique(results["first"])) == {0, kept}
    share = (results["first"] > 0).mean()
    assert abs(share - 0.7) < 4 * np.sqrt(0.3 * 0.7 / 10_000)
    # Two seeds agree as often as independent draws do.
    both = ((results["first"] > 0) == (results["other"] > 0)).mean()
    assert abs(both - 0.58) < 4 * np.sqrt(0.58 * 0.42 / 10_000)


def test_dropout_of_maps_drops_whole_maps(engine):
    program = ProgramBuilder((4, 4, 50))
    program.add("dropout", "dropout", (4, 4, 50), rate=0.5, maps=True)
    body = "network.setDropout({ seed: 3 }); network.run(pixels); return outputs();"
    ones = {"pixels": np.ones((4, 4, 50), np.float32)}
    maps = engine.arrays(_OUTPUTS + body, program=program.build(), given=ones)["dropout"]
    assert (maps == maps[:1, :1]).all()
    assert set(np.unique(maps)) == {0, 2}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('network.output("a")', "run the network first"),
        ('network.output("z")', "Choose one of: input, a, b, c, sum, dropout"),
        ("network.run([1, 2])", r"2 numbers as pixels. Expected: 60 numbers, \\(5, 6, 2\\)"),
        ('network.setWeight("a", "gamma", [])', "no weight 'gamma'. It has: kernel, bias"),
        ('network.setWeight("a", "bias", [1])', "1 numbers as weight 'bias' of 'a'"),
        ('network.setOutput("a", [1])', "1 numbers as the output of 'a'"),
    ],
)
def test_a_wrong_call_raises_what_was_expected(engine, body, message):
    with pytest.raises(Error, match=message.replace("\\\\", "\\")):
        ask(engine, body)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (ProgramBuilder((2, 2, 1)).build(format=2), "format 2. Expected: 1"),
        (save({"a": np.zeros(1, np.float32)}), "tensors only"),
        (ProgramBuilder((2, 2, 1)).add("a", "attention", (1,)).build(), "of kind 'attention'"),
        (ProgramBuilder((2, 2, 1)).add("a", "add", (1,), inputs=["b"]).build(), "reads 'b'"),
    ],
    ids=["format", "no program", "kind", "input"],
)
def test_a_program_that_cannot_run_raises_why(engine, program, message):
    with pytest.raises(Error, match=message):
        engine.ask("engine.createNetwork(engine.readProgram(program));", program=program)
