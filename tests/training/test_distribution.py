"""One run over several processes: the same network as from one, whatever happens to it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from app.cli.processes import places_here
from app.errors import AppError
from app.storage.folder import read_history
from app.training import distribution

pytest.importorskip("jax", reason="jax is not installed")
ROOT = Path(__file__).parent.parent.parent
# The last training batch has 14 images, which two processes divide, 12 with --limit 28; the 9
# validation images are padded.
FLAGS = (
    "--model convnet --image-size 20 --batch-size 16 --precision float32 --augment mixup=0.2 "
    "--limit 30"
)


@pytest.fixture
def start(shapes):
    """Start runs, which end with the test."""
    for folder in shapes.iterdir():
        for number in range(5):
            shutil.copy(folder / f"{number}.png", folder / f"again-{number}.png")
    started = []

    def start(output, *flags, **where):
        started.append(begun(where.pop("dataset", shapes), output, *flags, **where))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate()


def begun(shapes, output, *flags, directory=ROOT):
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT)}
    script = [sys.executable, ROOT / "train.py"]
    command = [*script, "--dataset", shapes, *FLAGS.split(), "--output", output]
    return subprocess.Popen(
        [str(part) for part in (*command, "--name=run", *flags)],
        cwd=directory, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def ended(process):
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def wait_for_epoch(process, epoch):
    for line in process.stdout:
        if re.match(rf"\s*{epoch}/", line):
            return
    raise AssertionError(process.stderr.read())


def children(process):
    """Return the processes that a run has started, by their numbers."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            variables = dict(
                part.split("=", 1)
                for part in folder.joinpath("environ").read_text().split("\0")
                if "=" in part
            )
        except (OSError, ValueError):
            continue
        if parent == process.pid:
            found[json.loads(variables["CONVLAB_PLACE"])["index"]] = int(folder.name)
    return found


@pytest.mark.slow
def test_stopped_with_four_processes_and_resumed_by_two_and_one_it_is_the_run_of_one(
    start, tmp_path
):
    whole, shared = tmp_path / "whole", tmp_path / "shared"
    flags = ("--epochs=5", "--limit=28")  # the last batch has 12 images, which 4 processes divide
    status, _, err = ended(start(whole, *flags))
    assert status == 0, err

    epochs = 0
    for count in (4, 2):
        several = start(shared, *flags, f"--processes={count}", *["--resume"] * bool(epochs))
        wait_for_epoch(several, epochs + 1)
        several.send_signal(signal.SIGTERM)
        status, _, err = ended(several)
        assert status == 143, err
        assert "--resume" in err
        before, epochs = epochs, len(read_history(shared / "run.unfinished" / "history.csv"))
        assert before < epochs < 5

    status, out, err = ended(start(shared, *flags, "--resume"))
    assert status == 0, err
    assert f"Resuming after epoch {epochs}" in out
    one, other = (read_history(folder / "run" / "history.csv") for folder in (whole, shared))
    for expected, row in zip(one, other, strict=True):
        for name in ("loss", "val_loss", "accuracy", "val_accuracy"):
            assert row[name] == pytest.approx(expected[name], abs=2e-4), (name, row)
    models = [keras.models.load_model(folder / "run" / "model.keras") for folder in (whole, shared)]
    for a, b in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-3)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes in /proc")
@pytest.mark.parametrize("index", [0, 1])
def test_a_killed_process_ends_the_run_which_two_others_resume(start, tmp_path, index):
    victim = start(tmp_path, "--epochs=200", "--processes=2")
    wait_for_epoch(victim, 1)
    os.kill(children(victim)[index], signal.SIGKILL)
    status, _, err = ended(victim)
    assert status == 75, err
    assert "Traceback" not in err
    assert f"process {index} was ended by signal 9" in err
    assert "--resume" in err
    epochs = json.loads((tmp_path / "run.unfinished" / "state.json").read_text())["epoch"]
    assert epochs >= 1

    again = start(tmp_path, "--epochs=200", "--processes=2", "--resume")
    wait_for_epoch(again, epochs + 1)
    again.send_signal(signal.SIGTERM)
    status, _, err = ended(again)
    assert status == 143, err


@pytest.mark.slow
def test_of_two_processes_started_one_by_one_only_the_first_reports(start, tmp_path):
    address = places_here(1)[0].coordinator
    together = f"--epochs=1 --processes=2 --coordinator={address}".split()
    first, second = (start(tmp_path, *together, f"--process-id={index}") for index in range(2))
    status, out, err = ended(first)
    assert status == 0, err
    assert "Saved in" in out
    assert (tmp_path / "run" / "model.keras").exists()
    assert ended(second) == (0, "", "")


@pytest.mark.slow
def test_processes_of_different_settings_are_refused_before_the_first_step(start, tmp_path):
    address = places_here(1)[0].coordinator
    together = f"--epochs=1 --processes=2 --coordinator={address}".split()
    started = [
        start(tmp_path / str(index), *together, f"--process-id={index}", f"--seed={index}")
        for index in range(2)
    ]
    for process in started:
        status, _, err = ended(process)
        assert status == 2, err
        assert "Process 1 differs from process 0: seed." in err
    assert not (tmp_path / "0" / "run").exists()


@pytest.mark.slow
def test_a_file_that_only_one_machine_cannot_decode_is_noticed(start, shapes, tmp_path):
    machines = [tmp_path / str(index) for index in range(2)]
    for machine in machines:
        shutil.copytree(shapes, machine / "shapes")
    damaged = next((machines[1] / "shapes").rglob("*.png"))
    content = damaged.read_bytes()
    damaged.write_bytes(content[:40] + bytes(len(content) - 40))  # as long as it was
    address = places_here(1)[0].coordinator
    together = f"--epochs=1 --processes=2 --coordinator={address} --limit=40".split()
    started = [
        start("out", *together, f"--process-id={index}", dataset="shapes", directory=machine)
        for index, machine in enumerate(machines)
    ]
    for process in started:
        status, _, err = ended(process)
        assert status == 2, err
        assert "Process 1 differs from process 0: number of " in err


def test_a_process_of_several_devices_is_refused(monkeypatch):
    monkeypatch.setattr(distribution, "_share", distribution.Share(0, 2))
    monkeypatch.setattr("jax.local_device_count", lambda: 2)
    with pytest.raises(AppError, match="has 2 devices") as caught:
        distribution.begin()
    assert "CUDA_VISIBLE_DEVICES" in caught.value.fix


@pytest.mark.slow
def test_a_batch_that_cannot_be_divided_is_refused(start, tmp_path):
    status, _, err = ended(start(tmp_path, "--batch-size=9", "--processes=2"))
    assert status == 2
    assert "--batch-size 9 with 2 processes" in err
    assert "Use --batch-size 8." in err
