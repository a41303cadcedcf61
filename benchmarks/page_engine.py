"""Speed of the page's engine in Chromium: its loop against the plain one, and ms per shipped model.

    python benchmarks/page_engine.py
    python benchmarks/page_engine.py --parity 200

The plain loop adds each input value times a row of weights to the outputs; the engine keeps sums of
four filters and two columns in variables. Both run in turn in one page, and a ratio above 1 means
that the engine's is faster. `--parity N` also compares every layer of every shipped model with
Keras on N images of the real data, which the folder in `CONVLAB_DATA` holds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from app.classifier import load
from app.classifier.hooks import layer_outputs
from app.keras_startup import start_keras
from tests.shipped import MODELS, SHIPPED
from tests.web.engine.engine_page import EnginePage, EngineServer

# Output columns and rows, values below a window, filters.
_SHAPES = {
    "mnist-convnet, conv_2": (11, 11, 288, 64),
    "mnist-best, conv_3": (14, 14, 864, 96),
    "catsdogs-best, block_2/conv_2": (22, 22, 1152, 128),
}

_LOOPS = """
const random = (length) => Float32Array.from({ length }, () => Math.random() - 0.5);
const patches = Float64Array.from(random(columns * length));
const values = Float32Array.from(patches);
const kernel = random(length * filters);
const packed = engine.packFilters(kernel, { length, filters, first: 0, all: filters });
const bias = random(filters);
const output = new Float32Array(rows * columns * filters);
const ours = () => {
  for (let row = 0; row < rows; row++) {
    engine.multiply({ patches, start: 0, columns, length, kernel: packed, filters, bias, output,
      offset: row * columns * filters, step: filters });
  }
};
const plain = () => {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const offset = (row * columns + column) * filters;
      for (let f = 0; f < filters; f++) { output[offset + f] = bias[f]; }
      for (let i = 0; i < length; i++) {
        const value = values[column * length + i];
        const start = i * filters;
        for (let f = 0; f < filters; f++) { output[offset + f] += value * kernel[start + f]; }
      }
    }
  }
};
const timed = (compute) => {
  const start = performance.now();
  compute();
  return performance.now() - start;
};
const times = Array.from({ length: repeats + 3 }, () => [timed(plain), timed(ours)]);
return times.slice(3);
"""

_MODEL = """
const network = engine.createNetwork(engine.readProgram(program));
const { operations, image: { height, width, channels } } = network.program;
const pixels = Float32Array.from({ length: height * width * channels }, (_, i) => (i * 37) % 256);
const timed = (compute) => {
  const start = performance.now();
  compute();
  return performance.now() - start;
};
const often = (compute) => Array.from({ length: repeats }, () => timed(compute));
const first = timed(() => network.run(pixels));
network.run(pixels);
const warm = often(() => network.run(pixels));
const values = often(() => engine.classValues(network, pixels));
const { name, shape } = operations.filter(({ shape }) => shape.length === 3).at(-1);
const cell = { row: shape[0] >> 1, column: shape[1] >> 1, channel: 0 };
const hover = often(() => {
  engine.receptiveField(network.program, name, cell);
  engine.topContributors(network, name, cell, 12);
});
const trace = often(() => engine.traceToPixels(network, operations.at(-1).name, { channel: 0 }));
return { first, warm, values, hover, trace };
"""


# The network is read and packed once for a batch, and only what is compared is sent.
_OUTPUTS = """
const names = %s;
const network = engine.createNetwork(engine.readProgram(program));
const { data, shape: [count] } = given.tensors.get("images");
const size = data.length / count;
const results = new Map();
for (let i = 0; i < count; i++) {
  network.run(data.subarray(i * size, (i + 1) * size));
  for (const name of names) {
    const output = network.output(name);
    const { shape } = network.program.byName.get(name);
    if (i === 0) {
      results.set(name, float32([count, ...shape], new Float32Array(count * output.length)));
    }
    results.get(name).data.set(output, i * output.length);
  }
}
return results;
"""
_BATCH = 10  # images


def main() -> None:
    """Print all comparisons."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=15, help="repetitions (default: 15)")
    parser.add_argument("--parity", type=int, default=0, metavar="N", help="images per model")
    arguments = parser.parse_args()
    start_keras()
    server = EngineServer()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        print(f"Chromium {browser.version}")
        page = EnginePage(browser, server)
        compare_loops(page, arguments.repeats)
        time_models(page, arguments.repeats)
        if arguments.parity:
            compare_with_keras(page, arguments.parity)
        browser.close()


def compare_loops(page: EnginePage, repeats: int) -> None:
    """Print GMAC/s of both loops, and the median ratio of runs next to each other."""
    print("\nsums of products, GMAC/s, median (minimum to maximum):")
    for name, (columns, rows, length, filters) in _SHAPES.items():
        sizes = {"columns": columns, "rows": rows, "length": length, "filters": filters}
        times = np.array(page.ask(_LOOPS, repeats=repeats, **sizes))
        rates = columns * rows * length * filters / times / 1e6
        ratio = np.median(times[:, 0] / times[:, 1])
        print(f"  {name:30} plain {_spread(rates[:, 0])}  engine {_spread(rates[:, 1])}", end="")
        print(f"  ratio {ratio:.2f}")


def time_models(page: EnginePage, repeats: int) -> None:
    """Print how long each shipped model takes."""
    columns = ("warm", "values", "hover", "trace")
    print("\nms per model: first run; warm, median (minimum to maximum); class values with all")
    print("views; receptive field and contributors of a cell; trace of an output to the pixels:")
    for name in SHIPPED:
        times = page.ask(_MODEL, program=_file(name), repeats=repeats)
        texts = [f"{column} {_spread(np.array(times[column]))}" for column in columns]
        print(f"  {name:18} first {times['first']:6.1f}  " + "  ".join(texts))


def compare_with_keras(page: EnginePage, count: int) -> None:
    """Print the largest difference to Keras of any layer, as a share of the layer's maximum."""
    print("\nlargest difference to Keras, of each layer's largest magnitude in an image:")
    for name in SHIPPED:
        classifier, program, file = _lowered(name)
        last = {operation.layer: operation.name for operation in program.operations}
        infos = [info for info in classifier.layers if info.uses == 1 and info.path in last]
        largest, where, seen, start = 0.0, "", 0, time.perf_counter()
        for batch in _batches(_images(classifier, count)):
            expected = layer_outputs(classifier.keras_model, batch, infos)
            names = {path: last[path] for path in expected}
            body = _OUTPUTS % json.dumps(list(names.values()))
            found = page.arrays(body, program=file, given={"images": batch})
            for path, operation in names.items():
                off = _largest_difference(found[operation], expected[path])
                largest, where = max((largest, where), (off, operation))
            seen += len(batch)
        seconds = time.perf_counter() - start
        print(f"  {name:18} {largest:.1e}  {where}; {seen} images, {seconds:.0f} s", flush=True)


def _largest_difference(found: np.ndarray, expected: np.ndarray) -> float:
    rows = np.abs(found - expected).reshape(len(found), -1).max(axis=1)
    return float((rows / np.maximum(_magnitudes(expected), 1e-3)).max())


def _magnitudes(values: np.ndarray) -> np.ndarray:
    return np.abs(values).reshape(len(values), -1).max(axis=1)


def _images(classifier: Any, count: int) -> Iterator[np.ndarray]:
    folder = Path(os.environ["CONVLAB_DATA"])
    if classifier.mnist_style:
        from app.data.mnist import load_mnist

        yield from np.asarray(load_mnist(folder).test.images[:count], np.float32)
        return
    pets = folder / "catsdogs" / "PetImages"
    for number in range(count):
        file = pets / ("Cat", "Dog")[number % 2] / f"{number // 2}.jpg"
        yield classifier.load_image(file).astype(np.float32)


def _batches(images: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    while batch := list(islice(images, _BATCH)):
        yield np.stack(batch)


def _lowered(name: str) -> tuple[Any, Any, bytes]:
    from app.export.page import describe, lower, program_bytes

    classifier = load(MODELS / name).inspect()
    program = lower(classifier.keras_model, describe(classifier))
    return classifier, program, program_bytes(program)


def _file(name: str) -> bytes:
    return _lowered(name)[2]


def _spread(values: np.ndarray) -> str:
    return f"{np.median(values):.2f} ({values.min():.2f} to {values.max():.2f})"


if __name__ == "__main__":
    main()
