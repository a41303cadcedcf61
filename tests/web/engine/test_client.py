"""Networks in a worker, under the policy of the real page, and in the page where there is none."""

import numpy as np
import pytest
from playwright.sync_api import Error

from tests.web.engine.programs import ProgramBuilder, window

pytestmark = pytest.mark.slow

STARTS = {
    "a worker": '() => engine.workerFromUrl("/static/engine/worker.js")',
    "the page, as the worker is refused": '() => { throw new Error("refused"); }',
    "the page, as the worker cannot run": '() => engine.workerFromUrl("/missing.js")',
}
_CLIENT = """
const client = engine.createClient(%s);
try {
  const pixels = new Float32Array(25).map((_, i) => i);
  const given = { pixels, edits: [], dropout: null };
  const network = engine.createNetwork(engine.readProgram(program));
  const same = (first, second) => JSON.stringify(first) === JSON.stringify(second);
  await client.load("net", program);
  %s
} finally {
  client.dispose();
}
"""
VIEW = {"crop": 1.0, "rotation": 0.0, "rows": 0, "columns": 0, "flip": False}
EDIT = '["conv", "1", [9, 8, 7, 6, 5, 4, 3, 2, 1]]'


@pytest.fixture
def program() -> bytes:
    rng = np.random.default_rng(0)
    weights = {"kernel": rng.normal(size=(3, 3, 1, 2)) / 50, "bias": [1.0, 2.0]}
    built = ProgramBuilder((5, 5, 1))
    built.add("conv", "conv", (3, 3, 2), weights, **window(), groups=1)
    built.add("dropout", "dropout", (3, 3, 2), rate=0.5)
    built.add("mean", "global_average", (2,))
    built.add("softmax", "activation", (2,), function="softmax")
    return built.build(views=[VIEW, VIEW | {"flip": True}], classes=["a", "b"])


def ask(engine, program, body, start="a worker"):
    return engine.ask(_CLIENT % (STARTS[start], body), program=program)


@pytest.mark.parametrize("start", STARTS)
def test_answers_are_those_of_a_network_of_the_page(engine, program, start):
    body = """
    const { operations } = network.program;
    const outputs = () => operations.map(({ name }) => [name, network.output(name)]);
    const run = await client.run("net", given);
    network.run(pixels);
    const whole = same(run.outputs, outputs());
    const first = same(run.values, engine.currentValues(network));
    const scores = same(await client.score("net", given), engine.currentScores(network));
    const masked = await client.passes("net", { ...given, seeds: [3, 4] });
    const passes = [3, 4].map((seed) => {
      network.setDropout({ seed });
      return engine.currentValues(network);
    });
    const dropped = await client.run("net", { ...given, dropout: { seed: 4 } });
    network.setDropout(null);
    const mean = await client.predict("net", given);
    return [whole, first, scores, same(masked, passes), same(dropped.values, passes[1]),
      same(engine.meanOf(mean), engine.classValues(network, pixels)), !same(mean[1], run.values)];
    """
    assert ask(engine, program, body, start) == [True] * 7
    engine.problems[:] = [text for text in engine.problems if "404" not in text]


def test_a_change_sends_only_what_is_downstream_and_reset_restores_it(engine, program):
    body = f"""
    const names = ({{ outputs }}) => outputs.map(([name]) => name);
    const first = await client.run("net", given);
    const again = await client.run("net", {{ ...given, pixels: pixels.slice() }});
    const dropped = await client.run("net", {{ ...given, dropout: {{ seed: 1 }} }});
    const edited = await client.run("net", {{ ...given, edits: [{EDIT}] }});
    network.run(pixels);
    const kernel = network.weights("conv").kernel.slice();
    for (let tap = 0; tap < 9; tap++) kernel[2 * tap + 1] = 9 - tap;
    network.setWeight("conv", "kernel", kernel);
    const right = same(edited.values, engine.currentValues(network));
    const reset = await client.run("net", given);
    return [names(again), names(dropped), names(edited), right, same(reset.values, first.values)];
    """
    again, dropped, edited, right, restored = ask(engine, program, body)
    assert again == []
    assert dropped == ["dropout", "mean", "softmax"]
    assert edited == ["conv", "dropout", "mean", "softmax"]
    assert right
    assert restored


def test_questions_leave_the_shown_outputs_and_the_edits_of_each_other_alone(engine, program):
    body = f"""
    const plain = await client.predict("net", given);
    const edited = await client.predict("net", {{ ...given, edits: [{EDIT}] }});
    const run = await client.run("net", given);
    const darker = pixels.map((value) => value / 2);
    await client.passes("net", {{ ...given, pixels: darker, seeds: [1] }});
    const again = await client.run("net", given);
    return [same(await client.predict("net", given), plain), same(edited, plain),
      again.outputs.length, same(again.values, run.values)];
    """
    assert ask(engine, program, body) == [True, False, 0, True]


@pytest.mark.parametrize("start", list(STARTS)[:2])
def test_a_run_passes_questions_and_what_is_aborted_is_dropped(engine, program, start):
    body = """
    const order = [];
    const abort = new AbortController();
    const seeds = Array.from({ length: 3000 }, (_, seed) => seed);
    const long = client.passes("net", { ...given, seeds }, abort.signal)
      .then(() => order.push("long"), (error) => order.push(error.name));
    const short = client.predict("net", given).then(() => order.push("short"));
    await client.run("net", given).then(() => order.push("run"));
    abort.abort();
    await Promise.all([long, short]);
    const late = await client.score("net", given, abort.signal).catch((error) => error.name);
    return [...order, late];
    """
    assert ask(engine, program, body, start) == ["run", "AbortError", "short", "AbortError"]


def test_an_error_rejects_the_call_alone(engine, program):
    body = """
    const message = (error) => error.message;
    const wrong = await client.run("net", { ...given, pixels: [1] }).catch(message);
    const { values } = await client.run("net", given);
    return [wrong, values.length];
    """
    message, length = ask(engine, program, body)
    assert "1 numbers as pixels" in message
    assert length == 2


def test_a_program_that_cannot_run_is_not_loaded(engine, program):
    other = ProgramBuilder((1, 1, 1)).add("a", "attention", (1,)).build()
    with pytest.raises(Error, match="of kind 'attention'"):
        engine.ask(_CLIENT % (STARTS["a worker"], 'await client.load("other", other);'),
                   program=program, other=other)  # fmt: skip


def test_a_closed_client_rejects_what_is_open(engine, program):
    body = """
    const open = client.run("net", given).catch((error) => error.message);
    client.dispose();
    const later = client.score("net", given).catch((error) => error.message);
    return [await open, await later];
    """
    assert ask(engine, program, body) == ["The networks have been closed."] * 2


def test_the_page_keeps_its_program(engine, program):
    assert ask(engine, program, "return program.byteLength;") == len(program)


def test_a_worker_from_another_origin_is_refused(engine):
    with pytest.raises(Error, match="another origin: http://localhost:1"):
        engine.ask("engine.workerFromUrl('http://localhost:1/worker.js');")


@pytest.mark.parametrize("start", STARTS)
def test_a_network_can_be_asked_at_once_while_it_is_loaded(engine, program, start):
    body = """
    client.load("other", program);
    const values = await client.predict("other", given);
    return same(values, await client.predict("net", given));"""
    assert ask(engine, program, body, start)
