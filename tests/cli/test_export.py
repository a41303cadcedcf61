"""The command `export` beyond pages: models as LiteRT."""

import numpy as np
import pytest

from app.augmentation.tta import identity
from app.classifier import load
from app.export.litert import LiteRTModel
from tests.shipped import MODELS

pytestmark = pytest.mark.slow

TINY = MODELS / "mnist-tiny"


def test_export_litert_writes_a_file_whose_outputs_are_those_of_keras(run, tmp_path):
    target = tmp_path / "tiny.tflite"
    status, out, err = run("export", TINY, "--format", "litert", "-o", target)
    assert (status, out) == (0, "")
    assert "differs from Keras by" in err
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28, 1), np.uint8)
    expected = load(TINY).inspect().values(images, views=(identity,))
    np.testing.assert_allclose(LiteRTModel(target)(images), expected, atol=1e-5)
    assert run("export", TINY, "--format", "litert", "-o", target)[0] == 0  # its own kind
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.tflite"]


def test_export_litert_replaces_nothing_else(run, tmp_path):
    target = tmp_path / "notes.tflite"
    target.write_text("my notes", "utf-8")
    status, _, err = run("export", TINY, "--format", "litert", "-o", target)
    assert status == 2
    assert "exists and is not a LiteRT file" in err
    assert target.read_text("utf-8") == "my notes"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((TINY, TINY, "--format", "litert", "-o", "m.tflite"), "with 2 models"),
        ((TINY, "--format", "litert", "-o", "m.html"), "files .html are not written"),
        ((TINY, "-o", "m.tflite"), "files .tflite are not written"),
        ((TINY, "-o", "m.html", "--samples", "-1"), "--samples is -1"),
        ((TINY, "-o", "m.html", "--format", "onnx"), "html, litert"),
    ],
)
def test_export_refuses_what_it_cannot_write(run, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    status, _, err = run("export", *words)
    assert status == 2
    assert message in err
    assert list(tmp_path.iterdir()) == []
