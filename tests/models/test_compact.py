import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from app.layers.cosine_filters import cosine_filters
from app.models import build_model

ROOT = Path(__file__).parents[2]


def test_the_stem_does_not_learn():
    model = build_model("compact", (40, 40, 3), 2, 0.0)
    before = [weight.numpy() for weight in model.get_layer("stem").weights]
    np.testing.assert_allclose(before[0], cosine_filters(5, 3, 32), atol=1e-6)
    model.compile(optimizer="sgd", loss="binary_crossentropy")
    images = np.random.default_rng(0).integers(0, 256, (4, 40, 40, 3), np.uint8)
    model.train_on_batch(images, np.array([0, 1, 0, 1]))
    np.testing.assert_array_equal(model.get_layer("stem").weights[0].numpy(), before[0])


@pytest.mark.slow
def test_a_process_that_knows_the_layers_alone_opens_the_network(tmp_path):
    build_model("compact", (32, 32, 3), 2, 0.0).save(tmp_path / "m.keras")
    code = "import app.layers, keras, sys; print(keras.models.load_model(sys.argv[1]).name)"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "m.keras")],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    assert done.stdout.strip() == "compact"


def test_a_saved_network_has_the_same_weights(tmp_path):
    model = build_model("compact", (32, 32, 3), 2, 0.0)
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert not loaded.get_layer("stem").trainable
    for one, other in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
