"""One loaded model used by many threads gives what one thread gives."""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import numpy as np
import pytest

from app.classifier import load
from app.insight.activations import response_maps
from app.insight.grad_cam import grad_cam
from app.insight.saliency import saliency

THREADS = 8


def in_threads(ask, arguments):
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(ask, arguments))


def batches(count, side, channels):
    random = np.random.default_rng(0)
    shape = (side, side, channels)
    return [random.integers(0, 256, (1 + k % 3, *shape), np.uint8) for k in range(count)]


@pytest.mark.parametrize("engine", ["litert", "keras"])
def test_probabilities_of_eight_threads_equal_those_of_one(shapes_model, engine):
    folder, _ = shapes_model
    path = folder if engine == "litert" else folder / "model.keras"
    with pytest.warns(match="no card") if engine == "keras" else nullcontext():
        classifier = load(path)
    assert classifier.engine == engine
    asked = batches(96 if engine == "litert" else 24, 32, 3)
    expected = [classifier.probabilities(images) for images in asked]
    for found, wanted in zip(in_threads(classifier.probabilities, asked), expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_load_in_eight_threads_gives_working_models(shapes_model, capfd):
    folder, data = shapes_model
    images = sorted(data.glob("*/*.png"))[:3]
    expected = [p.probabilities for p in load(folder).predict(images)]
    models = in_threads(lambda _: load(folder), range(THREADS))
    for model in models:
        assert [p.probabilities for p in model.predict(images)] == expected
    os.write(2, b"standard error is back\n")
    assert "standard error is back" in capfd.readouterr().err


def test_explanations_in_eight_threads_equal_those_of_one(shapes_model):
    model = load(shapes_model[0]).inspect()
    image = batches(1, 32, 3)[0][0]

    def ask(k):
        if k % 4 == 0:
            return grad_cam(model, image, k % 3)
        if k % 4 == 1:
            return saliency(model, image, k % 3, method="gradient")
        if k % 4 == 2:
            return response_maps(model, image)[0].maps
        return model.probabilities(image[np.newaxis])

    expected = [ask(k) for k in range(24)]
    for found, wanted in zip(in_threads(ask, range(24)), expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert not [part.path for part in model.layers if "call" in vars(part.layer)]


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_a_forked_process_uses_the_model_of_its_parent(shapes_model):
    code = (
        "import os, sys, threading\n"
        "import numpy as np\n"
        "from app.classifier import load\n"
        f"model = load(r'{shapes_model[0]}')\n"
        "images = np.zeros((3, 32, 32, 3), np.uint8)\n"
        "expected = model.probabilities(images)\n"
        "ask = lambda: [model.probabilities(images) for _ in range(200)]\n"
        "threads = [threading.Thread(target=ask, daemon=True) for _ in range(3)]\n"
        "[thread.start() for thread in threads]\n"
        "for _ in range(5):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        os._exit(int(not np.allclose(model.probabilities(images), expected)))\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
