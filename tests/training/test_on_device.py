"""Training with images that stay on JAX's device."""

import keras
import numpy as np
import pytest

from app.augmentation.presets import ROBUST_DIGITS, STRONG
from app.cli.train import main
from app.data.batches import Batches
from app.data.pixels import ResizedImages

needs_jax = pytest.mark.skipif(keras.backend.backend() != "jax", reason="needs KERAS_BACKEND=jax")


@needs_jax
def test_batches_of_the_device_are_those_of_the_cpu():
    from app.augmentation.on_device import DeviceImages

    images = np.full((23, 12, 12, 3), 90, np.uint8)
    images[:, 3:8] += np.arange(23, dtype=np.uint8)[:, np.newaxis, np.newaxis, np.newaxis]
    targets = np.eye(4, dtype=np.float32)[np.arange(23) % 4]
    settings = {"shuffle": True, "augment": STRONG, "seed": 3, "sides": [8, 12]}
    on_cpu = Batches(images, targets, 5, **settings)
    on_device = Batches(images, targets, 5, prepare=DeviceImages(images, targets).batch, **settings)
    for epoch in range(2):
        for batches in (on_cpu, on_device):
            batches.enter_epoch(epoch)
        for index in range(on_cpu.num_batches):
            (ours, our_targets), (theirs, their_targets) = on_device[index], on_cpu[index]
            np.testing.assert_allclose(np.asarray(ours, int), np.asarray(theirs, int), atol=2)
            np.testing.assert_array_equal(our_targets, their_targets)


@needs_jax
@pytest.mark.parametrize("kind", ["too large", "resized when read"])
def test_images_that_are_sent_give_the_batches_of_those_that_stay(monkeypatch, kind):
    from app.augmentation import on_device

    images = np.random.default_rng(0).integers(0, 256, (11, 12, 12, 1), np.uint8)
    targets = np.arange(11, dtype=np.float32)
    staying = on_device.DeviceImages(images, targets)
    monkeypatch.setattr(on_device, "fits_on_device", lambda num_bytes: False)
    given = images if kind == "too large" else ResizedImages(images, (12, 12), 1)
    sent = on_device.DeviceImages(given, targets)
    assert (staying.stay, sent.stay) == (True, False)
    settings = {"shuffle": True, "augment": ROBUST_DIGITS, "workers": 2}
    pair = [Batches(images, targets, 4, prepare=one.batch, **settings) for one in (staying, sent)]
    for index in range(3):
        (expected, labels), (found, found_labels) = (batches[index] for batches in pair)
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(found_labels, labels)


@needs_jax
@pytest.mark.slow
def test_a_run_learns_from_images_on_the_device(tmp_path, capsys):
    command = [
        "--dataset", "digits", "--model", "convnet", "--epochs", "4", "--augment",
        "robust-digits", "--limit", "600", "--output", str(tmp_path), "--cache", "device",
    ]  # fmt: skip
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "Training images are kept and augmented on the device." in printed


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX can do it")
def test_other_backends_refuse_the_device(tmp_path, capsys):
    command = ["--dataset", "digits", "--cache", "device", "--output", str(tmp_path)]
    assert main(command) == 2
    assert "KERAS_BACKEND=jax" in capsys.readouterr().err
    assert not list(tmp_path.rglob("card.json"))
