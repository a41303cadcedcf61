"""Damaged model files are refused in words: no other exception, no crash, no NaN.

Bytes are damaged anywhere (`.h5`, `.keras`, `.tflite`), and the configuration inside is changed
value by value, so that it still parses. Each worker is a process of its own with limited memory:
a crash or an exhausted memory would otherwise take the test run along.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent.parent
_MEMORY = 10 << 30  # address space of a worker; TensorFlow alone reserves more than half
_ODD_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1, 7, 2**31, 10**30, 1e308, 0.5, "", "relu", "lambda", "../x", [], [3], {},
    [[]], {"class_name": "Lambda"}, {"class_name": "Dense", "config": {}},
)  # fmt: skip


def _paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value inside parsed JSON."""
    items = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in items:
        yield (*path, key)
        yield from _paths(value, (*path, key))


def changed_json(text: str, rng: np.random.Generator) -> str:
    """Return JSON in which one to three values are odd, missing, or taken from elsewhere in it."""
    tree = json.loads(text)
    for _ in range(int(rng.integers(1, 4))):
        paths = list(_paths(tree))
        if not paths:
            break
        *parents, last = paths[int(rng.integers(len(paths)))]
        parent = tree
        for key in parents:
            parent = parent[key]
        action = rng.integers(4)
        if action == 0:
            del parent[last]
        elif action == 1:
            source = tree
            for key in paths[int(rng.integers(len(paths)))]:
                source = source[key]
            parent[last] = json.loads(json.dumps(source))
        else:
            parent[last] = _ODD_VALUES[int(rng.integers(len(_ODD_VALUES)))]
    return json.dumps(tree)


def with_changed_configuration(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a `.keras` or `.h5` file whose configuration is changed and whose rest is whole."""
    if content[:2] == b"PK":
        result = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w") as new:
            for name in old.namelist():
                data = old.read(name)
                if name == "config.json":
                    data = changed_json(data.decode(), rng).encode()
                new.writestr(name, data)
        return result.getvalue()
    import h5py

    file = io.BytesIO(content)
    with h5py.File(file, "r+") as h5:
        h5.attrs["model_config"] = changed_json(h5.attrs["model_config"], rng)
    return file.getvalue()


def seed_files() -> list[tuple[str, bytes]]:
    """Return `(ending, content)` of whole model files, small ones."""
    import keras
    import tf_keras

    def small(library: Any) -> Any:
        layers = library.layers
        return library.Sequential(
            [
                layers.Input((8, 8, 3)),
                layers.Conv2D(2, 3, activation="relu"),
                layers.BatchNormalization(),
                layers.Flatten(),
                layers.Dense(3, activation="softmax"),
            ]
        )

    files = [(".h5", (ROOT / "datasets" / "examples" / "keras2.h5").read_bytes())]
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras 2 advises against its own format
        for number, (library, ending) in enumerate(
            [(keras, ".keras"), (tf_keras, ".keras"), (tf_keras, ".h5")]
        ):
            path = Path(name) / f"{number}{ending}"
            small(library).save(path)
            files.append((ending, path.read_bytes()))
    twins = sorted((ROOT / "saved_models").glob("*/model.tflite"), key=lambda p: p.stat().st_size)
    files.append((".tflite", twins[0].read_bytes()))
    return files


def try_one(path: Path) -> str:
    """Open one file and ask it about a black image; return what became of it."""
    from app.classifier import load
    from app.errors import AppError
    from app.export.litert import LiteRTModel

    try:
        if path.suffix == ".tflite":
            twin = LiteRTModel(path)
            outputs = twin(np.zeros((1, *twin.input_shape), np.uint8))
            return "opened" if np.isfinite(outputs).all() else "opened, not finite"
        classifier = load(path)
        shape = (*classifier.image_size, classifier.channels)
        (prediction,) = classifier.predict(np.zeros(shape, np.uint8))
        if prediction.error:
            return "refused an answer"
        # Without a distribution the values are scores, which may be anything finite.
        assert np.isfinite(list(prediction.probabilities.values())).all(), path
        return "opened"
    except AppError as error:
        assert str(error).strip()
        return "refused"


def work(seed: int, count: int) -> None:
    """Try `count` damaged files and print what became of each, a line for one."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    warnings.simplefilter("ignore")
    sys.path.insert(0, str(Path(__file__).parent))
    from mutation import mutated

    files = seed_files()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            rng = np.random.default_rng((seed, number))
            ending, content = files[number % len(files)]
            if ending != ".tflite" and rng.random() < 0.6:
                content, kind = with_changed_configuration(content, rng), "configuration"
            else:
                content, kind = mutated(content, rng), "bytes"
            path = Path(folder) / f"{number}{ending}"
            path.write_bytes(content)
            print(f"trying {number} {ending} {kind}", flush=True)
            try:
                print(f"outcome {try_one(path)}", flush=True)
            except Exception as error:
                print(f"foreign {type(error).__name__}: {error}"[:500].replace("\n", " / "))
            path.unlink()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0])
def test_damaged_model_files_are_refused_in_words(campaign, seed):
    ran = subprocess.run(
        [sys.executable, __file__, str(seed), str(campaign.count)],
        capture_output=True, text=True, cwd=ROOT, env=_environment(), check=False,
    )  # fmt: skip
    lines = ran.stdout.splitlines()
    for line in lines:
        if line.startswith("outcome "):
            campaign.note(line.removeprefix("outcome "))
    foreign = [(lines[k - 1], line) for k, line in enumerate(lines) if line.startswith("foreign ")]
    assert not foreign, foreign[:5]
    assert ran.returncode == 0, (lines[-1:], ran.stderr[-2000:])
    assert sum(line.startswith("outcome ") for line in lines) == campaign.count


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}


if __name__ == "__main__":
    work(int(sys.argv[1]), int(sys.argv[2]))
