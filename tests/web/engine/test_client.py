"""The network in a worker, under the policy of the real page."""

import numpy as np
import pytest
from playwright.sync_api import Error

from tests.web.engine.programs import ProgramBuilder, window

pytestmark = pytest.mark.slow

_CLIENT = """
const client = engine.createClient(program);
try {
  await client.ready;
  const pixels = new Float32Array(25).map((_, i) => i);
  %s
} finally {
  client.dispose();
}
"""


@pytest.fixture
def program() -> bytes:
    rng = np.random.default_rng(0)
    weights = {"kernel": rng.normal(size=(3, 3, 1, 2)), "bias": [1.0, 2.0]}
    built = ProgramBuilder((5, 5, 1))
    built.add("conv", "conv", (3, 3, 2), weights, **window(), groups=1)
    built.add("mean", "global_average", (2,))
    built.add("softmax", "activation", (2,), function="softmax")
    return built.build()


def ask(engine, program, body):
    return engine.ask(_CLIENT % body, program=program)


def test_the_worker_answers_as_a_network_of_the_page(engine, program):
    body = """
    const network = engine.createNetwork(engine.readProgram(program));
    const cell = { row: 1, column: 2, channel: 1 };
    const same = (first, second) => JSON.stringify(first) === JSON.stringify(second);
    const text = (trace) => [...trace.layers];
    return [
      same(await client.run(pixels), network.run(pixels)),
      same(await client.classValues(pixels), engine.classValues(network, pixels)),
      same(await client.output("conv"), network.output("conv")),
      same(await client.weights("conv"), network.weights("conv")),
      same(await client.terms("conv", cell), engine.terms(network, "conv", cell)),
      same(await client.topContributors("conv", cell, 3),
        engine.topContributors(network, "conv", cell, 3)),
      same(text(await client.traceToPixels("softmax", { channel: 0 })),
        text(engine.traceToPixels(network, "softmax", { channel: 0 }))),
      same(await client.setWeight("conv", "bias", [0, 1]),
        network.setWeight("conv", "bias", [0, 1])),
      same(await client.output("softmax"), network.output("softmax")),
      same(await client.setOutput("mean", [1, 2]), network.setOutput("mean", [1, 2])),
      same(await client.output("softmax"), network.output("softmax")),
      same(await client.resetWeights(), network.resetWeights()),
      same(await client.setDropout({ seed: 1 }), []),
    ];
    """
    assert ask(engine, program, body) == [True] * 13


def test_a_run_that_was_overtaken_gives_null_and_the_last_one_counts(engine, program):
    body = """
    const images = Array.from({ length: 6 }, (_, k) => pixels.map((value) => value + k));
    const answers = await Promise.all(images.map((image) => client.run(image)));
    const network = engine.createNetwork(engine.readProgram(program));
    const last = network.run(images[5]);
    const shown = await client.output("softmax");
    return [answers.map((answer) => answer !== null), [...answers[5]], [...last], [...shown]];
    """
    given, answer, expected, shown = ask(engine, program, body)
    assert given == [True, False, False, False, False, True]
    assert answer == expected == shown


def test_runs_after_an_answer_are_all_answered(engine, program):
    body = """
    const answers = [];
    for (let k = 0; k < 3; k++) { answers.push(await client.run(pixels)); }
    return answers.every((answer) => answer !== null);
    """
    assert ask(engine, program, body)


def test_an_error_in_the_worker_rejects_the_call_alone(engine, program):
    body = """
    const message = await client.output("z").catch((error) => error.message);
    const wrong = await client.run([1]).catch((error) => error.message);
    return [message, wrong, (await client.run(pixels)).length];
    """
    message, wrong, length = ask(engine, program, body)
    assert "Choose one of: input, conv, mean, softmax" in message
    assert "1 numbers as pixels" in wrong
    assert length == 2


def test_a_program_that_cannot_run_rejects_ready(engine):
    program = ProgramBuilder((1, 1, 1)).add("a", "attention", (1,)).build()
    with pytest.raises(Error, match="of kind 'attention'"):
        ask(engine, program, "")


def test_a_closed_client_rejects_what_is_open(engine, program):
    body = """
    const open = client.run(pixels).catch((error) => error.message);
    const waiting = client.run(pixels).catch((error) => error.message);
    client.dispose();
    const later = client.output("conv").catch((error) => error.message);
    return [await open, await waiting, await later];
    """
    assert ask(engine, program, body) == ["The network has been closed."] * 3


def test_the_page_keeps_its_program(engine, program):
    assert ask(engine, program, "return program.byteLength;") == len(program)


def test_a_worker_from_another_origin_is_refused(engine):
    with pytest.raises(Error, match="another origin: http://localhost:1"):
        engine.ask("engine.workerFromUrl('http://localhost:1/worker.js');")
