"""README's way from pictures to an exported model, one command after the other."""

import re
import shlex
import subprocess
import sys

import numpy as np
import pytest

from app.cli.train import main as train
from app.label_errors.out_of_fold import OutOfFold
from tests.test_readme import COMMANDS

# What makes a command quick, or lets a network of two epochs pass; by what it contains.
MORE = {
    "train.py": ["--epochs", "2", "--precision", "float32", "--image-size", "32"],
    "export": ["--tolerance", "100", "--keep-slower"],
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::app.errors.AppWarning")  # shown to the user
def test_the_story_runs_offline(run, monkeypatch, tmp_path, no_data, no_network):
    """Drawn pictures stand in for the photographs, and no networks check the labels."""
    few = {"train": (0, 30), "validation": (30, 35), "test": (35, 40)}
    monkeypatch.setattr("app.data.drawn.cache.RANGES", few)
    monkeypatch.setattr(OutOfFold, "probabilities", _certain)
    monkeypatch.chdir(tmp_path)
    story = [command for command in COMMANDS if re.search(r"\bpets", command)]
    assert len(story) == 7
    for command in story:
        words = shlex.split(command)
        more = next((flags for name, flags in MORE.items() if name in words), [])
        if words[1].endswith("run.py"):
            words[2:] = map(str, tmp_path.glob(words[2]))  # as a shell does
            done = subprocess.run([sys.executable, *words[1:]], capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            found = [line.split() for line in done.stdout.splitlines()]
            assert sorted(name for _, name in found) == ["cat", "dog"]
            assert sum(float(share) for share, _ in found) == pytest.approx(1, abs=1e-4)
        elif words[1] == "train.py":
            assert run(*words[2:], *more, entry_point=train)[0] == 0
        else:
            status, out, err = run(*words[3:], *more)
            assert status == 0, err
            assert out
    for path in ("pets/cat/001.png", "sorted", "pets-errors/reliability.png", "labels"):
        assert (tmp_path / path).exists()


def _certain(self, images, reporter):
    """Return probabilities that agree with the labels."""
    return np.where(np.eye(len(self.class_names), dtype=bool)[images.labels], 0.9, 0.1)
