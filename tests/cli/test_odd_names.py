"""Files whose names are no text: whatever is drawn of them shows an escape."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import main
from tests.conftest import latin_1

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "command",
    [
        ["plot", "responses", "mnist-convnet"],
        ["plot", "gradcam", "mnist-convnet"],
        ["plot", "augment"],
        ["plot", "augment", "--fill-modes"],
        ["lecture", "kernels"],
        ["lecture", "pooling"],
    ],
    ids=" ".join,
)
def test_a_photograph_is_drawn_whatever_its_name(command, tmp_path, capsys):
    photograph = tmp_path / latin_1("drei-ü.jpg")
    shutil.copy(ROOT / "tests" / "images" / "three.jpg", photograph)
    drawn = tmp_path / "drawn.png"
    assert main([*command, str(photograph), "-o", str(drawn)]) == 0
    assert drawn.read_bytes().startswith(b"\x89PNG")
    assert f"wrote {drawn}" in capsys.readouterr().err


@pytest.mark.slow
def test_a_model_is_drawn_whatever_its_name(tmp_path):
    model = tmp_path / latin_1("ü.keras")
    shutil.copy(ROOT / "saved_models" / "mnist-convnet" / "model.keras", model)
    drawn = tmp_path / "drawn.png"
    # A process of its own: pytest's workers cannot pass the warning on, which has the name in it.
    done = subprocess.run(
        [sys.executable, "-m", "app", "plot", "filters", str(model), "-o", str(drawn)],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert drawn.read_bytes().startswith(b"\x89PNG")
